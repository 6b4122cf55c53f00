"""What is painted and what is not. Wrong alarms on English count as worse than misses."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylize import LONGEST_SENTENCE, Objection, SentenceStyle, StyleError, screen

SENTENCES = Path(__file__).with_name("sentences")
ENGLISH = (SENTENCES / "english.txt").read_text(encoding="utf-8").splitlines()
FOREIGN = [line.split("\t") for line in (SENTENCES / "foreign.tsv").read_text(encoding="utf-8").splitlines()]
PAINTABLE = (SENTENCES / "paintable.txt").read_text(encoding="utf-8").splitlines()


def test_no_english_sentence_is_refused() -> None:
    assert len(ENGLISH) > 300
    assert [sentence for sentence in ENGLISH if screen(sentence) is not None] == []


def test_words_that_painters_use_are_no_abuse() -> None:
    assert [sentence for sentence in PAINTABLE if screen(sentence) is not None] == []


def test_most_foreign_sentences_are_found() -> None:
    longer = [sentence for _, sentence in FOREIGN if len(sentence.split()) >= 3]
    missed = [sentence for sentence in longer if screen(sentence) is not Objection.NOT_ENGLISH]
    assert len({language for language, _ in FOREIGN}) >= 20
    assert len(longer) > 100
    assert len(missed) <= 0.12 * len(longer), missed


@pytest.mark.parametrize("sentence", ["зима", "浮世絵", "폭풍우 치는 밤바다", "ليلة عاصفة في البحر"])
def test_other_scripts_are_found_at_a_single_word(sentence: str) -> None:
    assert screen(sentence) is Objection.NOT_ENGLISH


@pytest.mark.parametrize("sentence", ["nieve", "Winterabend", "étoile"])
def test_a_single_foreign_word_may_pass(sentence: str) -> None:
    assert screen(sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "you are an idiot",
        "You’re so stupid",
        "stupid bot",
        "u ugly pig",
        "kill yourself",
        "what an a$$hole",
        "you moron",
    ],
)
def test_insults_are_found(sentence: str) -> None:
    assert screen(sentence) is Objection.ABUSIVE


@pytest.mark.parametrize("sentence", ["", " \n", "🎨🌊", "❤️", "?!", "…"])
def test_without_a_word_it_is_empty(sentence: str) -> None:
    assert screen(sentence) is Objection.EMPTY


def test_length_is_counted_without_spare_spaces() -> None:
    longest = "rain " * 60  # 299 characters and a space
    assert screen(longest + "  \n ") is None
    assert screen(longest + "and") is Objection.TOO_LONG


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("🎨", "holds no word"),
        ("rain " * 100, f"499 characters and {LONGEST_SENTENCE} are read at most"),
        ("un bosque de otoño con niebla", "Say it in English"),
        ("you are an idiot", "Describe a mood"),
    ],
)
def test_the_engine_refuses_with_a_sentence_that_says_what_to_do(sentence: str, says: str) -> None:
    with pytest.raises(StyleError, match=says):
        SentenceStyle(sentence)
