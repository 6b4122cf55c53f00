"""The presets that people can choose, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stylize import Preset


class Catalogue:
    """All presets, by their names."""

    def __init__(self, presets: Sequence[Preset]) -> None:
        self._presets = {preset.name: preset for preset in presets}

    @property
    def shown(self) -> list[Preset]:
        """Those that are offered."""
        return list(self._presets.values())

    def named(self, name: str) -> Preset | None:
        """The preset of this name, be it offered or not."""
        return self._presets.get(name)
