import pytest

from stylize.sentence import SentenceEncoder
from stylize.sentence.encoder import encoder_folder
from stylize.sentence.spelling import Spelling


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    from tokenizers import Tokenizer

    return Spelling(Tokenizer.from_file(str(encoder_folder() / "tokenizer.json")).get_vocab())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("strmy nigth at sea", "stormy night at sea"),
        ("a snowwy day", "a snowy day"),
        ("wattercolour paintng", "watercolor painting"),
        ("chrismas feel", "christmas feel"),
        ("sunsset over the montains", "sunset over the mountains"),
        ("aivazovski", "aivazovsky"),
    ],
)
def test_one_slip_a_word_is_mended(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.mend(typed) == meant


@pytest.mark.parametrize(
    "sentence",
    [
        "a foggy, gloomy morning",
        "kuindzhi moonlight",
        "grassy hills",
        "vaporwave",
        "rembrandt's portrait",
        "été 1889 🎨",
    ],
)
def test_right_and_unknown_words_stay(spelling: Spelling, sentence: str) -> None:
    assert spelling.mend(sentence) == sentence


def test_slips_hardly_move_the_sentence(encoder: SentenceEncoder) -> None:
    typed, meant = encoder.understand("strmy nigth at sea"), encoder.understand("stormy night at sea")
    assert float(typed @ meant) > 0.95
    assert float(encoder.encode(["strmy nigth at sea"])[0] @ meant) < 0.7  # what mending is there for


def test_both_spellings_of_watercolour_mean_the_same(encoder: SentenceEncoder) -> None:
    assert float(encoder.understand("a faded watercolour") @ encoder.understand("a faded watercolor")) > 0.999
