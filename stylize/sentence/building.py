"""Builds a corpus from folders of captioned pictures, part by part."""

from __future__ import annotations

import json
import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import accumulate, count, islice, pairwise, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import PictureError, StylizeError
from stylize.pictures import Picture, open_picture
from stylize.sentence.captions import read_captions
from stylize.sentence.colours import palette
from stylize.sentence.corpus import FORMAT, KINDS, Corpus, Kind
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.lowrank import LowRank, PackGrams, quantised
from stylize.sentence.parts import Part, Parts
from stylize.sentence.strokes import strokes
from stylize.sentence.yfcc import is_yfcc, read_yfcc

EncodeStyle = Callable[[Sequence[Picture]], Tensor]
"""Pictures (they may differ in size) → their style codes (B, Z)."""
Report = Callable[[int, int], None]
"""Told the number of pictures done, broken ones too, and of all; at first what an earlier run had done."""

READ_SIZE = 512  # px, long side: the style encoder reads no more, and it is small to hold
BATCH = 16  # pictures held at a time
PART = 128  # pictures that a killed run loses at most; many captions of one length make fast batches
SAMPLE = 512  # pictures that a basis of moments is fitted on: 170 MB


@dataclass(frozen=True)
class Source:
    """One folder of pictures with its captions: picture (path in the folder) → sentences.

    absent: pictures of the file of captions that the folder lacks, where it lists more than any folder has.
    """

    pictures: Path
    captions: Mapping[str, Sequence[str]]
    kind: Kind
    absent: int = 0

    @classmethod
    def read(cls, pictures: Path, captions: Path, kind: Kind) -> Source:
        """From a file of captions, see `read_captions` and `read_yfcc`. Raises CaptionsError."""
        if is_yfcc(captions):
            found, absent = read_yfcc(captions, pictures)
            return cls(pictures, found, kind, absent)
        return cls(pictures, read_captions(captions), kind)


@dataclass(frozen=True)
class Broken:
    """A picture that was left out, and why."""

    file: Path
    reason: str


@dataclass(frozen=True)
class Built:
    """A new corpus and the pictures that it lacks: broken ones, and how many were captioned but not there."""

    corpus: Corpus
    broken: tuple[Broken, ...]
    absent: int = 0


@dataclass(frozen=True)
class Nets:
    """What sees the pictures.

    code_net: lasting name of what encode_style is, such as the sha256 of its weights; written into the corpus. grams:
    packs the moments that the method optimise aims at; None leaves them out.
    """

    encode_style: EncodeStyle
    code_net: str = ""
    encoder: SentenceEncoder | None = None
    grams: PackGrams | None = None


def build_file(output: Path, sources: Sequence[Source], nets: Nets, progress: Report | None = None) -> Built:
    """Writes a corpus. Killed and called again with the same arguments, it goes on where it was.

    What is finished lies in a folder beside the output until the corpus is written. Raises as `build_from` does.
    """
    making = _Making(sources, nets, progress)
    parts = Parts(output.with_name(f"{output.name}.parts"), making.recipe())
    built = making.built(parts)
    built.corpus.save(output)
    parts.remove()
    return built


def build_from(sources: Sequence[Source], nets: Nets, progress: Report | None = None) -> Built:
    """A corpus from several folders; at most `BATCH` pictures are in memory at a time.

    Raises StylizeError where not one picture could be read.
    """
    making = _Making(sources, nets, progress)
    with TemporaryDirectory() as folder:
        return making.built(Parts(Path(folder), making.recipe()))


See = Callable[[Picture], Tensor]
SEEN = "coordinates"  # what was seen of pictures, in the rows of a part


@dataclass(frozen=True, eq=False)
class _Seen:
    place: int
    picture: Picture
    seen: Tensor | None


def _coordinates(packer: PackGrams, grams: LowRank, picture: Picture) -> Tensor:
    return grams.project(packer.pack(picture)[None])[0]


