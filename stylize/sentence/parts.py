"""What is finished of a corpus in the making, kept in a folder so that a run that was killed goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylize.sentence.lowrank import PREFIX, LowRank

PLACES = "places"
RECIPE = "recipe.sha256"


@dataclass(frozen=True, eq=False)
class Part:
    """Some pictures of a corpus.

    places: (P,) int64, where each stands in the list of all pictures. rows: tensors of a corpus, (P, …) each, by name.
    broken: reasons, by place, of pictures that were left out. grams: where these pictures are the sample, the basis
    that was fitted on them, without coordinates.
    """

    places: Tensor
    rows: Mapping[str, Tensor]
    broken: Mapping[int, str]
    grams: LowRank | None = None

    @property
    def tried(self) -> set[int]:
        """Places of all its pictures, broken ones too."""
        return {*self.places.tolist(), *self.broken}


class Parts:
    """A folder of parts. recipe: of what they are made; parts of another recipe are deleted at once."""

    def __init__(self, folder: Path, recipe: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / RECIPE
        if not told.is_file() or told.read_text(encoding="utf-8") != recipe:
            self._clear()
            told.write_text(recipe, encoding="utf-8")

    def load(self, name: str) -> Part | None:
        """A part; None where it isn't there whole."""
        try:
            with safe_open(self._file(name), framework="pt") as file:
                metadata = file.metadata() or {}
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dict
        except (SafetensorError, OSError):
            return None
        grams = LowRank.of_tensors(tensors, metadata["eye"]) if "eye" in metadata else None
        rows = {key: rows for key, rows in tensors.items() if key != PLACES and not key.startswith(PREFIX)}
        broken = {int(place): reason for place, reason in json.loads(metadata["broken"]).items()}
        return Part(tensors[PLACES], rows, broken, grams)

    def save(self, name: str, part: Part) -> None:
        """Writes a part whole or, where the process is killed meanwhile, not at all."""
        tensors = {PLACES: part.places, **{key: rows.contiguous() for key, rows in part.rows.items()}}
        metadata = {"broken": json.dumps(part.broken)}
        if part.grams is not None:
            tensors |= part.grams.tensors()
            metadata["eye"] = part.grams.eye
        unfinished = self._file(name).with_suffix(".unfinished")
        save_file(tensors, unfinished, metadata)
        unfinished.replace(self._file(name))

    def joined(self, names: Sequence[str]) -> Part:
        """All of these in one, in the order of the places; the basis is that of the first part that has one.

        They are read one by one, so that the rows are in memory once.
        """
        places = torch.cat([torch.empty(0, dtype=torch.int64), *(part.places for part in self._each(names))])
        seats = torch.empty_like(places)
        seats[places.argsort()] = torch.arange(len(places))
        rows: dict[str, Tensor] = {}
        broken: dict[int, str] = {}
        grams: LowRank | None = None
        start = 0
        for part in self._each(names):
            end = start + len(part.places)
            for name, of_part in part.rows.items():
                if name not in rows:
                    rows[name] = of_part.new_empty(len(places), *of_part.shape[1:])
                rows[name][seats[start:end]] = of_part
            broken |= part.broken
            grams = grams or part.grams
            start = end
        return Part(places.sort().values, rows, dict(sorted(broken.items())), grams)

    def _each(self, names: Sequence[str]) -> Iterator[Part]:
        for name in names:
            part = self.load(name)
            assert part is not None
            yield part

    def remove(self) -> None:
        """Deletes the parts, and the folder unless it holds something else."""
        self._clear()
        (self.folder / RECIPE).unlink()
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.part"

    def _clear(self) -> None:
        for pattern in ("*.part", "*.unfinished"):
            for file in self.folder.glob(pattern):
                file.unlink()
