"""Every kind of style becomes one style code."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from stylize.methods.method import Method
from stylize.presets.codes import preset_code
from stylize.request import ImageStyle, MixStyle, PresetStyle, SentenceStyle, Style
from stylize.sentence.corpus import SHIPPED, Corpus
from stylize.sentence.styles import SentenceStyles


@dataclass(frozen=True, eq=False)
class Code:
    """A style code, (Z,) float32, and for a sentence the words for what it means."""

    code: Tensor
    understood: tuple[str, ...] = ()


class StyleCodes:
    """Codes of styles for one method; the corpus of sentences is loaded when the first sentence comes.

    corpus: a file instead of the shipped one.
    """

    def __init__(self, method: Method, corpus: Path | None = None) -> None:
        self.method = method
        self._corpus = corpus or SHIPPED
        self._sentences: SentenceStyles | None = None

    def of(self, style: Style) -> Code:
        """Raises StyleError for an unknown preset and for what the method can't aim at.

        Raises WeightsError where codes and weights don't fit together.
        """
        match style:
            case ImageStyle(picture):
                return Code(self.method.prepare([picture])[0])
            case PresetStyle(name):
                return Code(self.method.of_preset(name, preset_code(name, self.method.weights)))
            case SentenceStyle(sentence):
                return self._of_sentence(sentence)
            case MixStyle(parts):
                return self._of_mix(parts)

    def _of_sentence(self, sentence: str) -> Code:
        if self._sentences is None:
            self._sentences = SentenceStyles(Corpus.load(self._corpus, code_net=self.method.weights))
        found = self._sentences.code(sentence)
        return Code(self.method.of_sentence(found, self._sentences.corpus), found.understood)

    def _of_mix(self, parts: tuple[tuple[Style, float], ...]) -> Code:
        found = [self.of(style) for style, _ in parts]
        weights = torch.tensor([weight for _, weight in parts])
        mixed = self.method.mix(torch.stack([code.code for code in found]), weights)
        return Code(mixed, tuple(dict.fromkeys(word for code in found for word in code.understood)))