class _Making:
    """The pictures of all sources in one list, read part by part; a place is one in that list.

    What grows with their number are names and captions, and a corpus' rows once all parts are there.
    """

    def __init__(self, sources: Sequence[Source], nets: Nets, progress: Report | None) -> None:
        self._nets = nets
        self._encoder = nets.encoder or SentenceEncoder()
        self._absent = sum(source.absent for source in sources)
        self._sources = sources
        self._names = [name for source in sources for name in source.captions]
        self._ends = list(accumulate(len(source.captions) for source in sources))
        self._progress = progress or (lambda done, total: None)
        self._done = 0

    def recipe(self) -> str:
        """sha256 of all that parts depend on, so that those of different corpora are never mixed."""
        nets = [self._nets.code_net, self._encoder.sha256, self._nets.grams and self._nets.grams.eye]
        digest = sha256(json.dumps([FORMAT, READ_SIZE, PART, SAMPLE, *nets]).encode())
        for source in self._sources:
            for name, said in source.captions.items():
                file = str((source.pictures / name).absolute())
                digest.update(json.dumps([file, list(said), source.kind]).encode())
        return digest.hexdigest()

    def built(self, parts: Parts) -> Built:
        """Raises StylizeError where not one picture could be read."""
        whole = parts.joined(list(self._made(parts)))
        broken = tuple(Broken(self._file(place), reason) for place, reason in whole.broken.items())
        if not len(whole.places):
            first = f" The first one: {broken[0].file.name}: {broken[0].reason}" if broken else ""
            raise StylizeError(f"None of the {len(self._names)} captioned pictures could be read.{first}")
        kinds = torch.tensor([KINDS.index(source.kind) for source in self._sources], dtype=torch.uint8)
        rows = whole.rows
        grams = whole.grams and whole.grams.of_others(rows[SEEN])
        corpus = Corpus(
            meanings=rows["meanings"],
            scales=rows["scales"],
            codes=rows["codes"],
            palettes=rows["palettes"],
            strokes=rows["strokes"],
            kinds=kinds[torch.bucketize(whole.places, torch.tensor(self._ends), right=True)],
            code_net=self._nets.code_net,
            encoder=self._encoder.sha256,
            grams=grams,
        )
        return Built(corpus, broken, self._absent)

    def _made(self, parts: Parts) -> Iterator[str]:
        """The names of all parts, once each is in the folder; those that an earlier run finished as it left them."""
        seen: set[int] = set()
        see: See | None = None
        if (packer := self._nets.grams) is not None:
            sample = self._kept(parts, "sample", lambda: self._sample(packer))
            seen, grams = sample.tried, sample.grams
            yield "sample"
            if grams is not None:
                see = partial(_coordinates, packer, grams)
        rest = (place for place in range(len(self._names)) if place not in seen)
        for name in map("{:06}".format, count()):
            if not (places := list(islice(rest, PART))):
                return
            self._kept(parts, name, partial(self._part, places, see))
            yield name

    def _kept(self, parts: Parts, name: str, make: Callable[[], Part]) -> Part:
        """A part from the folder, put there first if it is new."""
        part = parts.load(name)
        if part is None:
            part = make()
            parts.save(name, part)
        else:
            self._tell(len(part.tried))
        return part

    def _sample(self, packer: PackGrams) -> Part:
        """Pictures for the basis of moments, as many of each source as there are, since sources differ in kind."""
        hands = [list(range(start, end)) for start, end in pairwise([0, *self._ends])]
        for hand in hands:
            random.Random(0).shuffle(hand)
        dealt = (place for row in zip_longest(*hands) for place in row if place is not None)
        part = self._part(dealt, packer.pack, SAMPLE)
        if not len(part.places):
            return part
        rows = dict(part.rows)
        grams = LowRank.fitted(rows.pop(SEEN), packer.parts, packer.eye)
        return replace(part, rows={**rows, SEEN: grams.coordinates}, grams=grams.of_others(grams.coordinates[:0]))

    def _part(self, places: Iterable[int], see: See | None, most: int | None = None) -> Part:
        """Of these pictures the first readable ones, `most` at most."""
        kept: list[int] = []
        broken: dict[int, str] = {}
        rows: dict[str, list[Tensor]] = defaultdict(list)
        readable = islice(self._readable(places, see, broken), most)
        told = 0
        while batch := list(islice(readable, BATCH)):
            kept += [each.place for each in batch]
            pictures = [each.picture for each in batch]
            rows["codes"].append(self._nets.encode_style(pictures).half().cpu())
            rows["palettes"].append(torch.from_numpy(np.stack([palette(picture) for picture in pictures])).half())
            rows["strokes"].append(torch.tensor([strokes(picture) for picture in pictures]).half())
            if see is not None:
                rows[SEEN].append(torch.stack([each.seen for each in batch if each.seen is not None]))
            self._tell(len(kept) + len(broken) - told)
            told = len(kept) + len(broken)
        self._tell(len(broken) + len(kept) - told)
        if kept:
            meanings, scales = quantised(self._meanings([self._said(place) for place in kept]))
            rows |= {"meanings": [meanings], "scales": [scales]}
        joined_rows = {name: torch.cat(found) for name, found in rows.items()}
        return Part(torch.tensor(kept, dtype=torch.int64), joined_rows, broken)

    def _readable(self, places: Iterable[int], see: See | None, broken: dict[int, str]) -> Iterator[_Seen]:
        for place in places:
            try:
                picture = open_picture(self._file(place))
            except PictureError as error:
                broken[place] = str(error)
                continue
            yield _Seen(place, picture.resized(READ_SIZE), see(picture) if see else None)

    def _source(self, place: int) -> Source:
        return self._sources[bisect(self._ends, place)]

    def _file(self, place: int) -> Path:
        return self._source(place).pictures / self._names[place]

    def _said(self, place: int) -> Sequence[str]:
        return self._source(place).captions[self._names[place]]

    def _meanings(self, captions: Sequence[Sequence[str]]) -> Tensor:
        """(P, 384) for every picture the direction between its captions."""
        vectors = self._encoder.encode([sentence for said in captions for sentence in said])
        parts = torch.split(vectors, [len(said) for said in captions])
        return F.normalize(torch.stack([part.mean(dim=0) for part in parts]), dim=1)

    def _tell(self, more: int) -> None:
        self._done += more
        if more:
            self._progress(self._done, len(self._names))
