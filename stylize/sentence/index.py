"""An index of a large corpus, so that a sentence is compared with a small share of its pictures: IVF with PQ (faiss).

Inverted lists around k-means centres, rows coded by product quantisation (Jégou, Douze and Schmid 2011) with 4 bits a
piece, which are compared in registers (André, Kermarrec and Le Scouarnec 2015). Codes only choose candidates; their
cosines are taken from the corpus' own rows. Of the ten nearest among 200,000 vectors spread like captions, a quarter of
the lists gave 99.5 % in 1.1 ms; an eighth gave 98.3 %, with 48 codes of 8 bits 97.5 % in twice the time, and at 100,000
with 384 bytes each no more than with 48.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors.numpy
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from stylize.errors import WeightsError

FORMAT = "1"
Rows = Callable[[Tensor], Tensor]
"""Places in the corpus (N,) → unit vectors (N, 384) float32."""
Report = Callable[[int, int], None]

PIECES = 128  # of a row, each coded by 4 bits: 64 bytes
PROBED = 4  # one in so many lists is searched
PROBED_AT_LEAST = 128
CANDIDATES = 4096  # at least: codes order the nearest roughly
TRAINING = 64  # vectors for a list's centre
CHUNK = 65_536  # rows turned to float32 at a time: 100 MB
REBUILD = "`stylize corpus index` makes it anew."


class CorpusIndex:
    """One faiss index for each kind of picture of which there are many.

    name: of the corpus, see `Corpus.name`.
    """

    def __init__(self, name: str, kinds: Mapping[str, Any]) -> None:
        self.name = name
        self._kinds = kinds

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that it knows."""
        return tuple(self._kinds)

    def candidates(self, vector: Tensor, kind: str, count: int) -> Tensor:
        """Places in the corpus, (N,) int64 in no order, among which the `count` nearest to a vector likely are."""
        _, places = self._kinds[kind].search(vector[None].numpy(), max(count, CANDIDATES))
        found = torch.from_numpy(places[0])
        return found[found >= 0]  # -1 stands where the lists searched hold fewer

    @classmethod
    def of(cls, name: str, places: Mapping[str, Tensor], rows: Rows, progress: Report | None = None) -> CorpusIndex:
        """Learns centres and codes from a sample and codes every picture; some minutes for millions.

        places: of the pictures of each kind, (N,) int64. progress: told the number of pictures done and of all.
        Raises WeightsError where faiss is not installed.
        """
        total = sum(map(len, places.values()))
        made: dict[str, Any] = {}
        done = 0
        for kind, of_kind in places.items():
            made[kind] = _trained(of_kind, rows)
            for part in torch.split(of_kind, CHUNK):
                made[kind].add_with_ids(rows(part).numpy(), part.numpy())
                done += len(part)
                if progress is not None:
                    progress(done, total)
        return cls(name, made)

    def save(self, path: Path) -> None:
        """Writes one safetensors file."""
        faiss = _faiss()
        tensors = {kind: faiss.serialize_index(index) for kind, index in self._kinds.items()}
        safetensors.numpy.save_file(tensors, path, {"format": FORMAT, "corpus": self.name})

    @classmethod
    def load(cls, path: Path, name: str) -> CorpusIndex | None:
        """The index of the corpus with this name; None where there is none, or one of another corpus.

        Raises WeightsError where the file is damaged or faiss is not installed.
        """
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="np") as file:
                metadata = file.metadata() or {}
                if (metadata.get("format"), metadata.get("corpus")) != (FORMAT, name):
                    return None
                faiss = _faiss()
                kinds = {kind: faiss.deserialize_index(file.get_tensor(kind)) for kind in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, RuntimeError) as error:
            raise WeightsError(f"{path.name} is damaged. {REBUILD}") from error
        return cls(name, kinds)


def index_file(corpus: Path) -> Path:
    """Where the index of a corpus lies: beside it."""
    return corpus.with_name(f"{corpus.name}.index")


def _trained(places: Tensor, rows: Rows) -> Any:
    """An empty index for pictures at these places."""
    faiss = _faiss()
    lists = 2 ** math.ceil(math.log2(len(places)) / 2)
    order = torch.randperm(len(places), generator=torch.Generator().manual_seed(0))
    sample = rows(places[order[: TRAINING * lists]].sort().values)
    kind = f"IVF{lists},PQ{PIECES}x4fs"
    index = faiss.index_factory(sample.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = max(PROBED_AT_LEAST, lists // PROBED)
    index.train(sample.numpy())
    return index


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise WeightsError("The index of a corpus needs faiss. `pip install faiss-cpu` brings it.") from error
    return faiss
