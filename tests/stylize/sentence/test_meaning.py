import pytest

from stylize.sentence import SentenceEncoder
from stylize.sentence.meaning import Reader


@pytest.fixture(scope="module")
def reader(encoder: SentenceEncoder) -> Reader:
    return Reader(encoder)


@pytest.mark.parametrize(
    "sentence",
    ["watercolour", "mosaic", "pencil drawing", "stripes", "oil painting", "Van Gogh", "Monet", "cubism", "polka dots",
     "thick blue swirls", "a faded watercolour", "stained glass", "knitted wool", "in the style of Picasso"],
)  # fmt: skip
def test_looks(reader: Reader, sentence: str) -> None:
    assert reader.read(sentence).look > 0.75


@pytest.mark.parametrize(
    "sentence",
    ["a stormy night at sea", "This is a snowy day.", "There is a Christmas feel in the air.", "sunset", "happy",
     "fire", "autumn forest", "a lonely winter street", "underwater", "golden hour", "halloween", "strmy nigth at sea"],
)  # fmt: skip
def test_scenes_and_moods(reader: Reader, sentence: str) -> None:
    assert reader.read(sentence).look < 0.25


@pytest.mark.parametrize(
    ("sentence", "look", "scene"),
    [
        ("a watercolour of a stormy sea", "a watercolour", "a stormy sea"),
        ("a snowy day in the style of Monet", "Monet", "a snowy day"),
    ],
)
def test_both_halves_are_heard(reader: Reader, encoder: SentenceEncoder, sentence: str, look: str, scene: str) -> None:
    meaning = reader.read(sentence)
    assert 0.25 < meaning.look < 0.75
    assert float(meaning.looks @ encoder.understand(look)) > 0.99
    assert float(meaning.scenes @ encoder.understand(scene)) > 0.99
