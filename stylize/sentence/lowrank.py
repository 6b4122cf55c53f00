"""What a net sees of thousands of pictures, in few numbers each: a mean, a basis of principal components, coordinates.

A picture's moments (the Gram matrices of Gatys et al. 2016 and the means that go with them) are tens of thousands of
numbers, but pictures differ in few directions. Moments of several pictures mix linearly, and so do coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.pictures import Picture

RANK = 64  # of 400 pictures; the moments of 40 others came within 15 to 31 % of what two pictures differ by (W2)
SMALLEST = 1e-6  # of the largest: components below it are rounding
TENSORS = ("mean", "spread", "basis", "steps", "coordinates")
PREFIX = "grams."  # of these tensors in files


@dataclass(frozen=True)
class PackGrams:
    """How pictures become moments.

    pack: a picture of any size → (L,) float32 on the CPU. parts: how many of them each layer has at each size, in their
    order. eye: sha256 of the net's weights.
    """

    pack: Callable[[Picture], Tensor]
    parts: tuple[int, ...]
    eye: str


@dataclass(frozen=True, eq=False)
class LowRank:
    """Moments of P pictures.

    mean: (L,) float16. spread: (L,) float16, the unit in which each layer at each size counts the same. basis: (K, L)
    int8; row k times steps[k], (K,) float32, is component k in those units. coordinates: (P, K) float16.
    eye: sha256 of the weights of the net that saw the pictures.
    """

    mean: Tensor
    spread: Tensor
    basis: Tensor
    steps: Tensor
    coordinates: Tensor
    eye: str

    @classmethod
    def fitted(cls, rows: Tensor, parts: Sequence[int], eye: str, rank: int = RANK) -> LowRank:
        """From the moments of some pictures, (N, L), whose coordinates it holds; parts: see `PackGrams`."""
        mean = rows.mean(0)
        apart = rows - mean
        spreads = [part.square().mean().sqrt().expand(part.shape[1]) for part in torch.split(apart, list(parts), 1)]
        spread = torch.cat(spreads).clamp_min(1e-6).half()
        apart /= spread.float()
        values, vectors = torch.linalg.eigh((apart @ apart.T).double())
        told = int((values > SMALLEST * values[-1].clamp_min(1)).sum())
        kept = slice(len(values) - min(rank, told), None)
        lengths = values[kept].flip(0).sqrt().float()
        basis, steps = quantised((vectors[:, kept].flip(1).float() / lengths).T @ apart)
        empty = torch.empty(0, len(lengths)).half()
        fitted = cls(mean.half(), spread, basis, steps, empty, eye)
        return fitted.of_others(fitted.project(rows))

    def project(self, rows: Tensor) -> Tensor:
        """Moments of other pictures, (N, L) → their coordinates, (N, K) float16."""
        return ((rows - self.mean.float()) / self.spread.float() @ self._components().T).half()

    def of_others(self, coordinates: Tensor) -> LowRank:
        """On the same basis, of the pictures with these coordinates, (P, K)."""
        return LowRank(self.mean, self.spread, self.basis, self.steps, coordinates, self.eye)

    def of_pictures(self, places: Sequence[int]) -> Tensor:
        """The moments of each of these pictures, (N, L) float32."""
        found = self.coordinates[torch.tensor(places)].float()
        return self.mean.float() + found @ self._components() * self.spread.float()

    def tensors(self) -> dict[str, Tensor]:
        """As they stand in a file, by name."""
        return {PREFIX + name: getattr(self, name).contiguous() for name in TENSORS}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor], eye: str) -> LowRank:
        """From a file's tensors. Raises KeyError where one is missing."""
        return cls(**{name: tensors[PREFIX + name] for name in TENSORS}, eye=eye)

    def _components(self) -> Tensor:
        return self.basis.float() * self.steps[:, None]


def quantised(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """(N, D) float vectors → (N, D) int8 and (N,) float32 scales.

    Each row is divided by its largest magnitude / 127 and rounded, so that a number is off by at most half a scale and
    a cosine by at most scale · √D / 2.
    """
    scales = vectors.abs().amax(dim=1).clamp_min(1e-12) / 127
    return (vectors / scales[:, None]).round().to(torch.int8), scales
