"""Whose colours a picture wears: a painting in the photo's colours, or the photo in those of a painting.

All ways work in OkLab (Ottosson 2020), where distances are near to what the eye sees and lightness is apart
from colour, on linear light, and in strips of rows so that large pictures need little memory above their own.

`keep_colours` is what a user means by "keep my colours"; it was chosen by eye over its two parts. `match_colours`
alone has the photo's palette but not in its places (a yellow wing turns green, a red sail grey, where the style
painted them alike); `luminance_only` has exactly the photo's colours, and flattens strokes that differ in hue alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from stylize.request import Colours

_CELLS = 48  # regions along the long side: finer ones erase strokes, coarser ones let colours of neighbours mix
_STRIP = 64  # rows: small enough for a core's cache
_SAMPLES = 512  # a side, for moments and quantiles
_KNOTS = 17  # quantiles of a tone curve
_STEEPEST = 4.0  # slope of a tone curve: beyond, a clear sky shows its bands and its blocks of compression
_FLOOR = 1e-5  # OkLab variance below which colour is noise: a third of a just noticeable step, squared

_CALM = 1e-4  # the same for a photo, whose noise is to stay invisible

# Björn Ottosson, "A perceptual color space for image processing", 2020: linear sRGB to cone responses, and the
# cube roots of those to (L, a, b).
_TO_CONES = torch.tensor(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=torch.float64,
)
_TO_LAB = torch.tensor(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=torch.float64,
)
_FROM_CONES, _FROM_LAB = torch.linalg.inv(_TO_CONES), torch.linalg.inv(_TO_LAB)
_LUMINANCE = (0.2126, 0.7152, 0.0722)  # Rec. 709


def wear(painted: Tensor, photo: Tensor, colours: Colours) -> Tensor:
    """The result in the colours asked for; painted: (3, H, W) sRGB in [0, 1], photo: its photo of the same size."""
    match colours:
        case Colours.MATCHED:
            return keep_colours(painted, photo)
        case Colours.LUMINANCE:
            return luminance_only(painted, photo)
        case Colours.ONLY:
            return colours_only(photo, painted)
        case _:
            return painted


def keep_colours(painted: Tensor, photo: Tensor) -> Tensor:
    """`painted` with the photo's palette (`match_colours`) and, region by region, the photo's mean hue and chroma.

    painted: (3, H, W) sRGB in [0, 1]; photo: (3, h, w), the same view in any size. Returns (3, H, W) float32 in [0, 1].
    Colour varies within a region as the strokes do; the lightness is that of `match_colours`.
    """
    shift = _match(painted, photo)
    height, width = painted.shape[1:]
    cell = max(height, width) / _CELLS
    grid = max(1, round(height / cell)), max(1, round(width / cell))
    missing = _region_means(photo, grid) - shift(_region_means(painted, grid))  # the map is linear: so are means
    missing[0] = 0
    return _recolour(painted, shift, interpolate(missing[None], (height, width), mode="bicubic")[0])


def match_colours(painted: Tensor, photo: Tensor) -> Tensor:
    """`painted` with its colours moved so that their OkLab mean and covariance are the photo's.

    painted: (3, H, W) sRGB in [0, 1]; photo: (3, h, w) likewise, of any size. Returns (3, H, W) float32 in [0, 1].
    The colours move by the linear optimal transport map between two Gaussians (Pitié & Kokaram 2007, eq. 4), which
    of all maps that reach the covariance changes the colours least, so that it turns no hue without need. What
    leaves the gamut is desaturated at its luminance, so the moments are exact only as far as the gamut allows.
    """
    return _recolour(painted, _match(painted, photo))


def luminance_only(painted: Tensor, photo: Tensor) -> Tensor:
    """The painted lightness, with the photo's mean and spread (Gatys et al. 2016, "Preserving color in neural artistic
    style transfer"), and the photo's colour at every pixel.

    Both (3, H, W) sRGB in [0, 1] and of one size, else ValueError. Returns (3, H, W) float32 in [0, 1].
    """
    _check(painted)
    _check(photo)
    if painted.shape != photo.shape:
        raise ValueError(f"both pictures must have one size, not {tuple(painted.shape)} and {tuple(photo.shape)}")
    (mean, spread), (wanted, wanted_spread) = _moments(painted), _moments(photo)
    gain = float(((wanted_spread[0, 0] + _FLOOR) / (spread[0, 0] + _FLOOR)).sqrt())
    result = torch.empty_like(painted, dtype=torch.float32)
    for rows in _strips(painted):
        lightness, colour = srgb_to_oklab(painted[:, rows])[:1], srgb_to_oklab(photo[:, rows])[1:]
        lightness = ((lightness - float(mean[0])) * gain + float(wanted[0])).clamp(0, 1)
        result[:, rows] = oklab_to_srgb(torch.cat([lightness, colour]))
    return result


def colours_only(photo: Tensor, painted: Tensor) -> Tensor:
    """The photo in the palette of its painting, without its strokes.

    photo: (3, H, W) sRGB in [0, 1]; painted: (3, h, w) likewise, of any size. Returns (3, H, W) float32 in [0, 1].
    Every colour goes one way wherever it stands, so that edges stay as crisp as they were: hue and chroma as in
    `match_colours`, lightness along a tone curve between the quantiles of both, which unlike a straight line burns no
    highlights. Affine maps fitted to each region instead laid a veil over the picture.
    """
    match = _match(photo, painted, _CALM)
    curve = _ToneCurve.between(srgb_to_oklab(_sample(photo))[0], srgb_to_oklab(_sample(painted))[0])
    result = torch.empty_like(photo, dtype=torch.float32)
    for rows in _strips(photo):
        lab = srgb_to_oklab(photo[:, rows])
        result[:, rows] = oklab_to_srgb(torch.cat([curve(lab[:1]), match(lab)[1:]]))
    return result


def srgb_to_oklab(picture: Tensor) -> Tensor:
    """(3, H, W) sRGB in [0, 1] to (L, a, b), L in [0, 1], a and b within about ±0.4; float32."""
    encoded = picture.float().clamp(0, 1)
    linear = torch.where(encoded <= 0.04045, encoded * (1 / 12.92), ((encoded + 0.055) * (1 / 1.055)) ** 2.4)
    return _apply(_TO_LAB, _apply(_TO_CONES, linear) ** (1 / 3))


def oklab_to_srgb(lab: Tensor) -> Tensor:
    """(3, H, W) of (L, a, b) to sRGB in [0, 1]; colours outside the gamut are desaturated at their luminance."""
    linear = _into_gamut(_apply(_FROM_CONES, _apply(_FROM_LAB, lab) ** 3))
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clamp(0, 1)


def _into_gamut(linear: Tensor) -> Tensor:
    """Mixes each colour with the grey of its luminance, as much as it needs to have no channel outside [0, 1]."""
    grey = sum(weight * channel for weight, channel in zip(_LUMINANCE, linear, strict=True))
    assert isinstance(grey, Tensor)
    grey = grey.clamp(0, 1)
    over, under = linear.amax(0) - grey, grey - linear.amin(0)
    kept = torch.minimum((1 - grey) / over.clamp_min(1e-9), grey / under.clamp_min(1e-9)).clamp(0, 1)
    return (grey + kept * (linear - grey)).clamp(0, 1)


@dataclass(frozen=True, eq=False)
class _Match:
    """OkLab colours (3, H, W) from one palette to another: transport (3, 3), means (3, 1, 1)."""

    transport: Tensor
    source: Tensor
    target: Tensor

    def __call__(self, lab: Tensor) -> Tensor:
        return _apply(self.transport, lab - self.source) + self.target


@dataclass(frozen=True, eq=False)
class _ToneCurve:
    """A rising piecewise linear map of lightness through the knots (source, target), each (_KNOTS,)."""

    source: Tensor
    target: Tensor

    @classmethod
    def between(cls, source: Tensor, target: Tensor) -> _ToneCurve:
        """From the quantiles of one set of values to those of another, anchored at the medians and nowhere steeper
        than _STEEPEST."""
        shares = torch.linspace(0, 1, _KNOTS)
        knots, wanted = (torch.quantile(values.flatten().float().cpu(), shares) for values in (source, target))
        rises = torch.minimum(wanted.diff(), _STEEPEST * knots.diff())
        heights = torch.cat([torch.zeros(1), rises.cumsum(0)])
        middle = _KNOTS // 2
        return cls(*(end.to(source.device) for end in (knots, heights - heights[middle] + wanted[middle])))

    def __call__(self, values: Tensor) -> Tensor:
        """Of any shape."""
        values = values.clamp(self.source[0], self.source[-1])
        right = torch.searchsorted(self.source, values.contiguous()).clamp(1, _KNOTS - 1)
        width = (self.source[right] - self.source[right - 1]).clamp_min(1e-6)
        share = (values - self.source[right - 1]) / width
        return torch.lerp(self.target[right - 1], self.target[right], share.clamp(0, 1))


def _match(painted: Tensor, photo: Tensor, floor: float = _FLOOR) -> _Match:
    _check(painted)
    _check(photo)
    (source, spread), (target, wanted) = _moments(painted), _moments(photo)
    numbers = _transport(spread, wanted, floor), source[:, None, None], target[:, None, None]
    return _Match(*(number.to(painted.device, torch.float32) for number in numbers))


def _recolour(painted: Tensor, match: _Match, more: Tensor | None = None) -> Tensor:
    """`painted` through `match`, plus `more` (3, H, W) in OkLab; back in sRGB."""
    result = torch.empty_like(painted, dtype=torch.float32)
    for rows in _strips(painted):
        lab = match(srgb_to_oklab(painted[:, rows]))
        result[:, rows] = oklab_to_srgb(lab if more is None else lab + more[:, rows])
    return result


def _region_means(picture: Tensor, grid: tuple[int, int]) -> Tensor:
    """Mean OkLab colour (3, *grid) of the picture's regions, from a copy of at most 4 samples a region's side."""
    samples = min(picture.shape[1], 4 * grid[0]), min(picture.shape[2], 4 * grid[1])
    small = interpolate(picture[None].float(), samples, mode="area")[0]
    return interpolate(srgb_to_oklab(small)[None], grid, mode="area")[0]


def _moments(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3) and covariance (3, 3) in OkLab of up to 512 × 512 evenly spaced pixels; float64 on the CPU."""
    values = srgb_to_oklab(_sample(picture)).flatten(1).double().cpu()
    return values.mean(1), torch.cov(values, correction=0)


