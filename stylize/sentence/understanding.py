"""What was understood of a sentence, in two or three words of a fixed list (words.txt).

A word counts by its nearness to the sentence, more if the sentence holds it, and a little by its nearness to the
pictures that the sentence looks at. Of each topic only the nearest word is told, for MiniLM takes opposites for kin
("joy" and "gloom" lie at cosine 0.5); words that the sentence holds itself are all told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from safetensors import safe_open
from torch import Tensor

from stylize.sentence.corpus import Corpus
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.spelling import plain
from stylize.sentence.words import FILE, LookWord, look_words
from stylize.weights import fingerprint, shipped

MOST = 3  # words
ENOUGH = 2  # words, after which only one that the sentence holds is added
NEAR, FURTHER = 0.5, 0.55  # score that the first word needs, and that a further one does
BEHIND = 0.3  # of score that a further word may lie behind the nearest
HELD = 0.2  # added to the score of a word that the sentence holds
PICTURES = 0.15  # weight of the cosine to the pictures' captions
ALIKE = 0.75  # cosine of two words at which they say the same
ARTICLES = ("a", "an", "the")
TOKEN = re.compile(r"[^\W_]+")
PLURAL = re.compile(r"(?<=\w\w[^sui])s$")


class Understanding:
    """Finds the words for sentences over one corpus."""

    def __init__(self, corpus: Corpus, encoder: SentenceEncoder) -> None:
        self._corpus = corpus
        self._vectors = vectors = _vectors(encoder)
        self._words = look_words()
        self._forms = [_forms(word) for word in self._words]
        self._usual = vectors @ corpus.mean_meaning()

    def words(
        self, sentence: str, vectors: Sequence[Tensor], looked_at: Sequence[tuple[int, float]]
    ) -> tuple[str, ...]:
        """At most 3 words, the most fitting first; none where nothing fits.

        sentence: with slips mended. vectors: (384,) of the sentence or of its parts. looked_at: (picture, weight).
        """
        near = torch.stack([self._vectors @ vector for vector in vectors]).amax(dim=0)
        pictures, weights = (torch.tensor(column) for column in zip(*looked_at, strict=True))
        seen = self._vectors @ (weights @ self._corpus.rows(pictures)) - self._usual
        said = f" {' '.join(_tokens(sentence))} "
        held = torch.tensor([any(form in said for form in forms) for forms in self._forms])
        scores = near + PICTURES * seen
        nearest = float(scores.max())
        told: list[int] = []
        for index in (scores + HELD * held).argsort(descending=True, stable=True).tolist():
            score = float(scores[index])
            fits = (len(told) < ENOUGH and score >= nearest - BEHIND) and score >= (FURTHER if told else NEAR)
            if (held[index] or fits) and all(self._differ(index, other, bool(held[index])) for other in told):
                told.append(index)
            if len(told) == MOST:
                break
        return tuple(self._words[index].word for index in told)

    def _differ(self, index: int, other: int, held: bool) -> bool:
        word, earlier = self._words[index], self._words[other]
        if word.topic == earlier.topic and not held:
            return False
        if any(_share(one, two) for one in _tokens(word.word) for two in _tokens(earlier.word)):
            return False
        return float(self._vectors[index] @ self._vectors[other]) < ALIKE


def _vectors(encoder: SentenceEncoder) -> Tensor:
    """(W, 384) float32 of `look_words()`: the shipped ones, which spare a second, where this encoder made them."""
    with safe_open(shipped("words"), framework="pt") as file:
        made = file.metadata()
        if (made["encoder"], made["words"]) == (encoder.sha256, fingerprint(FILE)):
            vectors: Tensor = file.get_tensor("vectors").float() * file.get_tensor("scales")[:, None]
            return vectors
    return encoder.encode([word.read for word in look_words()])


def _forms(word: LookWord) -> list[str]:
    """The ways in which a sentence may hold it, each between spaces."""
    return [f" {' '.join(_tokens(form))} " for form in (word.word, *word.read.split(","))]


def _tokens(text: str) -> list[str]:
    """Its words in lower case, without accents, articles, the s of a plural, and in one spelling of two."""
    words = TOKEN.findall(plain(text).replace("colour", "color").replace("gray", "grey"))
    return [PLURAL.sub("", word) for word in words if word not in ARTICLES]


def _share(one: str, two: str) -> bool:
    """Whether one of two words is within the other, as "snow" in "snowfall"."""
    shorter, longer = sorted((one, two), key=len)
    return shorter == longer or (len(shorter) > 3 and shorter in longer)
