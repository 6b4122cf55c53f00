"""What sentences tell of pictures that were held out: `python -m benchmarks.sentence_quality [--shared DIR]`.

The 200 captioned pictures that neither the head nor, here, the corpus has seen. For each way from a sentence to a code:

R@1, R@10: is the picture's own code among the nearest to its sentence's, of the 200? Whitened, by cosine; chance is 0.5
and 5 %. Then a photo is painted by the first sentence of each picture, and the judge's style distance is taken to that
picture, to another of the 200, and between that picture and a painting in the mean of all styles: how often is the
first the smaller one? For the head also by all sentences of the picture at once. Last, diversity: how far apart
paintings of one photo are by 60 sentences, beside 60 style pictures. Prints tables, writes
benchmarks/results/sentence_quality.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.directions import sentences
from benchmarks.judge import SHARED, Judge
from stylize import Options, Picture, open_picture
from stylize.devices import choose_precision
from stylize.methods.adaptive import Adaptive
from stylize.sentence import Corpus, SentenceEncoder, SentenceStyles
from stylize.sentence import styles as own
from stylize.sentence.corpus import KINDS, TENSORS
from stylize.sentence.head import Head
from stylize.sentence.ship import sources
from stylize.training.sentence import Lessons, recall, split, whiten
from stylize.training.sentence_recipe import SentenceRecipe

RESULTS = Path(__file__).parent / "results/sentence_quality.json"
PROMPTS = 60
PHOTOS = 10
BY_ALL = "head, by all sentences"
PAINTED = ("retrieval, k = 8", "by the photo, k = 8", "head", BY_ALL, "head and retrieval", "as shipped")
CPU = torch.device("cpu")

Code = Callable[[str, int], Tensor]
"""A sentence, or several on a line each, and the place of the photo that will be painted -> a style code, (Z,)."""


def retrieval(corpus: Corpus, encoder: SentenceEncoder, nearest: int) -> Code:
    """The weighted mean of the codes of the pictures nearest to a sentence, of any kind."""

    def code(sentence: str, _: int) -> Tensor:
        pictures, cosines = corpus.nearest(encoder.understand(sentence), KINDS, nearest)
        return (cosines / own.TEMPERATURE).softmax(0) @ corpus.codes[pictures].float()

    return code


def learned(head: Head, encoder: SentenceEncoder) -> Code:
    """What the head makes of a sentence, or of the direction between several."""

    def code(sentences: str, _: int) -> Tensor:
        vectors = torch.stack([encoder.understand(sentence) for sentence in sentences.splitlines()])
        found: Tensor = head(F.normalize(vectors.mean(0, keepdim=True), dim=1))[0]
        return found

    return code


def blend(first: Code, second: Code) -> Code:
    return lambda sentence, photo: (first(sentence, photo) + second(sentence, photo)) / 2


def without(corpus: Corpus, places: Tensor) -> Corpus:
    """A corpus that lacks these pictures, by their places or as (P,) bool."""
    kept = torch.ones(len(corpus), dtype=torch.bool)
    kept[places] = False
    return replace(corpus, **{name: getattr(corpus, name)[kept] for name in TENSORS}, grams=None)


class Painter:
    """Photos painted by codes at full strength, and what the judge sees of them."""

    def __init__(self, judge: Judge, photos: list[Picture]) -> None:
        self._judge, self._photos = judge, photos
        self._painter = Adaptive(CPU, choose_precision(CPU))
        self._codes: dict[int, Tensor] = {}

    def seen(self, place: int, code: Tensor) -> dict[str, Tensor]:
        photo = self._photos[place % len(self._photos)]
        (painted,) = self._painter.paint([photo], code[None], Options(), lambda _: True)
        return self._judge.style_of(painted)

    def code(self, picture: Picture) -> Tensor:
        return self._painter.fast_code(picture)

    def worded(self, styles: SentenceStyles, sentence: str) -> Tensor:
        return self._painter.of_sentence(styles.code(sentence), styles.corpus)

    def reading(self, place: int) -> Tensor:
        """The code of the photo itself."""
        place %= len(self._photos)
        if place not in self._codes:
            self._codes[place] = self.code(self._photos[place])
        return self._codes[place]


def diversity(seen: list[dict[str, Tensor]]) -> float:
    """Mean distance between the paintings: means and deviations of each layer, in units of their mean length."""
    rows = []
    for layer in seen[0]:
        maps = torch.stack([torch.cat([each[layer].mean((0, 2, 3)), each[layer].std((0, 2, 3))]) for each in seen])
        rows.append(maps / maps.norm(dim=1).mean())
    return float(torch.pdist(torch.cat(rows, dim=1)).mean())


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--size", type=int, default=384, help="long side of the paintings, px")
    ask.add_argument("--pictures", type=int, default=200, help="held-out pictures that are painted for")
    ask.add_argument(
        "--validation", action="store_true", help="the pictures to choose by, instead of the held-out ones"
    )
    ask.add_argument("--head", type=Path, help="a head instead of the shipped one")
    ask.add_argument("--only", nargs="+", metavar="WAY", help="ways to measure; the file keeps what it has of others")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    judge, encoder, corpus = Judge(given.shared), SentenceEncoder(), Corpus.load()
    read = sources(given.shared)
    lessons = Lessons.read(corpus, read, encoder)
    seen, chosen, measured = split(lessons, SentenceRecipe())
    held_out = chosen if given.validation else measured
    head = Head.load(given.head)
    rest = without(corpus, torch.cat([chosen, measured]))
    quarter = without(rest, torch.arange(len(rest)) % 4 > 0)
    shipped = SentenceStyles(rest, encoder, head=head)
    near, told = retrieval(rest, encoder, 16), learned(head, encoder)
    painter = Painter(judge, [open_picture(file).resized(given.size) for file in judge.large()[:PHOTOS]])
    ways: dict[str, Code] = {
        "retrieval, k = 2": retrieval(rest, encoder, 2),
        "retrieval, k = 8": retrieval(rest, encoder, 8),
        "retrieval, k = 16": near,
        "retrieval, k = 32": retrieval(rest, encoder, 32),
        "retrieval, k = 8, a quarter of the corpus": retrieval(quarter, encoder, 8),
        "head": told,
        BY_ALL: told,
        "head and retrieval": blend(told, near),
        "by the photo, k = 8": lambda sentence, photo: shipped.code(sentence, painter.reading(photo)).code,
        "as shipped": lambda sentence, _: painter.worded(shipped, sentence),
    }
    ways = {name: way for name, way in ways.items() if not given.only or name in given.only}
    captions = [said for source in read for said in source.captions.values()]
    flat = [(place, sentence) for place in held_out.tolist() for sentence in captions[place]]
    owners, codes = torch.tensor([place for place, _ in flat]), whiten(head, corpus.codes.float())
    figures: dict[str, dict[str, float]] = {name: {} for name in ways}
    print(f"{len(held_out)} pictures, {len(flat)} sentences")
    for name, way in ways.items():
        if name == BY_ALL:  # recall is of single sentences
            continue
        found = whiten(head, torch.stack([way(sentence, place) for place, sentence in flat]))
        figures[name] = {f"R@{k}": recall(found, owners, codes, held_out, k) for k in (1, 10)}
        for kind in ("scene", "texture"):
            part = corpus.of_kind(kind)[owners]
            figures[name][f"R@10, {kind}"] = recall(found[part], owners[part], codes, held_out, 10)
        print(name, figures[name], flush=True)

    painted_for = held_out[: given.pictures].tolist()
    files = [read[0].pictures / lessons.names[place] for place in painted_for]
    aims = [judge.style_of(open_picture(file)) for file in files]
    order = torch.randperm(len(files), generator=torch.Generator().manual_seed(0))
    another = dict(zip(order.tolist(), order.roll(1).tolist(), strict=True))
    bland = corpus.codes.float()[seen].mean(0)
    blands = [painter.seen(place, bland) for place in range(PHOTOS)]
    means = [judge.apart(blands[place % PHOTOS], aim) for place, aim in enumerate(aims)]
    for name in (name for name in PAINTED if name in ways):
        way, rows = ways[name], []
        for place, picture in enumerate(painted_for):
            said = captions[picture] if name == BY_ALL else captions[picture][:1]
            painting = painter.seen(place, way("\n".join(said), place))
            rows.append([judge.apart(painting, aims[place]), judge.apart(painting, aims[another[place]]), means[place]])
        own_one, other, mean = torch.tensor(rows).T
        figures[name] |= {
            "to its picture": float(own_one.mean()),
            "to another": float(other.mean()),
            "mean style to it": float(mean.mean()),
        }
        kinds = {f", {kind}": corpus.of_kind(kind)[painted_for] for kind in ("scene", "texture")}
        for kind, part in {"": torch.ones(len(rows), dtype=torch.bool), **kinds}.items():
            figures[name] |= {
                f"nearer than to another{kind}": float((own_one < other)[part].float().mean()),
                f"nearer than the mean style{kind}": float((own_one < mean)[part].float().mean()),
            }
        figures[name]["diversity"] = diversity([painter.seen(0, way(prompt, 0)) for prompt in sentences()[:PROMPTS]])
        print(name, {key: round(value, 3) for key, value in figures[name].items()}, flush=True)
    styles = sorted((given.shared / "images/style").glob("*.jpg"))
    some = [styles[i * len(styles) // PROMPTS] for i in range(PROMPTS)]
    of_pictures = diversity([painter.seen(0, painter.code(open_picture(file))) for file in some])
    print(f"diversity of {PROMPTS} style pictures: {of_pictures:.3f}")
    if given.only and given.json.exists():
        figures = json.loads(given.json.read_text())["ways"] | figures
    given.json.write_text(json.dumps({"ways": figures, "diversity of pictures": of_pictures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
