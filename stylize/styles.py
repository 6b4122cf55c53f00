"""Every kind of style becomes one style code."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from stylize.methods.method import Method
from stylize.pictures import Picture
from stylize.presets.codes import preset_code
from stylize.presets.stored import stored_code
from stylize.request import ImageStyle, MixStyle, PresetStyle, SentenceStyle, Style
from stylize.sentence.corpus import SHIPPED, Corpus
from stylize.sentence.styles import SentenceStyles, sentence_styles


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

    def of(self, style: Style, content: Picture) -> Code:
        """The code of a style for painting this photo, which changes no code but those of sentences read by it.

        Raises StyleError for an unknown preset and for what the method can't aim at.

        Raises WeightsError where codes and weights don't fit together.
        """
        match style:
            case ImageStyle(picture, file):
                return Code(self._of_picture(picture, file))
            case PresetStyle(name):
                return Code(self.method.of_preset(name, preset_code(name, self.method.weights)))
            case SentenceStyle():
                return self._of_sentence(style, content)
            case MixStyle(parts):
                return self._of_mix(parts, content)

    def _of_picture(self, picture: Picture, file: Path | None) -> Tensor:
        code = self.method.prepare([picture])[0]
        tuned = stored_code(file, self.method.weights) if file is not None else None
        # Every method's code begins with the fast painter's.
        return code if tuned is None else torch.cat([tuned, code[len(tuned) :]])

    def _of_sentence(self, style: SentenceStyle, content: Picture) -> Code:
        if self._sentences is None:
            self._sentences = sentence_styles(Corpus.load(self._corpus, code_net=self.method.reader))
        photo = self.method.fast_code(content) if style.by_photo else None
        found = self._sentences.code(style.sentence, photo)
        return Code(self.method.of_sentence(found, self._sentences.corpus), found.understood)

    def _of_mix(self, parts: tuple[tuple[Style, float], ...], content: Picture) -> Code:
        found = [self.of(style, content) for style, _ in parts]
        weights = torch.tensor([weight for _, weight in parts])
        mixed = self.method.mix(torch.stack([code.code for code in found]), weights)
        return Code(mixed, tuple(dict.fromkeys(word for code in found for word in code.understood)))
