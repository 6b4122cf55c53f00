"""Named paintings to choose from. Listing them needs no torch; their codes are in `codes`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stylize.errors import StyleError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Preset:
    """A painting by its short name, such as "starry-night"; year as museums write it, such as "c. 1831".

    picture: file name of the painting, which its code was made from; it does not ship.
    """

    name: str
    title: str
    artist: str
    year: str
    picture: str


@cache
def all_presets() -> tuple[Preset, ...]:
    """Every preset, in the order in which they are offered."""
    listed = tomllib.loads((HERE / "presets.toml").read_text())["preset"]
    return tuple(Preset(**entry) for entry in listed)


def find_preset(name: str) -> Preset:
    """Raises StyleError, with the names that there are, for an unknown one."""
    for preset in all_presets():
        if preset.name == name.strip().lower():
            return preset
    raise StyleError(f"There is no preset “{name}”. Choose one of: {', '.join(p.name for p in all_presets())}.")


def preview_sheet() -> Path:
    """A JPEG that shows every preset on one photo, painted by us."""
    return HERE / "sheet.jpg"
