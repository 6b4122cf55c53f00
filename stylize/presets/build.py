"""Readings optimised for each preset."""

from collections.abc import Callable, Sequence
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from stylize.methods.adaptive import Adaptive
from stylize.presets import all_presets
from stylize.presets.descent import ReadingDescent
from stylize.training.judging import Judge
from stylize.training.recipe import AdaptiveRecipe


def optimise_style(
    method: Adaptive,
    style: Tensor,
    photos: Sequence[Tensor],
    judge: Judge,
    recipe: AdaptiveRecipe,
    steps: int = 50,
    batch: int = 2,
) -> tuple[Tensor, float, float]:
    """The result of a whole `ReadingDescent`."""
    descent = ReadingDescent(method, style, photos, judge, recipe, steps, batch)
    while not descent.done:
        descent.advance()
    return descent.result()


def build_codes(
    method: Adaptive,
    paintings: dict[str, Tensor],
    photos: Sequence[Tensor],
    judge: Judge,
    recipe: AdaptiveRecipe,
    path: Path,
    report: Callable[[str, float, float], None],
    steps: int = 50,
) -> None:
    """Optimises and saves one code per painting (preset name -> (3, H, W) uint8); goes on where it was stopped."""
    part = path.with_suffix(".part")
    done = dict(load_file(part).items()) if part.exists() else {}
    for name, painting in paintings.items():
        if name in done:
            continue
        code, before, after = optimise_style(method, painting, photos, judge, recipe, steps)
        report(name, before, after)
        done[name] = code.half()
        save_file(done, part)
    save_file(done, path, {"code_net": method.weights, "recipe": f"presets, {steps} steps, seed {recipe.seed}"})
    part.unlink(missing_ok=True)


def picture_files() -> dict[str, str]:
    """Preset name -> file name of its painting, as presets.toml has them."""
    return {preset.name: preset.picture for preset in all_presets()}
