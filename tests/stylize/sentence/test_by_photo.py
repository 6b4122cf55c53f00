"""The retrieval of Chelaramani et al. 2018."""

import pytest
import torch
import torch.nn.functional as F

from stylize import Engine, Options, Picture, Request, SentenceStyle
from stylize.sentence import Corpus, SentenceEncoder, SentenceStyles
from stylize.sentence.by_photo import NEAREST, TEMPERATURE, weighed_by_photo
from stylize.sentence.corpus import KINDS

SENTENCE = "a stormy night at sea"


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus.load()


def test_weights_are_nearness_times_likeness(corpus: Corpus, encoder: SentenceEncoder) -> None:
    vector, mean = encoder.encode([SENTENCE])[0], corpus.codes.float().mean(0)
    photo = corpus.codes[7].float()
    pictures, weights = weighed_by_photo(corpus, vector, photo, mean)
    nearest, cosines = corpus.nearest(vector, KINDS, NEAREST)
    wanted = {
        int(place): float((cosine / TEMPERATURE).exp())
        * max(0.0, float(F.cosine_similarity(corpus.codes[place].float() - mean, photo - mean, dim=0)))
        for place, cosine in zip(nearest, cosines, strict=True)
    }
    total = sum(wanted.values())
    expected = {place: weight / total for place, weight in wanted.items() if weight}
    assert dict(zip(pictures.tolist(), weights.tolist(), strict=True)) == pytest.approx(expected, rel=1e-4)
    assert weights.tolist() == sorted(weights.tolist(), reverse=True)


def test_where_nothing_is_like_the_photo_the_sentence_counts_alone(corpus: Corpus, encoder: SentenceEncoder) -> None:
    vector, mean = encoder.encode([SENTENCE])[0], corpus.codes.float().mean(0)
    _, weights = weighed_by_photo(corpus, vector, mean, mean)
    _, cosines = corpus.nearest(vector, KINDS, NEAREST)
    assert torch.allclose(weights, (cosines / TEMPERATURE).softmax(0))


def test_each_photo_has_its_own_style(corpus: Corpus, encoder: SentenceEncoder) -> None:
    styles = SentenceStyles(corpus, encoder)
    dark, light = (styles.code(SENTENCE, corpus.codes[place].float()) for place in (3, 4000))
    assert not torch.equal(dark.code, light.code)
    assert {place for place, _ in dark.looked_at} != {place for place, _ in styles.code(SENTENCE).looked_at}


@pytest.mark.parametrize("method", ["adaptive", "optimise"])
def test_both_methods_paint_by_it(method: str) -> None:
    rows = torch.linspace(0, 255, 96)[:, None, None].expand(96, 96, 3)
    photo = Picture(rows.to(torch.uint8).numpy().copy())
    options = Options(method=method, seconds=0.2 if method == "optimise" else None, working_size=64)
    engine = Engine("cpu")
    ours, paper = (
        engine.render(Request(photo, SentenceStyle(SENTENCE, by_photo), options)) for by_photo in (False, True)
    )
    assert ours.picture.pixels.tobytes() != paper.picture.pixels.tobytes()
