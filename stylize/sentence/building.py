"""Builds a corpus from folders of captioned pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import PictureError, StylizeError
from stylize.pictures import Picture, open_picture
from stylize.sentence.captions import read_captions
from stylize.sentence.colours import palette
from stylize.sentence.corpus import KINDS, Corpus, Kind, palettes_tensor
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.lowrank import quantised
from stylize.sentence.strokes import strokes

EncodeStyle = Callable[[Sequence[Picture]], Tensor]
"""Pictures (they may differ in size) → their style codes (B, Z)."""
Report = Callable[[int, int], None]
"""Told the number of pictures done and of all."""

READ_SIZE = 512  # px, long side: the style encoder reads no more, and it is small to hold
BATCH = 16  # pictures held at a time
CHUNK = 256  # pictures whose captions are encoded together: many of one length make fast batches


@dataclass(frozen=True)
class Source:
    """One folder of pictures with its captions: picture (path in the folder) → sentences."""

    pictures: Path
    captions: Mapping[str, Sequence[str]]
    kind: Kind


@dataclass(frozen=True)
class Broken:
    """A picture that was left out, and why."""

    file: Path
    reason: str


@dataclass(frozen=True)
class Built:
    """A new corpus and the pictures that it lacks."""

    corpus: Corpus
    broken: tuple[Broken, ...]


def build_corpus(
    pictures: Path,
    captions: Path,
    encode_style: EncodeStyle,
    progress: Report | None = None,
    *,
    kind: Kind = "scene",
    code_net: str = "",
    encoder: SentenceEncoder | None = None,
) -> Built:
    """A corpus from one folder and its file of captions (see `read_captions`).

    code_net: lasting name of what encode_style is, such as the sha256 of its weights; written into the corpus.
    Raises CaptionsError for the file, StylizeError where not one picture could be read.
    """
    source = Source(pictures, read_captions(captions), kind)
    return build_from([source], encode_style, progress, code_net=code_net, encoder=encoder)


def build_from(
    sources: Sequence[Source],
    encode_style: EncodeStyle,
    progress: Report | None = None,
    *,
    code_net: str = "",
    encoder: SentenceEncoder | None = None,
) -> Built:
    """A corpus from several folders; at most `BATCH` pictures are in memory at a time."""
    encoder = encoder or SentenceEncoder()
    total = sum(len(source.captions) for source in sources)
    codes: list[Tensor] = []
    palettes: list[npt.NDArray[np.float32]] = []
    fineness: list[float] = []
    kinds: list[int] = []
    captions: list[list[str]] = []
    broken: list[Broken] = []
    done = 0
    for source in sources:
        for batch in _batches(source, broken):
            codes.append(encode_style([picture for picture, _ in batch]).half().cpu())
            for picture, said in batch:
                captions.append(said)
                palettes.append(palette(picture))
                fineness.append(strokes(picture))
                kinds.append(KINDS.index(source.kind))
            done = len(palettes) + len(broken)
            if progress is not None:
                progress(done, total)
    if not palettes:
        first = f" The first one: {broken[0].file.name}: {broken[0].reason}" if broken else ""
        raise StylizeError(f"None of the {total} captioned pictures could be read.{first}")
    if progress is not None and done < total:
        progress(total, total)
    rows, scales = quantised(_meanings(encoder, captions))
    corpus = Corpus(
        meanings=rows,
        scales=scales,
        codes=torch.cat(codes),
        palettes=palettes_tensor(palettes),
        strokes=torch.tensor(fineness).half(),
        kinds=torch.tensor(kinds, dtype=torch.uint8),
        code_net=code_net,
        encoder=encoder.sha256,
    )
    return Built(corpus, tuple(broken))


def _meanings(encoder: SentenceEncoder, captions: Sequence[Sequence[str]]) -> Tensor:
    """(P, 384) for every picture the direction between its captions."""
    rows: list[Tensor] = []
    for start in range(0, len(captions), CHUNK):
        chunk = captions[start : start + CHUNK]
        vectors = encoder.encode([sentence for said in chunk for sentence in said])
        parts = torch.split(vectors, [len(said) for said in chunk])
        means = [part.mean(dim=0) for part in parts]
        rows.append(F.normalize(torch.stack(means), dim=1))
    return torch.cat(rows)


def _batches(source: Source, broken: list[Broken]) -> Iterator[list[tuple[Picture, list[str]]]]:
    """Readable pictures with their captions, a few at a time; the others are appended to `broken`."""
    batch: list[tuple[Picture, list[str]]] = []
    for name, said in source.captions.items():
        file = source.pictures / name
        try:
            batch.append((open_picture(file).resized(READ_SIZE), list(said)))
        except PictureError as error:
            broken.append(Broken(file, str(error)))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
