"""The palette of a style, and paintings brought nearer to it.

What a net misses of a style's colours can be put right without a net: of all linear maps that take one mean and
covariance of colours to another, the one that moves colours least (Monge's; Pitié and Kokaram, "The linear
Monge-Kantorovitch colour mapping", 2007). The painter learns together with it and spends itself on strokes.
"""

import torch
from torch import Tensor

from stylize.colour import oklab_to_srgb, srgb_to_oklab

PALETTE_SIZE = 9  # mean RGB, and the upper triangle of the covariance's root
STEEPEST = 2.0  # contrast is at most doubled along any direction of colour, or halved: more shows noise, or clips
_FLOOR = 1e-5  # variance, under one step of 8 bits, below which there is no colour to stretch
_ROWS, _COLUMNS = torch.triu_indices(3, 3)


def palette_of(pictures: Tensor) -> Tensor:
    """Palettes, (B, PALETTE_SIZE) float32, of pictures (B, 3, H, W) in [0, 1].

    With the root instead of the covariance itself, every weighted mean of palettes is a palette.
    """
    mean, covariance = _moments(pictures.float().flatten(2))
    return torch.cat([mean, _root(covariance)[:, _ROWS, _COLUMNS]], dim=1)


def towards_palette(painted: Tensor, palettes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What takes each painting to its palette: means of the paintings and of the palettes, (B, 3) each, and the maps of
    colours around them, (B, 3, 3).

    painted: colours of each painting, (B, 3, N) in [0, 1]; palettes: (B, PALETTE_SIZE). The means carry gradients, the
    maps are taken as given.
    """
    mean, covariance = _moments(painted)
    with torch.no_grad():
        # Roots of products of roots need the digits; a CPU takes less time for so few numbers than a GPU.
        theirs = torch.zeros(len(palettes), 3, 3, dtype=torch.float64)
        theirs[:, _ROWS, _COLUMNS] = palettes[:, 3:].double().cpu()
        theirs[:, _COLUMNS, _ROWS] = theirs[:, _ROWS, _COLUMNS]
        ours = _root(covariance.double().cpu())
        inverse = torch.linalg.inv(ours)
        maps = inverse @ _root(ours @ theirs @ theirs @ ours) @ inverse
        gains, axes = torch.linalg.eigh(maps)
        maps = axes * gains.clamp(1 / STEEPEST, STEEPEST)[:, None] @ axes.mT
    return mean, palettes[:, :3], maps.to(mean)


def in_light(palettes: Tensor, lightness: float) -> Tensor:
    """Palettes (B, PALETTE_SIZE) in more light or in less, until their means are as light as the grey of this L*.

    lightness: L* of CIE 1976, from 8 up to 100. Hue and saturation stay: in Oklab, where the L of greys is (L* + 16) /
    116, all three numbers of a mean change alike. Contrast grows with more light, or blacks would turn grey, and stays
    in less, or all would fade.
    """
    means = srgb_to_oklab(palettes[:, :3].T[:, None])
    gain = (lightness + 16) / 116 / means[0].clamp_min(1e-3)
    return torch.cat([oklab_to_srgb(means * gain)[:, 0].T, palettes[:, 3:] * gain.T.clamp_min(1)], dim=1)


def _moments(colours: Tensor) -> tuple[Tensor, Tensor]:
    """Means (B, 3) and covariances (B, 3, 3) of colours (B, 3, N)."""
    mean = colours.mean(2)
    apart = colours - mean[:, :, None]
    return mean, apart @ apart.mT / colours.shape[2] + _FLOOR * torch.eye(3, device=colours.device)


def _root(squares: Tensor) -> Tensor:
    """The symmetric square root of each of (B, 3, 3)."""
    values, axes = torch.linalg.eigh(squares)
    root: Tensor = axes * values.clamp_min(0).sqrt()[:, None] @ axes.mT
    return root
