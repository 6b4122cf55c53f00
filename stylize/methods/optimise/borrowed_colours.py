"""Colours taken from another picture.

The targets of a sentence are told by few numbers, whose errors ask for variance that none of its pictures has: patches
of strange colour in skies and walls. The fast painter's colours don't suffer from that.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

CELLS = 12  # along the long side: narrower patches are strokes
DIRECTIONS = 32  # in the plane of colours of one lightness, along which a palette is measured
SLACK = 0.06  # of 1: how far beyond a palette strokes may go
RARE = 0.002  # share of a picture's pixels that lie beyond its palette, in each direction
SAMPLE = 160  # px, long side of what a palette is measured on
_LUMA = torch.tensor([0.299, 0.587, 0.114])  # ITU-R BT.601


def with_colours_of(source: Tensor, picture: Tensor, share: float) -> Tensor:
    """A picture (1, 3, H, W) in [0, 1] with the colours of another one, of any size, in wide areas; patches too narrow
    for that get at least no colour that the other has nowhere.

    Light and dark stay its own. share: 0 leaves it as it is, 1 goes all the way.
    """
    if not share:
        return picture
    return torch.lerp(picture, _within_palette(source, _with_wide_colours(source, picture)), share).clamp(0, 1)


def _with_wide_colours(source: Tensor, picture: Tensor) -> Tensor:
    size = picture.shape[2:]
    cells = (max(1, round(CELLS * size[0] / max(size))), max(1, round(CELLS * size[1] / max(size))))
    apart = F.adaptive_avg_pool2d(source, cells) - F.adaptive_avg_pool2d(picture, cells)
    return picture + F.interpolate(apart - _luma(apart), size, mode="bicubic")


def _within_palette(source: Tensor, picture: Tensor) -> Tensor:
    """Colours beyond those of the source are drawn towards its mean until they are near its palette, which is a convex
    polygon in each plane of one lightness, the same for all."""
    small = F.interpolate(source, scale_factor=min(1.0, SAMPLE / max(source.shape[2:])), mode="area")
    theirs, ours = (each - _luma(each) for each in (small, picture))
    mean = theirs.mean((2, 3), keepdim=True)
    angles = torch.arange(DIRECTIONS, device=picture.device) * (2 * math.pi / DIRECTIONS)
    directions = torch.stack([angles.cos(), angles.sin()], dim=1) @ _plane().to(picture)
    edge = torch.einsum("dc,bchw->bdhw", directions, theirs - mean).flatten(2).quantile(1 - RARE, dim=2)
    beyond = torch.einsum("dc,bchw->bdhw", directions, ours - mean) / (edge + SLACK)[:, :, None, None]
    within = mean + (ours - mean) / beyond.amax(1, keepdim=True).clamp_min(1.0)
    return _luma(picture) + within


def _plane() -> Tensor:
    """(2, 3): an orthonormal basis of the colours without luma."""
    full: Tensor = torch.linalg.svd(_LUMA[None])[2]
    return full[1:]


def _luma(pictures: Tensor) -> Tensor:
    return (pictures * _LUMA.to(pictures)[:, None, None]).sum(1, keepdim=True)
