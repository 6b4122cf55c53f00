"""The presets that people can choose, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.presets import Added, Change
    from stylize import Preset


@dataclass(frozen=True)
class Painting:
    """Files of a preset that the operator added: the painting, its code, and a preview of what is painted by it."""

    picture: Path
    code: Path
    preview: Path

    @classmethod
    def of(cls, folder: Path, name: str) -> Painting:
        """Where they lie for a preset of this name, be they there or not."""
        return cls(folder / f"{name}.jpg", folder / f"{name}.safetensors", folder / f"{name}.preview.jpg")


class Catalogue:
    """All presets, by their names: those that ship, and those of the operator, whose files lie in the folder.

    Live: what the operator changes is `refresh`ed, and everybody who asks next sees it.
    """

    def __init__(self, presets: Sequence[Preset], folder: Path = Path("presets")) -> None:
        self._shipped = tuple(presets)
        self.folder = folder
        self.refresh((), {})

    def refresh(self, added: Sequence[Added], changes: Mapping[str, Change]) -> None:
        """Takes in what the operator added and changed."""
        from stylize import Preset

        own = [Preset(each.name, each.title, each.artist, "", f"{each.name}.jpg") for each in added]
        every = [*self._shipped, *own]
        places = {name: change.place for name, change in changes.items() if change.place is not None}
        every.sort(key=lambda preset: places.get(preset.name, max(places.values(), default=0) + 1))
        titled = (
            replace(preset, title=changes[preset.name].title)
            if preset.name in changes and changes[preset.name].title
            else preset
            for preset in every
        )
        self._presets = {preset.name: preset for preset in titled}
        self._own = {each.name for each in added}
        self._deleted = {each.name for each in added if each.deleted}
        self._hidden = {name for name, change in changes.items() if change.hidden}

    @property
    def listed(self) -> list[Preset]:
        """All that there are, be they offered or not."""
        return [preset for name, preset in self._presets.items() if name not in self._deleted]

    @property
    def shown(self) -> list[Preset]:
        """Those that are offered."""
        return [preset for preset in self.listed if preset.name not in self._hidden]

    def named(self, name: str) -> Preset | None:
        """The preset of this name, be it offered or not."""
        return self._presets.get(name)

    def offers(self, name: str) -> bool:
        """Whether there is such a preset and people see it."""
        return name in self._presets and name not in self._deleted and name not in self._hidden

    def is_own(self, name: str) -> bool:
        """Whether the operator added it."""
        return name in self._own

    def own(self, name: str) -> Painting | None:
        """The files of a preset of the operator; None for those that ship, and once the files are gone."""
        if name not in self._own:
            return None
        painting = Painting.of(self.folder, name)
        return painting if painting.picture.is_file() else None
