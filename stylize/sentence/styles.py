"""Sentence → style code, by looking at captioned pictures that it brings to mind.

After Chelaramani, Jha and Namboodiri (ICIP 2018): rank a captioned corpus by the sentence, take the k closest pictures,
weight them, use the weighted mean of their styles. Where we differ: MiniLM takes the place of skip-thought vectors;
style codes take the place of Gram matrices (both mix linearly); and since the style of a photo is a colour filter, not
a painting, the photos that a scene brings to mind, and what people expect of it, choose a palette; paintings in that
palette give the strokes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from stylize.sentence.corpus import Corpus
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.expectations import Expectations
from stylize.sentence.meaning import Meaning, Reader
from stylize.sentence.screening import require_paintable
from stylize.sentence.understanding import Understanding

NEAREST = 8  # pictures that a sentence looks at in one part of the corpus (k)
TEMPERATURE = 0.07  # of cosines, in the weights softmax(cosine / temperature)
PAINTINGS = 4  # that lend their strokes to a scene; more of them blur into no hand at all
PALETTE_TEMPERATURE = 4.0  # ΔE: a picture this much further from the palette counts e times less
STROKES_LIKED = 0.5  # added to a painting's score for every deviation that it has more strokes than most
PHOTO_SHARE = 0.25  # of a scene's style: enough for its light and palette, too little to look like a filter
SHARPEN_AT_MOST = 1.6  # see `_sharpened`


@dataclass(frozen=True, eq=False)
class SentenceCode:
    """What a sentence looks like.

    code: (Z,) float32 style code.
    looked_at: (picture index, weight), heaviest first; the weights add up to 1.
    confidence: cosine of the sentence to the nearest captions; below about 0.3 the corpus knows nothing like it.
    understood: up to 3 words for what the sentence means, such as "snow" and "winter"; none where none fits.
    """

    code: Tensor
    looked_at: tuple[tuple[int, float], ...]
    confidence: float
    understood: tuple[str, ...] = ()


class SentenceStyles:
    """Style codes of sentences from one corpus. The same sentence always gets the same code.

    Raises WeightsError where the corpus was made with another sentence encoder.
    """

    def __init__(self, corpus: Corpus, encoder: SentenceEncoder | None = None) -> None:
        encoder = encoder or SentenceEncoder()
        corpus.require(encoder=encoder.sha256)
        self.corpus = corpus
        self._reader = Reader(encoder)
        self._encoder = encoder
        self._expectations: Expectations | None = None
        self._understanding: Understanding | None = None
        self._codes = corpus.codes.float()
        self._mean = self._codes.mean(dim=0)
        fineness = corpus.strokes.float().clamp_min(1e-3).log()
        among = fineness[corpus.of_kind("artwork")] if bool(corpus.of_kind("artwork").any()) else fineness
        self._strokes = ((fineness - among.mean()) / among.std(correction=0).clamp_min(1e-3)).clamp(-2, 2)
        self._spread = float((self._codes - self._mean).norm(dim=1).mean())

    def code(self, sentence: str) -> SentenceCode:
        """The style code of an English sentence. Raises StyleError where `screen` objects to it."""
        require_paintable(sentence)
        meaning = self._reader.read(sentence)
        looks = self.corpus.similarities(meaning.looks)
        scenes = looks if meaning.scenes is meaning.looks else self.corpus.similarities(meaning.scenes)
        weights = self.weights(meaning, looks, scenes)
        order = weights.argsort(descending=True, stable=True)[: int((weights > 0).sum())]
        nearest = torch.maximum(looks, scenes)[order]
        looked_at = tuple((int(picture), float(weights[picture])) for picture in order)
        if self._understanding is None:
            self._understanding = Understanding(self.corpus, self._encoder)
        parts = (meaning.looks, meaning.scenes)
        return SentenceCode(
            code=self._sharpened(weights @ self._codes),
            looked_at=looked_at,
            confidence=float(nearest.max()),
            understood=self._understanding.words(self._encoder.mend(sentence), parts, looked_at),
        )

    def weights(self, meaning: Meaning, looks: Tensor, scenes: Tensor) -> Tensor:
        """(P,) how much each picture counts, 0 for nearly all; adds up to 1.

        looks, scenes: (P,) cosines of the pictures' captions to the meaning's two vectors.
        """
        look = _firm(meaning.look)
        weights = torch.zeros(len(self.corpus))
        if look > 0:
            weights += look * self._look_weights(looks)
        if look < 1:
            weights += (1 - look) * self._scene_weights(meaning.scenes, scenes)
        return weights / weights.sum()

    def _look_weights(self, similarities: Tensor) -> Tensor:
        candidates = self.corpus.of_kind("texture", "artwork")
        if not candidates.any():
            candidates = torch.ones_like(candidates)
        return _softmax_of_nearest(similarities / TEMPERATURE, candidates, NEAREST)

    def _scene_weights(self, vector: Tensor, similarities: Tensor) -> Tensor:
        photos, paintings = self.corpus.of_kind("scene"), self.corpus.of_kind("artwork")
        if not photos.any():
            return self._look_weights(similarities)
        seen = _softmax_of_nearest(similarities / TEMPERATURE, photos, NEAREST)
        if not paintings.any():
            return seen
        if self._expectations is None:
            self._expectations = Expectations(self._encoder)
        palettes = self.corpus.palettes.float()
        wanted = self._expectations.pull(seen @ palettes, vector)
        # What speaks of the scene is wanted, and what wears its palette; best is a painting that does both.
        score = similarities / TEMPERATURE - (palettes - wanted).norm(dim=1) / PALETTE_TEMPERATURE
        seen = _softmax_of_nearest(score, photos, NEAREST)
        painted = _softmax_of_nearest(score + STROKES_LIKED * self._strokes, paintings, PAINTINGS)
        return PHOTO_SHARE * seen + (1 - PHOTO_SHARE) * painted

    def _sharpened(self, code: Tensor) -> Tensor:
        """A mean of codes, moved away from the mean of all until it is as far out as single pictures are.

        Means of styles are blander than any of them: their distance to the overall mean shrinks.
        """
        outward = code - self._mean
        gain = self._spread / float(outward.norm().clamp_min(1e-6))
        return self._mean + outward * min(max(gain, 1.0), SHARPEN_AT_MOST)


def _firm(look: float) -> float:
    """Nearly sure becomes sure, so that a scene gets no pattern from one word and a pattern no landscape."""
    if look < 0.25:
        return 0.0
    return 1.0 if look > 0.75 else look


def _softmax_of_nearest(scores: Tensor, candidates: Tensor, count: int) -> Tensor:
    """(P,) softmax over the highest `count` scores among the candidates, 0 elsewhere."""
    kept = torch.where(candidates, scores, -torch.inf)
    best = kept.topk(min(count, int(candidates.sum()))).indices
    return torch.zeros_like(scores).scatter_(0, best, scores[best].softmax(dim=0))
