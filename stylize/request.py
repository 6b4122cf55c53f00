"""What is asked of the engine and what it gives back: frozen records, checked when they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from stylize.errors import StyleError
from stylize.pictures import Picture

MIN_SIZE = 32  # px: below it the deepest feature map is a single cell
MAX_SIZE = 4096  # px: the largest long side that is painted
MAX_STRENGTH = 1.5


@dataclass(frozen=True)
class ImageStyle:
    """Paint like this picture."""

    picture: Picture


@dataclass(frozen=True)
class SentenceStyle:
    """Paint in the theme of an English sentence. Raises StyleError where it holds no word."""

    sentence: str

    def __post_init__(self) -> None:
        if not any(letter.isalnum() for letter in self.sentence):
            raise StyleError(
                "The sentence is empty. Describe a mood, a place or a material, such as “a stormy sea at night”."
            )


@dataclass(frozen=True)
class PresetStyle:
    """Paint like one of the shipped presets, by its name, such as "starry-night".

    Whether the name exists is known to the engine, which raises StyleError.
    """

    name: str

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise StyleError("The preset has no name. `stylize presets` lists the names.")


@dataclass(frozen=True)
class MixStyle:
    """Several styles at once, each with its weight (positive, finite; only their ratios matter).

    Raises StyleError where there are no parts or a weight is not a positive number.
    """

    parts: tuple[tuple[Style, float], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise StyleError("A mix needs at least one style.")
        for _, weight in self.parts:
            if not (math.isfinite(weight) and weight > 0):
                raise StyleError(f"The weight of a style in a mix must be a number above 0, not {weight:g}.")


Style = ImageStyle | SentenceStyle | PresetStyle | MixStyle


@dataclass(frozen=True)
class Options:
    """How to paint.

    method: the way of painting, by name; the engine knows which exist.
    size: long side of the result in px, 32 to 4096; None keeps the photo's, up to 4096.
    strength: 0 (the photo) to 1 (the style) to 1.5 (more than the style).
    keep_colours: the result wears the photo's colours.
    seed: for methods that draw random numbers; the same request gives the same bytes.

    Raises StyleError for a value out of range.
    """

    method: str = "adaptive"
    size: int | None = None
    strength: float = 1.0
    keep_colours: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.method:
            raise StyleError("The method has no name.")
        if self.size is not None and not MIN_SIZE <= self.size <= MAX_SIZE:
            raise StyleError(f"The size must be between {MIN_SIZE} and {MAX_SIZE} pixels, not {self.size}.")
        if not 0 <= self.strength <= MAX_STRENGTH:  # also refuses NaN
            raise StyleError(f"The strength must be between 0 and {MAX_STRENGTH}, not {self.strength:g}.")
        if not 0 <= self.seed < 2**63:
            raise StyleError(f"The seed must be a whole number from 0 to 2⁶³ - 1, not {self.seed}.")


@dataclass(frozen=True)
class Request:
    """One photo to paint in one style."""

    content: Picture
    style: Style
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Progress:
    """How far a render is: `step` of `total`, the loss where there is one, perhaps a preview."""

    step: int
    total: int
    loss: float | None = None
    preview: Picture | None = None

    @property
    def fraction(self) -> float:
        """Done part, 0 to 1."""
        return min(1.0, max(0.0, self.step / self.total)) if self.total > 0 else 0.0


Watch = Callable[[Progress], bool]
"""Told of progress; answers whether to go on. After a False the engine raises `Cancelled`."""


@dataclass(frozen=True)
class Result:
    """A painted picture and how it came about.

    weights: first 12 hex digits of the sha256 of the weights that painted it.
    peak_memory: bytes.
    looked_at: for a sentence, the names of the corpus pictures that it drew on.
    warnings: full sentences for the user, such as a size that had to be reduced.
    """

    picture: Picture
    method: str
    weights: str
    seconds: float
    peak_memory: int
    looked_at: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