def _sample(picture: Tensor) -> Tensor:
    step = -(-max(picture.shape) // _SAMPLES)
    return picture[:, ::step, ::step]


def _transport(source: Tensor, target: Tensor, floor: float) -> Tensor:
    """The symmetric T with T source T = target; (3, 3) each. A floor on both variances keeps grey pictures calm."""
    least = floor * torch.eye(3, dtype=torch.float64)
    root, inverse_root = _roots(source + least)
    middle, _ = _roots(root @ (target + least) @ root)
    return inverse_root @ middle @ inverse_root


def _roots(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Square root and inverse square root of a symmetric positive definite matrix."""
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    values = values.clamp_min(1e-12).sqrt()
    return vectors * values @ vectors.T, vectors / values @ vectors.T


def _apply(matrix: Tensor, picture: Tensor) -> Tensor:
    return (matrix.to(picture.device, picture.dtype) @ picture.flatten(1)).view_as(picture)


def _strips(picture: Tensor) -> Iterator[slice]:
    for top in range(0, picture.shape[1], _STRIP):
        yield slice(top, top + _STRIP)


def _check(picture: Tensor) -> None:
    if picture.ndim != 3 or picture.shape[0] != 3 or 0 in picture.shape or not picture.is_floating_point():
        raise ValueError(f"a picture must be a float tensor (3, H, W), not {tuple(picture.shape)} {picture.dtype}")
