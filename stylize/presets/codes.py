"""What a preset is to the painter: an optimised reading and the painting's palette."""

from safetensors import safe_open
from torch import Tensor

from stylize.errors import WeightsError
from stylize.presets import find_preset
from stylize.weights import shipped


def preset_code(name: str, code_net: str) -> Tensor:
    """The preset as `Method.prepare` would give it, (Z,) float32.

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
