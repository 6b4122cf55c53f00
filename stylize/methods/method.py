"""What every way of painting has in common."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from stylize.pictures import Picture
from stylize.request import Options, Watch
from stylize.sentence.corpus import Corpus
from stylize.sentence.styles import SentenceCode


class Method(Protocol):
    """One way of painting. The engine alone knows devices, memory, retries; a method is only mathematics."""

    name: str
    batch: int  # pictures of one size that it paints at once
    weights: str  # sha256 of the weights that it paints with
    reader: str  # sha256 of the part of them that reads styles: where it is the same, codes stay valid
    any_stroke: bool  # whether it sets the size of its strokes itself
    enlarges: bool  # whether it paints below the picture's size where that would be too much

    def prepare(self, styles: Sequence[Picture]) -> Tensor:
        """Style pictures -> their codes, (B, Z) float32."""
        ...

    def fast_code(self, picture: Picture) -> Tensor:
        """The fast painter's code of a style picture, (Z,)."""
        ...

    def mix(self, codes: Tensor, weights: Tensor) -> Tensor:
        """One code of several: codes (B, Z), weights (B,) of any sum -> (Z,)."""
        ...

    def of_preset(self, name: str, code: Tensor) -> Tensor:
        """The preset's code, (Z,), from that of the fast painter. Raises StyleError where the method has none."""
        ...

    def of_sentence(self, found: SentenceCode, corpus: Corpus) -> Tensor:
        """The code of a sentence, (Z,), from what it looked at in the corpus. Raises StyleError where there is none."""
        ...

    def eased(self, code: Tensor, photo: Picture, share: float) -> Tensor | None:
        """A code (Z,) moved to a share, 0 to 1, of the way from the photo's own; None where painting again costs too
        much."""
        ...

    def working_size(self, size: tuple[int, int], options: Options) -> tuple[int, int]:
        """Width and height in px that a picture of this size is painted at, before it is enlarged to it."""
        ...

    def paint(self, pictures: Sequence[Picture], codes: Tensor, options: Options, watch: Watch) -> list[Picture]:
        """Each picture in the style of its code, at its own size.

        Of the options, size, colours and strengths below 1 are the engine's business, and the stroke size too unless
        the method sets it itself. Raises Cancelled
        when the watcher says no, FloatingPointError where the painting holds values that are no numbers.
        """
        ...
