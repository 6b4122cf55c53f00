"""Pictures drawn by code, to widen a small set of paintings with more marks, materials and palettes."""

import random
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.training.procedural import drawn, laid, painted
from stylize.training.procedural.sheet import Sheet

MATERIALS: dict[str, tuple[Callable[[Sheet], Tensor], float]] = {  # and how often, relatively
    "hatching": (drawn.hatching, 1.5),
    "woodcut": (drawn.woodcut, 1.5),
    "halftone": (drawn.halftone, 0.7),
    "stipple": (drawn.stipple, 1.3),
    "weave": (drawn.weave, 0.7),
    "stripes": (drawn.stripes, 0.6),
    "mosaic": (laid.mosaic, 1.3),
    "stained glass": (laid.stained_glass, 1.0),
    "scales": (laid.scales, 0.6),
    "facets": (laid.facets, 1.2),
    "collage": (laid.collage, 0.8),
    "brushwork": (painted.brushwork, 3.0),
    "streaks": (painted.streaks, 2.0),
    "watercolour": (painted.watercolour, 1.5),
    "chalk": (painted.chalk, 1.2),
    "splatter": (painted.splatter, 1.0),
    "whirls": (painted.whirls, 1.0),
    "marble": (painted.marble, 0.8),
}


def procedural_style(side: int, rng: random.Random, material: str | None = None) -> Tensor:
    """A random picture of one material (or two side by side), (3, side, side) float32 in [0, 1].

    The same state of ``rng`` gives the same picture; side from 32 up. material: a key of `MATERIALS` instead of a
    random one. Marks are 3 to 60 px wide whatever the side.
    """
    sheet = Sheet(side, rng)
    picture = _draw(sheet, material)
    if material is None and sheet.chance(0.12):
        border = sheet.fractal(side * sheet.between(0.2, 0.6), 3) - sheet.between(-0.5, 0.5)
        picture = drawn.over(picture, _draw(sheet, None), drawn.soft(border, sheet.between(0.02, 0.3)))
    return _aged(sheet, picture).clamp_(0, 1).contiguous()


def _draw(sheet: Sheet, material: str | None) -> Tensor:
    if material is None:
        material = sheet.rng.choices(list(MATERIALS), [share for _, share in MATERIALS.values()])[0]
    return MATERIALS[material][0](sheet)


def _aged(sheet: Sheet, picture: Tensor) -> Tensor:
    """Paper grain, uneven light, now and then canvas or a slightly soft eye: as scans of real things look."""
    light = 1 + sheet.white() * sheet.between(0.0, 0.05) + sheet.noise(sheet.side / 2) * sheet.between(0, 0.05)
    if sheet.chance(0.3):
        light = light + sheet.noise(sheet.size(2, 5)) * sheet.between(0.01, 0.06)
    if sheet.chance(0.12):
        light = light + ((sheet.x * 2.1).sin() + (sheet.y * 2.1).sin()) * sheet.between(0.01, 0.03)
    picture = picture * light
    if sheet.chance(0.5):
        around = F.pad(picture[None], (1, 1, 1, 1), mode="reflect")[0]
        beside = around[:, 1:-1, :-2] + around[:, 1:-1, 2:] + around[:, :-2, 1:-1] + around[:, 2:, 1:-1]
        picture = torch.lerp(picture, beside / 4, sheet.between(0.1, 0.5))
    return picture
