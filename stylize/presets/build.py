"""Readings optimised for each preset, and the sheet that shows them all."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file, save_file
from torch import Tensor

from stylize.labels import fitting, label_font
from stylize.methods.adaptive import Adaptive
from stylize.methods.adaptive_net import READING_SIZE, noise_like
from stylize.pictures import Picture
from stylize.presets import Preset, all_presets
from stylize.training.adaptive import Judge, StyleLook, Verdict
from stylize.training.data import random_crop
from stylize.training.recipe import AdaptiveRecipe

SIDE = 256  # px of the crops that a code is tried on
RATE = 0.04  # of a descent step, as a share of how much the numbers of a reading differ
CELL = 320  # px: long side of one picture on the sheet


def optimise_style(
    method: Adaptive,
    style: Tensor,
    photos: Sequence[Tensor],
    judge: Judge,
    recipe: AdaptiveRecipe,
    steps: int = 50,
    batch: int = 2,
) -> tuple[Tensor, float, float]:
    """The reading that makes the nets paint most like one painting, found by descent through the frozen nets.

    style: (3, H, W) uint8, the painting with its short side at the encoder's scale; photos likewise. Minimises the
    training loss over random crops of the photos, from the encoder's own reading; the palette is the painting's.
    Returns both as one style, (STYLE_SIZE,), and the style distance of the encoder's style and of the returned one on
    the same crops; where descent comes no nearer the encoder's style stays.
    """
    rng = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    nets, painting = method.nets, style[None].float() / 255
    look = StyleLook.of(painting, judge, len(recipe.sizes))
    start = method.prepare([Picture(style.permute(1, 2, 0).contiguous().numpy())])[0].clone()
    crops = torch.stack([random_crop(rng.choice(photos), SIDE, recipe.content_scales, rng) for _ in range(8 * batch)])

    def paint(photos_now: Tensor, codes: Tensor) -> Tensor:
        noise = noise_like(photos_now.to(method.precision))
        painted: Tensor = nets.painter(photos_now.to(method.precision), codes, noise)
        return painted

    def with_palette(reading: Tensor) -> Tensor:
        return torch.cat([reading, start[READING_SIZE:]])

    def verdict(reading: Tensor, photos_now: Tensor) -> Verdict:
        with torch.no_grad():
            structure = judge(photos_now)
        styles = with_palette(reading).expand(len(photos_now), -1)
        painted = nets.coloured(paint(photos_now, nets.aimed(photos_now, styles, paint)), styles)
        return Verdict.of(painted, painting.expand(len(painted), -1, -1, -1), look, structure, judge, recipe)

    def distance(reading: Tensor) -> float:
        with torch.no_grad():
            return float(verdict(reading, crops[: 2 * batch]).style.mean())

    own = start[:READING_SIZE]
    reading = own.clone().requires_grad_()
    rate = RATE * float(own.std())
    optimiser = torch.optim.Adam([reading], lr=rate)
    mean = own.clone()
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * min(1.0, 2 * (1 - step / steps))
        at = step * batch % len(crops)
        found = verdict(reading, crops[at : at + batch])
        (
            recipe.style_weight * torch.log1p(found.style.mean())
            + recipe.palette_weight * found.palette.mean()
            + recipe.content_weight * found.content.mean()
        ).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
        mean = reading.detach().clone() if step < steps // 2 else mean.lerp(reading.detach(), 0.1)
    before, after = distance(own), distance(mean)
    return (with_palette(mean), before, after) if after < before else (start, before, before)


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


def draw_sheet(photo: Picture, painted: Sequence[tuple[Preset, Picture]], columns: int = 4) -> Image.Image:
    """All presets on one photo, each with its title and artist below, the photo itself nowhere: it is known."""
    font, small = label_font(19), label_font(15)
    cell = photo.resized(CELL).size
    gap, label = 14, 50
    rows = -(-len(painted) // columns)
    sheet = Image.new("RGB", (columns * (cell[0] + gap) + gap, rows * (cell[1] + label + gap) + gap), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (preset, picture) in enumerate(painted):
        left = gap + index % columns * (cell[0] + gap)
        top = gap + index // columns * (cell[1] + label + gap)
        sheet.paste(picture.to_pil().resize(cell, Image.Resampling.LANCZOS), (left, top))
        pen.text((left, top + cell[1] + 4), fitting(preset.title, font, cell[0]), "black", font)
        pen.text((left, top + cell[1] + 27), preset.artist, "dimgray", small)
    return sheet


def picture_files() -> dict[str, str]:
    """Preset name -> file name of its painting, as presets.toml has them."""
    return {preset.name: preset.picture for preset in all_presets()}
