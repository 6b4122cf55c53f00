"""Random palettes, such as printers, glaziers and painters use them."""

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.colour import oklab_to_srgb


@dataclass(frozen=True)
class Palette:
    """Colours from dark to light, (N, 3) sRGB in [0, 1]."""

    colours: Tensor

    @property
    def dark(self) -> Tensor:
        """(3, 1, 1)"""
        return self.colours[0].view(3, 1, 1)

    @property
    def light(self) -> Tensor:
        """(3, 1, 1)"""
        return self.colours[-1].view(3, 1, 1)

    def any(self, rng: random.Random) -> Tensor:
        """(3, 1, 1)"""
        return self.colours[rng.randrange(len(self.colours))].view(3, 1, 1)

    def blend(self, tone: Tensor) -> Tensor:
        """tone in [0, 1] of any shape (…) -> (3, …), colours running into each other from dark to light."""
        place = tone.clamp(0, 1) * (len(self.colours) - 1)
        lower = place.floor().clamp_(max=len(self.colours) - 2)
        part = place - lower
        low = lower.long()
        return torch.lerp(self._at(low), self._at(low + 1), part)

    def step(self, tone: Tensor) -> Tensor:
        """tone in [0, 1] of any shape (…) -> (3, …), each the flat colour that it falls on."""
        index = (tone.clamp(0, 0.9999) * len(self.colours)).long()
        return self._at(index)

    def _at(self, index: Tensor) -> Tensor:
        return torch.stack([row.index_select(0, index.flatten()).view(index.shape) for row in self.colours.T])


def random_palette(rng: random.Random) -> Palette:
    """2 to 7 colours: ink on paper, one hue, neighbours, opposites, earths or anything."""
    kind = rng.choices(("ink", "one", "near", "opposite", "earth", "free"), (3, 1, 3, 5, 2, 5))[0]
    if kind == "ink":
        return _ink_on_paper(rng)
    count = rng.randint(3, 7)
    hue, vivid = rng.random(), rng.uniform(0.4, 1.2)
    low, high = rng.uniform(0.1, 0.4), rng.uniform(0.7, 0.98)
    if rng.random() < 0.15:  # all dark or all light
        low, high = rng.choice(((0.1, 0.5), (0.55, 0.97)))
    spread = {"one": 0.03, "near": 0.15, "opposite": 0.06, "earth": 0.05, "free": 0.5}[kind]
    if kind == "earth":
        hue, vivid = rng.uniform(0.08, 0.24), vivid * 0.45
    colours = []
    for place in range(count):
        lightness = low + (high - low) * (place + rng.uniform(-0.3, 0.3)) / (count - 1)
        turned = 0.5 if kind == "opposite" and rng.random() < 0.4 else 0.0
        colours.append((lightness, vivid * rng.uniform(0.3, 1.0), hue + turned + rng.uniform(-spread, spread)))
    return Palette(_to_srgb(colours))


def _ink_on_paper(rng: random.Random) -> Palette:
    paper = (rng.uniform(0.85, 0.99), rng.choice((0.02, 0.1, 0.3)), rng.uniform(0.15, 0.35))
    if rng.random() < 0.2:
        paper = (rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.6), rng.random())
    inks = [(rng.uniform(0.08, 0.45), rng.choice((0.0, 0.2, 0.7, 1.0)), rng.random()) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.15:  # chalk on slate
        paper, inks = (
            (rng.uniform(0.1, 0.3), rng.uniform(0, 0.3), rng.random()),
            [(rng.uniform(0.8, 0.98), rng.uniform(0, 0.5), rng.random())],
        )
    return Palette(_to_srgb([*inks, paper], ordered=False))


def _to_srgb(colours: list[tuple[float, float, float]], ordered: bool = True) -> Tensor:
    """(lightness in [0, 1], share of the chroma that this lightness can hold, hue in turns) of each -> (N, 3)."""
    if ordered:
        colours = sorted(colours)
    lab = torch.tensor(
        [
            (light, chroma * math.cos(2 * math.pi * hue), chroma * math.sin(2 * math.pi * hue))
            for light, part, hue in colours
            for chroma in [0.26 * part * (1 - abs(2 * light - 1.1) ** 3)]
        ]
    )
    return oklab_to_srgb(lab.T[..., None])[..., 0].T.contiguous()
