"""A captioned corpus as numbers: what its captions say and how its pictures look, without either.

The file is safetensors. It holds no caption, no picture and no name, so that a corpus can be shared where the pictures
behind it can't.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylize.errors import StylizeError, WeightsError
from stylize.sentence.colours import PALETTE_SIZE
from stylize.sentence.index import CorpusIndex, index_file
from stylize.sentence.lowrank import LowRank

Kind = Literal["scene", "texture", "artwork"]
"""scene: a photo, for how a place or a mood is coloured; texture: a material or pattern; artwork: how it is painted."""
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMAT = "2"
SHIPPED = Path(__file__).resolve().parents[1] / "weights" / "corpus.safetensors"
REBUILD = "`stylize corpus build` makes a new one."
TENSORS = ("meanings", "scales", "codes", "palettes", "strokes", "kinds")
WORTH_AN_INDEX = 50_000  # pictures of a kind: fewer are compared one by one in some 20 ms
SEARCH_ROWS = 8192  # turned to float32 at a time


@dataclass(frozen=True, eq=False)
class Corpus:
    """P pictures.

    meanings: (P, 384) int8; each row times its scale is the unit vector of what the picture's captions say, the mean
        of their vectors. Measured on held-out captions, it finds the right one among 3,350 photos first in 56 % of
        cases; the nearest of four separate captions in 51 %, at four times the size.
    scales: (P,) float32.
    codes: (P, Z) float16 style codes.
    palettes: (P, 6) float16, see `colours.palette`.
    strokes: (P,) float16, see `strokes.strokes`.
    kinds: (P,) uint8, index into KINDS.
    code_net, encoder: sha256 (or another lasting name) of the nets that made codes and meanings; of a painter's weights
        only those that read styles, so that more training of the others leaves a corpus valid.
    grams: the pictures' moments, which the method optimise aims at; None where they were left out.
    index: for searching a large corpus; None where there is none.
    """

    meanings: Tensor
    scales: Tensor
    codes: Tensor
    palettes: Tensor
    strokes: Tensor
    kinds: Tensor
    code_net: str
    encoder: str
    grams: LowRank | None = None
    index: CorpusIndex | None = None

    def __post_init__(self) -> None:
        rows = {len(getattr(self, name)) for name in TENSORS}
        if self.grams is not None:
            rows.add(len(self.grams.coordinates))
        if len(rows) != 1 or not len(self.codes) or self.palettes.shape[1] != PALETTE_SIZE:
            raise WeightsError(f"The corpus is empty or its parts don't fit together. {REBUILD}")
        if int(self.kinds.max()) >= len(KINDS):
            raise WeightsError(f"The corpus is damaged: it holds pictures of an unknown kind. {REBUILD}")

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.codes)

    def of_kind(self, *kinds: Kind) -> Tensor:
        """(P,) bool, the pictures of these kinds."""
        return torch.isin(self.kinds, torch.tensor([KINDS.index(kind) for kind in kinds], dtype=torch.uint8))

    def label(self, picture: int) -> str:
        """What stands for a picture's name, such as "scene 812"."""
        return f"{KINDS[int(self.kinds[picture])]} {picture}"

    def nearest(self, vector: Tensor, kinds: Sequence[Kind], count: int) -> tuple[Tensor, Tensor]:
        """The pictures of these kinds whose captions lie nearest to a sentence, best first.

        vector: (384,), of unit length. Returns their places and cosines, (count,) int64 and float32; fewer where there
        are fewer. Of kinds that are in an index, some near ones may be missed.
        """
        places = torch.cat([self._candidates(vector, kind, count) for kind in kinds])
        cosines = self.cosines(vector, places)
        best = cosines.topk(min(count, len(places)))
        return places[best.indices], best.values

    def cosines(self, vector: Tensor, places: Tensor) -> Tensor:
        """(N,) float32, of a sentence's unit vector (384,) to what the captions of these pictures (N,) say."""
        found = [self.meanings[part].float() @ vector for part in torch.split(places, SEARCH_ROWS)]
        return torch.cat([torch.empty(0), *found]) * self.scales[places]

    @cached_property
    def name(self) -> str:
        """sha256 of the meanings: the same for the same pictures under the same sentences in the same order."""
        return sha256(self.meanings.contiguous().numpy().data).hexdigest()

    def indexed(self, least: int = WORTH_AN_INDEX, progress: Callable[[int, int], None] | None = None) -> CorpusIndex:
        """A new index of the kinds with at least so many pictures. progress: told those done and all.

        Raises StylizeError where there is no such kind, or faiss is not installed.
        """
        places: dict[str, Tensor] = {kind: self.places(kind) for kind in KINDS if len(self.places(kind)) >= least}
        if not places:
            raise StylizeError(f"Only kinds of {least:,} pictures or more need an index, and this corpus has none.")
        return CorpusIndex.of(self.name, places, self.rows, progress)

    def rows(self, places: Tensor) -> Tensor:
        """(N, 384) float32 unit vectors of what the captions of pictures (N,) say."""
        return self.meanings[places].float() * self.scales[places, None]

    def places(self, kind: Kind) -> Tensor:
        """(N,) int64, where the pictures of a kind stand."""
        if kind not in self._places:
            self._places[kind] = self.of_kind(kind).nonzero()[:, 0]
        return self._places[kind]

    def _candidates(self, vector: Tensor, kind: Kind, count: int) -> Tensor:
        if self.index is not None and kind in self.index.kinds:
            return self.index.candidates(vector, kind, count)
        return self.places(kind)

    @cached_property
    def _places(self) -> dict[Kind, Tensor]:
        return {}

    def mean_meaning(self) -> Tensor:
        """(384,) float32, the mean over all pictures."""
        total = torch.zeros(self.meanings.shape[1])
        for start in range(0, len(self), SEARCH_ROWS):
            rows = slice(start, start + SEARCH_ROWS)
            total += self.scales[rows] @ self.meanings[rows].float()
        return total / len(self)

    def save(self, path: Path) -> None:
        """Write the corpus as one safetensors file."""
        tensors = {name: getattr(self, name).contiguous() for name in TENSORS}
        metadata = {"format": FORMAT, "code_net": self.code_net, "encoder": self.encoder, "meanings": self.name}
        if self.grams is not None:
            tensors |= self.grams.tensors()
            metadata["eye"] = self.grams.eye
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.unfinished")  # who reads the old one has it mapped into memory
        save_file(tensors, unfinished, metadata)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path = SHIPPED, *, code_net: str | None = None, encoder: str | None = None) -> Corpus:
        """Read a corpus.

        code_net, encoder: what will read its codes and captions; None leaves that unchecked.
        Raises WeightsError where the file is missing or damaged, or was made with other nets.
        """
        try:
            with safe_open(path, framework="pt") as file:
                metadata: Mapping[str, str] = file.metadata() or {}
                if metadata.get("format") != FORMAT:
                    raise WeightsError(f"{path.name} has another format than this version reads. {REBUILD}")
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
        except FileNotFoundError as error:
            raise WeightsError(f"There is no corpus at {path}. {REBUILD}") from error
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"{path.name} is not a corpus or is damaged. {REBUILD}") from error
        try:
            index = CorpusIndex.load(index_file(path), metadata["meanings"])
            grams = LowRank.of_tensors(tensors, metadata["eye"]) if "eye" in metadata else None
            parts = {name: tensors[name] for name in TENSORS}
        except KeyError as error:
            raise WeightsError(f"{path.name} is damaged: it lacks the tensor {error}. {REBUILD}") from error
        corpus = cls(**parts, code_net=metadata["code_net"], encoder=metadata["encoder"], grams=grams, index=index)
        corpus.require(code_net=code_net, encoder=encoder)
        return corpus

    def require(self, *, code_net: str | None = None, encoder: str | None = None) -> None:
        """Raise WeightsError unless the corpus was made with these nets; None leaves one unchecked."""
        for made, wanted, what in ((self.code_net, code_net, "style"), (self.encoder, encoder, "sentence")):
            if wanted is not None and made != wanted:
                raise WeightsError(
                    f"The corpus was made with another {what} encoder ({made[:12]} instead of {wanted[:12]}), "
                    f"so its numbers mean nothing here. {REBUILD}"
                )
