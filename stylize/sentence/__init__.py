"""A sentence as style: text encoder, captioned corpus, retrieval."""

from stylize.sentence.building import Broken, Built, EncodeStyle, Nets, Source, build_file, build_from
from stylize.sentence.corpus import SHIPPED, Corpus, Kind
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.styles import SentenceCode, SentenceStyles

__all__ = [
    "SHIPPED",
    "Broken",
    "Built",
    "Corpus",
    "EncodeStyle",
    "Kind",
    "Nets",
    "SentenceCode",
    "SentenceEncoder",
    "SentenceStyles",
    "Source",
    "build_file",
    "build_from",
]
