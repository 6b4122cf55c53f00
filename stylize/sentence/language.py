"""Whether a sentence is in English.

Wrong alarms are worse than misses: a sentence that passes by mistake gets some style, one that is refused by mistake
gets none. Identifiers of languages err on a few words, so theirs is asked only where at least three are unknown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from stylize.sentence.encoder import vocabulary
from stylize.sentence.spelling import Spelling, plain

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

# Languages in Latin letters that the identifier chooses among; with all of its 97, short English is anything.
LANGUAGES = "en es de fr it pt nl pl tr sv da no fi cs hu ro id vi".split()  # noqa: SIM905
HARDLY_ENGLISH = 0.01  # of probability, at most: measured on the sentences in the tests
UNKNOWN_WORDS = 3  # fewer may be names, or a word that English has borrowed
UNKNOWN_SHARE = 0.5

SHORT_WORDS = frozenset(  # the vocabulary knows every word of three letters, of any language
    """a i an and the of in on at by to is it its as or but for from with all old red sea sun sky ice wet dry hot big
    new two one his her my me we us she you are was be so no not out off up low dim man men art oil ink raw sad fog dog
    cat day boy top do if go am pop neo""".split()  # noqa: SIM905
)
PARTICLES = frozenset("de van von der den di da del della du la le el the of dos and".split())  # noqa: SIM905
BORROWED = re.compile(  # what English has borrowed in three words or more, without accents
    r"\b(?:fin de siecle|joie de vivre|c'est la vie|la dolce vita|danse macabre|memento mori|mise en (?:scene|abyme)"
    r"|der blaue reiter|die brucke|neue sachlichkeit|dia de los muertos|cinco de mayo|commedia dell'arte|arte povera"
    r"|trompe l'oeil|feng shui|fete galante|plein air|belle epoque|nature morte|camera obscura|fata morgana|mardi gras"
    r"|le dejeuner sur l'herbe|les demoiselles d'avignon|la grande jatte|las meninas|la belle dame sans merci"
    r"|notre dame|moulin rouge|sagrada familia|park guell|cinque terre|lago di|rio de janeiro|buenos aires"
    r"|hasta la vista)\b"
)


def is_foreign(sentence: str) -> bool:
    """Whether it is in another language than English; names and a single foreign word pass.

    Raises WeightsError where the sentence model, whose vocabulary says what is known, is not installed.
    """
    letters = [letter for letter in sentence if letter.isalpha()]
    if letters and 2 * sum("LATIN" not in unicodedata.name(letter, "") for letter in letters) >= len(letters):
        return True
    words = WORD.findall(sentence)
    borrowed = {word for phrase in BORROWED.findall(plain(sentence)) for word in WORD.findall(phrase)}
    words = [word for word in words if plain(word) not in borrowed]
    unknown = [word for word in words if not all(_is_known(part) for part in plain(word).split("-"))]
    if len(unknown) < UNKNOWN_WORDS or len(unknown) < UNKNOWN_SHARE * len(words):
        return False
    unnamed = [word for word in unknown if word[0].islower() and word not in PARTICLES]
    if not unnamed or len(set(unknown) - PARTICLES) < 2:
        return False  # the name of somebody whom we don't know
    ranked = {str(language): float(share) for language, share in _languages().rank(sentence)}
    return ranked["en"] <= HARDLY_ENGLISH


def _is_known(word: str) -> bool:
    """Whether this is an English word, a word of art or an artist."""
    if len(word) <= 3:
        return word in SHORT_WORDS
    return _spelling().knows(word)


@cache
def _spelling() -> Spelling:
    return Spelling(vocabulary())


@cache
def _languages() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    languages = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    languages.set_languages(LANGUAGES)
    return languages
