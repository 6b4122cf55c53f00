"""A sentence as style: screening, text encoder, captioned corpus, retrieval."""

from importlib import import_module
from typing import TYPE_CHECKING

from stylize.sentence.screening import LONGEST_SENTENCE, Objection, screen

if TYPE_CHECKING:
    from stylize.sentence.building import Broken, Built, EncodeStyle, Nets, Source, build_file, build_from
    from stylize.sentence.corpus import SHIPPED, Corpus, Kind
    from stylize.sentence.encoder import SentenceEncoder
    from stylize.sentence.styles import SentenceCode, SentenceStyles, sentence_styles

__all__ = [
    "LONGEST_SENTENCE",
    "SHIPPED",
    "Broken",
    "Built",
    "Corpus",
    "EncodeStyle",
    "Kind",
    "Nets",
    "Objection",
    "SentenceCode",
    "SentenceEncoder",
    "SentenceStyles",
    "Source",
    "build_file",
    "build_from",
    "screen",
    "sentence_styles",
]

_LATE = {
    "building": ("Broken", "Built", "EncodeStyle", "Nets", "Source", "build_file", "build_from"),
    "corpus": ("SHIPPED", "Corpus", "Kind"),
    "encoder": ("SentenceEncoder",),
    "styles": ("SentenceCode", "SentenceStyles", "sentence_styles"),
}


def __getattr__(name: str) -> object:
    """All but the screening needs torch, which takes seconds to import: only those who use it wait for it."""
    for module, names in _LATE.items():
        if name in names:
            return getattr(import_module(f"stylize.sentence.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
