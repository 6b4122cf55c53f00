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

from stylize.sentence.by_photo import weighed_by_photo
from stylize.sentence.corpus import KINDS, Corpus
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.expectations import Expectations
from stylize.sentence.head import Head
from stylize.sentence.meaning import Meaning, Reader
from stylize.sentence.screening import require_paintable
from stylize.sentence.understanding import Understanding

REACH = 2048  # of 320 sentences, none took a photo of the shipped corpus from beyond the 2,048 nearest
SAMPLE = 2**16  # pictures that stand for all of a large corpus where means are wanted
NEAREST = 8  # pictures that a sentence looks at in one part of the corpus (k)
TEMPERATURE = 0.07  # of cosines, in the weights softmax(cosine / temperature)
LOOK_TEMPERATURE = 0.05  # the same for looks, so that pictures a little like it don't wash out a "comic book"
PAINTINGS = 4  # that lend their strokes to a scene; more of them blur into no hand at all
PALETTE_TEMPERATURE = 4.0  # ΔE: a picture this much further from the palette counts e times less
STROKES_LIKED = 0.5  # added to a painting's score for every deviation that it has more strokes than most
COLOURS_LIKED = 0.5  # likewise of more colours, where a look is wanted: of all that is "impressionism", not the greyest
LOOK_TOLD = 0.5  # by the head; the rest is drawn from pictures
ARTWORK_TOLD = 0.25  # where artworks are said to look so, of which the head knows little but titles
UNLIKE, ALIKE = 0.4, 0.6  # cosines to the nearest artwork: none is said to look so, one is
SCENE_TOLD = 0.4  # more of it makes the sea smooth, as in photos, where a painting was wanted
PHOTO_SHARE = 0.25  # of a scene's style: enough for its light and palette, too little to look like a filter
SHARPEN_AT_MOST = 1.6  # see `_sharpened`


Weighed = tuple[Tensor, Tensor]
"""Pictures as places in the corpus, (N,) int64, and how much each counts, (N,) float32."""


@dataclass(frozen=True, eq=False)
class SentenceCode:
    """What a sentence looks like.

    code: (Z,) float32 style code.
    looked_at: (picture index, weight), heaviest first; the weights add up to 1.
    confidence: cosine of the sentence to the nearest captions; below about 0.3 the corpus knows nothing like it.
    understood: up to 3 words for what the sentence means, such as "snow" and "winter"; none where none fits.
    lightness: mean L*, 0 to 100, of the palette that a scene is expected to have. Paintings are chosen near it, but few
    of the sea are as dark as a night; and sharpening moves lightness with all the rest of a code.
    expected: how much people expect it, from 0, where what the code says is the better guess, to 1.
    """

    code: Tensor
    looked_at: tuple[tuple[int, float], ...]
    confidence: float
    understood: tuple[str, ...] = ()
    lightness: float = 50.0
    expected: float = 0.0


@dataclass(frozen=True, eq=False)
class Scene:
    """What a scene or a mood brings to mind.

    photos, likeness: the nearest, (N,) places in the corpus, and their cosines, (N,). palette: (6,), as in photos and
    as people expect. expected: how much of it they do, 0 to 1, less where a sentence is part look.
    """

    photos: Tensor
    likeness: Tensor
    palette: Tensor
    expected: float


@dataclass(frozen=True)
class _Usual:
    """Mean and standard deviation of a measure, over the artworks of a corpus."""

    mean: Tensor
    deviation: Tensor

    @classmethod
    def of(cls, values: Tensor) -> _Usual:
        return cls(values.mean(), values.std(correction=0).clamp_min(1e-3))

    def beyond(self, values: Tensor) -> Tensor:
        return ((values - self.mean) / self.deviation).clamp(-2, 2)


