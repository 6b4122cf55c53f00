"""Targets of styles that come without a picture: of presets, and of the corpus that sentences draw on.

Both ship as numbers, made by `python -m stylize.methods.optimise.ship`. A preset's targets are stored whole. Those of
thousands of corpus pictures differ in few directions: a mean, a basis of principal components and each picture's
coordinates tell them well enough, and as moments mix linearly, so do coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylize.errors import WeightsError
from stylize.methods.optimise.target import Targets
from stylize.sentence.corpus import Corpus, quantised
from stylize.weights import shipped

EYE = "compact"  # the net that they are of
_PRESET = "preset."
REBUILD = "`python -m stylize.methods.optimise.ship` makes them anew."


@dataclass(frozen=True, eq=False)
class ShippedTargets:
    """Packed targets (see `Targets`) of L numbers.

    presets: (L,) each. mean: (L,). basis: (K, L) int8; row k times steps[k] is component k, in units of `spread`, (L,),
    by which each layer at each size counts the same. coordinates: (P, K) of the corpus' pictures, in its order.
    eye: sha256 of the net's weights. corpus: sha256 of the corpus' meanings.
    """

    presets: Mapping[str, Tensor]
    mean: Tensor
    spread: Tensor
    basis: Tensor
    steps: Tensor
    coordinates: Tensor
    eye: str
    corpus: str

    def of_preset(self, name: str) -> Tensor:
        """(L,) float32. Raises WeightsError where the preset has none."""
        if name not in self.presets:
            raise WeightsError(f"The preset {name} has no targets for optimisation yet. {REBUILD}")
        return self.presets[name].float()

    def of_pictures(self, looked_at: Sequence[tuple[int, float]]) -> Tensor:
        """The mean of corpus pictures, given as (index, weight); (L,) float32."""
        places = torch.tensor([place for place, _ in looked_at])
        weights = torch.tensor([weight for _, weight in looked_at])
        mean = weights @ self.coordinates[places].float() / weights.sum()
        return self.mean.float() + (mean * self.steps) @ self.basis.float() * self.spread.float()

    @classmethod
    def fitted(
        cls, presets: Mapping[str, Tensor], rows: Tensor, parts: Sequence[int], rank: int, eye: str, corpus: Corpus
    ) -> ShippedTargets:
        """From targets (P, L) of all corpus pictures; parts: how many numbers each layer at each size has."""
        mean = rows.mean(0)
        apart = rows - mean
        spread = torch.cat(
            [part.square().mean().sqrt().expand(part.shape[1]) for part in torch.split(apart, list(parts), 1)]
        )
        apart /= spread
        values, vectors = torch.linalg.eigh((apart @ apart.T).double())
        chosen = vectors[:, -rank:].flip(1).float()
        lengths = values[-rank:].flip(0).clamp_min(1e-12).sqrt().float()
        basis, steps = quantised((chosen / lengths).T @ apart)
        coordinates = apart @ (basis.float() * steps[:, None]).T
        named = {name: target.half() for name, target in presets.items()}
        return cls(named, mean.half(), spread.half(), basis, steps, coordinates.half(), eye, corpus_name(corpus))

    def save(self, path: Path) -> None:
        """Writes one safetensors file."""
        names = ("mean", "spread", "basis", "steps", "coordinates")
        tensors = {name: getattr(self, name).contiguous() for name in names}
        tensors |= {_PRESET + name: target.contiguous() for name, target in self.presets.items()}
        save_file(tensors, path, {"eye": self.eye, "corpus": self.corpus})

    @classmethod
    def load(cls, path: Path | None = None) -> ShippedTargets:
        """Raises WeightsError where the file is missing or damaged."""
        path = path or shipped("targets")
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"{path.name} can't be read. {REBUILD}") from error
        presets = {name.removeprefix(_PRESET): tensors.pop(name) for name in list(tensors) if name.startswith(_PRESET)}
        return cls(presets, **tensors, eye=metadata.get("eye", ""), corpus=metadata.get("corpus", ""))

    def require(self, *, eye: str | None = None, corpus: Corpus | None = None) -> None:
        """Raises WeightsError unless they were made with this net and of this corpus; None leaves one unchecked."""
        if eye not in (None, self.eye) or (corpus is not None and self.corpus != corpus_name(corpus)):
            raise WeightsError(f"The targets of presets and sentences were made for other weights. {REBUILD}")


def corpus_name(corpus: Corpus) -> str:
    """The same for the same pictures under the same sentences in the same order."""
    return sha256(corpus.meanings.numpy().tobytes()).hexdigest()


def parts_of(targets: Targets) -> list[int]:
    """How many numbers of a packed target each layer has at each size, in their order."""
    return [n for _ in range(targets.levels) for n in targets.sizes]
