"""Named paintings to choose from, with codes optimised for each."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from safetensors import safe_open
from torch import Tensor

from stylize.errors import StyleError, WeightsError
from stylize.weights import shipped

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


def preset_code(name: str, code_net: str) -> Tensor:
    """The optimised style code, (CODE_SIZE,) float32.

    code_net: sha256 of the weights that will read it. Raises StyleError for an unknown name, WeightsError where the
    codes were made for other weights.
    """
    preset = find_preset(name)
    with safe_open(shipped("presets"), framework="pt") as file:
        if (file.metadata() or {}).get("code_net") != code_net:
            raise WeightsError("The presets were made for other weights. `stylize presets build` makes them anew.")
        if preset.name not in file.keys():  # noqa: SIM118 - not a dict
            raise WeightsError(f"The preset {preset.name} has no code yet. `stylize presets build` makes it.")
        code: Tensor = file.get_tensor(preset.name)
    return code.float()


def preview_sheet() -> Path:
    """A JPEG that shows every preset on one photo, painted by us."""
    return HERE / "sheet.jpg"