class SentenceStyles:
    """Style codes of sentences from one corpus. The same sentence always gets the same code.

    reach: how many pictures of a kind, the nearest, a sentence chooses among by more than its words. head: what was
    learned beside the corpus; without one, looks are drawn from pictures alone.
    Raises WeightsError where the corpus was made with another sentence encoder.
    """

    def __init__(
        self,
        corpus: Corpus,
        encoder: SentenceEncoder | None = None,
        reach: int = REACH,
        head: Head | None = None,
    ) -> None:
        encoder = encoder or SentenceEncoder()
        corpus.require(encoder=encoder.sha256)
        self.corpus, self.reach, self.head = corpus, reach, head
        self._reader = Reader(encoder)
        self._encoder = encoder
        self._expectations: Expectations | None = None
        some = slice(None, None, -(-len(corpus) // SAMPLE))
        codes = corpus.codes[some].float()
        self._mean = codes.mean(dim=0)
        self._spread = float((codes - self._mean).norm(dim=1).mean())
        painted = corpus.of_kind("artwork")[some]
        usual = painted if bool(painted.any()) else torch.ones_like(painted)
        self._usual_strokes = _Usual.of(_fineness(corpus.strokes[some][usual]))
        self._usual_colours = _Usual.of(_colourfulness(corpus.palettes[some][usual]))
        self._understanding: Understanding | None = None

    def code(self, sentence: str, photo: Tensor | None = None) -> SentenceCode:
        """The style code of an English sentence. Raises StyleError where `screen` objects to it.

        photo: (Z,), the style code of the photo to be painted; with it the sentence is read as in the paper, see
        ``weighed_by_photo``, and has another style on every photo.
        """
        require_paintable(sentence)
        meaning = self._reader.read(sentence)
        scene = self._scene(meaning) if photo is None else None
        if photo is None:
            pictures, weights = self._weighed(meaning, scene)
            drawn = weights @ self.corpus.codes[pictures].float()
            code = self._sharpened(self._mixed(meaning, drawn, self._painted(meaning.looks, pictures, weights)))
        else:
            pictures, weights = weighed_by_photo(self.corpus, meaning.whole, photo, self._mean)
            code = weights @ self.corpus.codes[pictures].float()
        looked_at = tuple(zip(pictures.tolist(), weights.tolist(), strict=True))
        parts = (meaning.looks, meaning.scenes)
        if self._understanding is None:
            self._understanding = Understanding(self.corpus, self._encoder)
        return SentenceCode(
            code=code,
            looked_at=looked_at,
            confidence=float(torch.cat([self.corpus.cosines(vector, pictures) for vector in parts]).max()),
            understood=self._understanding.words(self._encoder.mend(sentence), parts, looked_at),
            lightness=float(scene.palette[0]) if scene else SentenceCode.lightness,
            expected=scene.expected if scene else SentenceCode.expected,
        )

    def _mixed(self, meaning: Meaning, drawn: Tensor, painted: float) -> Tensor:
        """(Z,) the style drawn from pictures, `painted` of it from artworks, with what the head makes of the meaning.

        The head was taught to be nearer than the mean style is, so it hedges; it is moved out before it has its say.
        """
        if self.head is None:
            return drawn
        told = self.head(torch.stack([meaning.looks, meaning.scenes]))
        as_look, as_scene = self._sharpened(told[0]), self._sharpened(told[1])
        look = _firm(meaning.look)
        look_told = LOOK_TOLD + painted * (ARTWORK_TOLD - LOOK_TOLD)
        return drawn + look * look_told * (as_look - drawn) + (1 - look) * SCENE_TOLD * (as_scene - drawn)

    def _painted(self, look: Tensor, pictures: Tensor, weights: Tensor) -> float:
        """The share of artworks among pictures, less where none is said to look so."""
        artworks = self.corpus.of_kind("artwork")[pictures].float()
        return float(weights @ artworks) * _said(self.corpus.cosines(look, pictures) * artworks)

    def _scene(self, meaning: Meaning) -> Scene | None:
        """None for a look alone, and where the corpus holds no photos."""
        look = _firm(meaning.look)
        if look == 1:
            return None
        photos, likeness = self.corpus.nearest(meaning.scenes, ("scene",), self.reach)
        if not len(photos):
            return None
        if self._expectations is None:
            self._expectations = Expectations(self._encoder)
        seen, weights = _softmax_of_best(photos, likeness / TEMPERATURE, NEAREST)
        palette, say = self._expectations.pull(weights @ self.corpus.palettes[seen].float(), meaning.scenes)
        return Scene(photos, likeness, palette, (1 - look) * say)

    def _weighed(self, meaning: Meaning, scene: Scene | None) -> Weighed:
        """The pictures that a meaning looks at, heaviest first; their weights add up to 1."""
        look = _firm(meaning.look)
        parts: list[Weighed] = []
        if look > 0:
            parts.append(_share(look, self._by_look(meaning.looks)))
        if look < 1:
            parts.append(_share(1 - look, self._by_scene(meaning.scenes, scene)))
        pictures, seat = torch.unique(torch.cat([pictures for pictures, _ in parts]), return_inverse=True)
        weights = torch.zeros(len(pictures)).index_add_(0, seat, torch.cat([weights for _, weights in parts]))
        order = weights.argsort(descending=True, stable=True)[: int((weights > 0).sum())]
        return pictures[order], weights[order] / weights.sum()

    def _by_look(self, vector: Tensor) -> Weighed:
        pictures, cosines = self.corpus.nearest(vector, ("texture", "artwork"), self.reach)
        if not len(pictures):
            pictures, cosines = self.corpus.nearest(vector, KINDS, NEAREST)
        liked = STROKES_LIKED * self._strokes(pictures) + COLOURS_LIKED * self._colours(pictures)
        artworks = self.corpus.of_kind("artwork")[pictures].float()
        scores = cosines / LOOK_TEMPERATURE + _said(cosines * artworks) * artworks * liked
        return _softmax_of_best(pictures, scores, NEAREST)

    def _by_scene(self, vector: Tensor, scene: Scene | None) -> Weighed:
        if scene is None:
            return self._by_look(vector)
        paintings, aptness = self.corpus.nearest(vector, ("artwork",), self.reach)
        if not len(paintings):
            return _softmax_of_best(scene.photos, scene.likeness / TEMPERATURE, NEAREST)
        # What speaks of the scene is wanted, and what wears its palette; best is a painting that does both.
        in_palette = _softmax_of_best(scene.photos, self._suits(scene.photos, scene.likeness, scene.palette), NEAREST)
        liked = STROKES_LIKED * self._strokes(paintings)
        painted = _softmax_of_best(paintings, self._suits(paintings, aptness, scene.palette) + liked, PAINTINGS)
        photo, painting = _share(PHOTO_SHARE, in_palette), _share(1 - PHOTO_SHARE, painted)
        return torch.cat([photo[0], painting[0]]), torch.cat([photo[1], painting[1]])

    def _suits(self, pictures: Tensor, cosines: Tensor, wanted: Tensor) -> Tensor:
        """(N,) scores of pictures for a sentence with this palette."""
        apart: Tensor = torch.linalg.vector_norm(self.corpus.palettes[pictures].float() - wanted, dim=1)
        return cosines / TEMPERATURE - apart / PALETTE_TEMPERATURE

    def _strokes(self, pictures: Tensor) -> Tensor:
        """(N,) how much rougher than most artworks they are, in standard deviations."""
        return self._usual_strokes.beyond(_fineness(self.corpus.strokes[pictures]))

    def _colours(self, pictures: Tensor) -> Tensor:
        """(N,) how much more colourful than most artworks they are, in standard deviations."""
        return self._usual_colours.beyond(_colourfulness(self.corpus.palettes[pictures]))

    def _sharpened(self, code: Tensor) -> Tensor:
        """A mean of codes, moved away from the mean of all until it is as far out as single pictures are.

        Means of styles are blander than any of them: their distance to the overall mean shrinks.
        """
        outward = code - self._mean
        gain = self._spread / float(outward.norm().clamp_min(1e-6))
        return self._mean + outward * min(max(gain, 1.0), SHARPEN_AT_MOST)


def sentence_styles(corpus: Corpus) -> SentenceStyles:
    """With the shipped head, where it was taught codes of the corpus' net."""
    head = Head.load()
    return SentenceStyles(corpus, head=head if head.code_net == corpus.code_net else None)


def _firm(look: float) -> float:
    """Nearly sure becomes sure, so that a scene gets no pattern from one word and a pattern no landscape."""
    if look < 0.25:
        return 0.0
    return 1.0 if look > 0.75 else look


def _said(cosines: Tensor) -> float:
    """0 to 1, whether one of these artworks is said to look so: many captions of photos pass for looks, of none."""
    return float(((cosines.max() - UNLIKE) / (ALIKE - UNLIKE)).clamp(0, 1))


def _softmax_of_best(pictures: Tensor, scores: Tensor, count: int) -> Weighed:
    best = scores.topk(min(count, len(scores)))
    return pictures[best.indices], best.values.softmax(dim=0)


def _share(share: float, weighed: Weighed) -> Weighed:
    pictures, weights = weighed
    return pictures, share * weights


def _fineness(strokes: Tensor) -> Tensor:
    return strokes.float().clamp_min(1e-3).log()


def _colourfulness(palettes: Tensor) -> Tensor:
    """(N,) logarithm of how far from grey the mean of a palette is, and its colours from each other."""
    palettes = palettes.float()
    chroma: Tensor = palettes[:, 1:3].norm(dim=1) + palettes[:, 4:6].norm(dim=1)
    return chroma.clamp_min(1).log()
