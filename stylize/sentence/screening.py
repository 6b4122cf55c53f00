"""Whether a sentence can be read and should be painted: known before anything is loaded that takes seconds."""

from __future__ import annotations

from enum import StrEnum

from stylize.errors import StyleError
from stylize.sentence.abuse import is_abusive
from stylize.sentence.language import is_foreign

LONGEST_SENTENCE = 300  # characters; the encoder reads about as far


class Objection(StrEnum):
    """Why a sentence is not painted."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    NOT_ENGLISH = "not-english"
    ABUSIVE = "abusive"


def screen(sentence: str) -> Objection | None:
    """What speaks against painting by this sentence, None where nothing does.

    It takes about a millisecond, after half a second for the first sentence that may be in another language. Slips of
    the keyboard, names of artists and single foreign words pass.
    Raises WeightsError where the sentence model is not installed.
    """
    tidy = " ".join(sentence.split())
    if not any(letter.isalnum() for letter in tidy):
        return Objection.EMPTY
    if len(tidy) > LONGEST_SENTENCE:
        return Objection.TOO_LONG
    if is_abusive(tidy):
        return Objection.ABUSIVE
    return Objection.NOT_ENGLISH if is_foreign(tidy) else None


def require_paintable(sentence: str) -> None:
    """Raises StyleError, which says what to do, where `screen` objects."""
    match screen(sentence):
        case Objection.EMPTY:
            raise StyleError(
                "The sentence is empty: it holds no word. Describe a mood, a place or a material, such as “a stormy "
                "sea at night”."
            )
        case Objection.TOO_LONG:
            length = len(" ".join(sentence.split()))
            raise StyleError(
                f"The sentence has {length} characters and {LONGEST_SENTENCE} are read at most. Say it in fewer."
            )
        case Objection.NOT_ENGLISH:
            raise StyleError("The sentence seems not to be in English, which is all that is read. Say it in English.")
        case Objection.ABUSIVE:
            raise StyleError("The sentence insults people and is not painted. Describe a mood, a place or a material.")
