"""What captions could tell if nothing were lost on the way to a painting: `python -m benchmarks.told [--shared DIR]`.

`benchmarks.sentence_quality` asks how often a painting by a caption is nearer to its picture than to another, and how
often nearer than the mean style is. Here nothing is painted: the statistics themselves, means and deviations of
relu1_1, relu2_1 and relu3_1 in compact as the corpus holds them, are guessed from the captions of all other captioned
pictures and compared as the judge compares paintings. So these are the shares that a painter without fault would reach,
by the picture's first caption and by all its captions at once. Last comes the shipped head: what its codes are like, as
far as the net tells that it was taught through. Prints a table.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.judge import SHARED
from stylize.sentence import Corpus, SentenceEncoder
from stylize.sentence.head import Head
from stylize.sentence.ship import sources
from stylize.sentence.styles import TEMPERATURE
from stylize.training.appearance import Statistics, apart, learned_appearance
from stylize.training.sentence import Lessons, split
from stylize.training.sentence_recipe import SentenceRecipe

NEAREST = (8, 32, 128)
RIDGES = (3.0, 10.0, 30.0)

Guess = Callable[[Tensor], Statistics]
"""Sentence vectors (N, 384) -> statistics of N pictures."""


def by_nearest(meanings: Tensor, known: Statistics, count: int) -> Guess:
    """The mean of the pictures whose captions are nearest; long statistics count less, as distances are relative."""

    def guess(vectors: Tensor) -> Statistics:
        best = (vectors @ meanings.T).topk(count, dim=1)
        weights = (best.values / TEMPERATURE).softmax(1)
        found = []
        for layer in known:
            shares = F.normalize(weights / layer.norm(dim=1)[best.indices], p=1, dim=1)
            found.append(torch.einsum("nk,nkc->nc", shares, layer[best.indices]))
        return tuple(found)

    return guess


def by_ridge(meanings: Tensor, known: Statistics, ridge: float) -> Guess:
    """Linear in the sentence's vector, by the least squares of relative errors."""

    def guess(vectors: Tensor) -> Statistics:
        found = []
        for layer in known:
            shares = layer.square().sum(1).reciprocal()
            shares = (shares / shares.mean())[:, None]
            middle = (shares * layer).mean(0)
            squares = meanings.T @ (shares * meanings) + ridge * torch.eye(meanings.shape[1])
            found.append(middle + vectors @ torch.linalg.solve(squares, meanings.T @ (shares * (layer - middle))))
        return tuple(found)

    return guess


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    given = ask.parse_args()
    corpus, encoder = Corpus.load(), SentenceEncoder()
    read = sources(given.shared)
    lessons = Lessons.read(corpus, read, encoder)
    seen, _, measured = split(lessons, SentenceRecipe())
    seen = seen[~lessons.titled[seen]]
    assert lessons.statistics is not None
    known, wanted = (tuple(layer[places] for layer in lessons.statistics) for places in (seen, measured))
    meanings = lessons.meanings()
    captions = [said for source in read for said in source.captions.values()]
    asked = {
        "the first caption": torch.stack([encoder.understand(captions[place][0]) for place in measured.tolist()]),
        "all captions": meanings[measured],
    }
    guesses = {f"{count} nearest": by_nearest(meanings[seen], known, count) for count in NEAREST}
    guesses |= {f"linear, ridge {ridge:g}": by_ridge(meanings[seen], known, ridge) for ridge in RIDGES}
    looks = learned_appearance(lessons.codes[seen], known, SentenceRecipe().seed)
    head = Head.load()
    guesses["the head"] = lambda vectors: looks(head(vectors))
    mean = apart(tuple(layer.mean(0).expand(len(measured), -1) for layer in known), wanted)
    print("| guess | by | distance | nearer than to another | nearer than the mean style |\n|---|---|---|---|---|")
    for said, vectors in asked.items():
        for name, guess in guesses.items():
            found = guess(vectors)
            own = apart(found, wanted)
            others = torch.stack(
                [apart(found, tuple(layer.roll(by, 0) for layer in wanted)) for by in range(1, len(own))]
            )
            shares = f"{(own < others).float().mean():.1%} | {(own < mean).float().mean():.1%}"
            print(f"| {name} | {said} | {own.mean():.3f} | {shares} |")


if __name__ == "__main__":
    main()
