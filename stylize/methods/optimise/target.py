"""What an optimisation aims at: statistics of a style at several sizes, packed into one vector that can be mixed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.losses import spatial_moments

Features = Callable[[Tensor], dict[str, Tensor]]

SIDES = (128, 256, 512)  # px: short sides at which styles are looked at
PLACES = 1024  # of a layer, kept for the nearest-neighbour loss


@dataclass(frozen=True)
class LayerTarget:
    """Of one layer: mean (1, C) and second raw moments (1, C, C), or features of some places, (P, C)."""

    mean: Tensor | None = None
    gram: Tensor | None = None
    places: Tensor | None = None


class Targets:
    """Packs style pictures for the layers of a net, mixes them and unpacks them.

    channels, sizes: of each style layer, and how many numbers it has at each of the `levels` sizes. by_places: for the
    nearest-neighbour loss, which needs more than moments.
    """

    def __init__(
        self, features: Features, layers: Sequence[str], by_places: bool, device: torch.device | None = None
    ) -> None:
        self.features, self.layers, self.by_places = features, tuple(layers), by_places
        with torch.no_grad():
            seen = features(torch.zeros(1, 3, 64, 64, device=device))
        self.channels = tuple(seen[name].shape[1] for name in self.layers)
        self._upper = [torch.triu_indices(c, c) for c in self.channels]
        self.sizes = [PLACES * c if by_places else c + c * (c + 1) // 2 for c in self.channels]
        self.levels = len(SIDES)
        self.length = self.levels * sum(self.sizes)

    @torch.no_grad()
    def pack(self, picture: Tensor) -> Tensor:
        """(1, 3, H, W) in [0, 1] -> (length,) float32 on the CPU."""
        sizes: dict[torch.Size, Tensor] = {}  # a small picture is the same at several levels
        levels = []
        for side in SIDES:
            resized = _at_short_side(picture, side)
            if resized.shape not in sizes:
                sizes[resized.shape] = self._pack_level(resized)
            levels.append(sizes[resized.shape])
        return torch.cat(levels).cpu()

    def _pack_level(self, picture: Tensor) -> Tensor:
        parts = []
        seen = self.features(picture)
        for layer, upper in zip(self.layers, self._upper, strict=True):
            found = seen[layer].float()
            if self.by_places:
                parts.append(_some_places(found).flatten())
            else:
                mean, gram = spatial_moments(found)
                parts += [mean[0], gram[0, upper[0], upper[1]]]
        return torch.cat(parts)

    def mix(self, packed: Tensor, weights: Tensor) -> Tensor:
        """One vector of several, (N, length), by weights (N,) of any sum.

        Moments of a mixture of places are the mean of their moments; of places as many are taken as its weight says.
        """
        shares = weights / weights.sum()
        if not self.by_places:
            return shares @ packed
        ends = (shares.cumsum(0) * PLACES).round().long().tolist()
        starts = [0, *ends[:-1]]
        rows = torch.split(packed, self.sizes * self.levels, dim=1)
        mixed = []
        for part, channels in zip(rows, self.channels * self.levels, strict=True):
            places = part.reshape(len(packed), PLACES, channels)
            mixed += [places[i, a:b].flatten() for i, (a, b) in enumerate(zip(starts, ends, strict=True))]
        return torch.cat(mixed)

    def between(self, packed: Tensor, weights: Tensor) -> Tensor:
        """One vector of moments, whose means and covariances are the weighted means of those of several, (N, length).

        `mix` also holds how far apart the means of the several are, as variance: a red and a blue picture together ask
        for red and blue patches, and these for violet.
        """
        shares = weights / weights.sum()
        mixed = []
        for place, part in enumerate(torch.split(packed, self.sizes * self.levels, dim=1)):
            layer = place % len(self.layers)
            channels, (rows, columns) = self.channels[layer], self._upper[layer]
            means, grams = part[:, :channels], part[:, channels:]
            covariance = shares @ (grams - means[:, rows] * means[:, columns])
            mean = shares @ means
            mixed += [mean, covariance + mean[rows] * mean[columns]]
        return torch.cat(mixed)

    def possible(self, packed: Tensor) -> Tensor:
        """The nearest moments that features can have: rounding and few components leave negative parts in covariances.

        (length,) float32, of moments; the same where nothing is wrong.
        """
        parts = list(torch.split(packed, self.sizes * self.levels))
        for place, part in enumerate(parts):
            layer = place % len(self.layers)
            channels, upper = self.channels[layer], self._upper[layer]
            mean, gram = part[:channels], _symmetric(part[channels:], channels, upper)
            shift = mean[:, None] * mean
            values, axes = torch.linalg.eigh((gram - shift).double())
            if values[0] < 0:
                gram = (axes * values.clamp_min(0) @ axes.T).float() + shift
                parts[place] = torch.cat([mean, gram[upper[0], upper[1]]])
        return torch.cat(parts)

    def unpack(self, packed: Tensor, side: float) -> dict[str, LayerTarget]:
        """The targets of each layer as seen at the size nearest to a short side of `side` px."""
        level = min(range(len(SIDES)), key=lambda i: abs(torch.log(torch.tensor(SIDES[i] / side))))
        per_level = self.length // self.levels
        parts = torch.split(packed[level * per_level : (level + 1) * per_level], self.sizes)
        return {
            layer: self._layer(part, channels, upper)
            for layer, part, channels, upper in zip(self.layers, parts, self.channels, self._upper, strict=True)
        }

    def _layer(self, part: Tensor, channels: int, upper: Tensor) -> LayerTarget:
        if self.by_places:
            return LayerTarget(places=part.view(PLACES, channels))
        return LayerTarget(part[None, :channels], _symmetric(part[channels:], channels, upper)[None])


def _symmetric(numbers: Tensor, channels: int, upper: Tensor) -> Tensor:
    """(C, C) from its upper triangle."""
    matrix = numbers.new_zeros(channels, channels)
    matrix[upper[0], upper[1]] = numbers
    matrix[upper[1], upper[0]] = numbers
    return matrix


def _some_places(features: Tensor) -> Tensor:
    """PLACES feature vectors of (1, C, H, W) in random order, always the same; repeated where there are fewer."""
    rows = features[0].flatten(1).T
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
    return rows[order.repeat(-(-PLACES // len(rows)))[:PLACES]]


def _at_short_side(picture: Tensor, side: int) -> Tensor:
    """Reduced to it, never enlarged: enlarged strokes are blurred."""
    scale = side / min(picture.shape[2:])
    if scale >= 1:
        return picture
    size = [max(1, round(length * scale)) for length in picture.shape[2:]]
    return F.interpolate(picture, size, mode="bicubic", antialias=True).clamp(0, 1)
