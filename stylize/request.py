"""What is asked of the engine and what it gives back: frozen records, checked when they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from stylize.errors import StyleError
from stylize.pictures import Picture
from stylize.sentence.screening import require_paintable

MIN_SIZE = 32  # px: below it the deepest feature map is a single cell
MAX_SIZE = 4096  # px: the largest long side that is painted
MAX_STRENGTH = 1.5
MIN_STROKE, MAX_STROKE = 0.5, 2.0  # beyond, strokes drown in the photo's own detail, or the photo in its strokes
MAX_MIXED = 4  # styles in a mix: more of them average out to mud


@dataclass(frozen=True)
class ImageStyle:
    """Paint like this picture.

    code: a file that `Engine.tune` made for it, which it is painted by more faithfully; one that is not there, or was
    made for other weights, changes nothing.
    """

    picture: Picture
    code: Path | None = None


@dataclass(frozen=True)
class SentenceStyle:
    """Paint in the theme of an English sentence. Raises StyleError where `screen` objects to it.

    by_photo: choose pictures for it as Chelaramani et al. (ICIP 2018), by their likeness to the photo too.
    """

    sentence: str
    by_photo: bool = False

    def __post_init__(self) -> None:
        require_paintable(self.sentence)


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

    A part may itself be a mix; at most 4 styles come together in all. Raises StyleError where there are no parts, too
    many, or a weight is not a positive number.
    """

    parts: tuple[tuple[Style, float], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise StyleError("A mix needs at least one style.")
        for _, weight in self.parts:
            if not (math.isfinite(weight) and weight > 0):
                raise StyleError(f"The weight of a style in a mix must be a number above 0, not {weight:g}.")
        count = _styles_in(self)
        if count > MAX_MIXED:
            raise StyleError(f"A mix takes up to {MAX_MIXED} styles, not {count}.")


Style = ImageStyle | SentenceStyle | PresetStyle | MixStyle


def _styles_in(style: Style) -> int:
    return sum(_styles_in(part) for part, _ in style.parts) if isinstance(style, MixStyle) else 1


class Colours(StrEnum):
    """Whose colours the result wears.

    STYLE: those of the style. MATCHED: the photo's palette in its places, varied by the strokes. LUMINANCE: the photo's
    own at every pixel; only light and dark are painted. ONLY: the photo itself in the colours of the style, without
    strokes.
    """

    STYLE = "style"
    MATCHED = "matched"
    LUMINANCE = "luminance"
    ONLY = "only"


@dataclass(frozen=True)
class Options:
    """How to paint.

    method: the way of painting, by name; the engine knows which exist.
    size: long side of the result in px, 32 to 4096; None keeps the photo's, up to 4096.
    strength: 0 (the photo) to 1 (the style) to 1.5 (more than the style).
    stroke_size: 0.5 (fine strokes) to 2 (broad ones), for every kind of style.
    colours: whose colours the result wears.
    seed: for methods that draw random numbers; the same request gives the same bytes.
    recipe: of the method optimise: the name of a shipped one, or the path of a .toml file.
    seconds: for the method optimise: it stops there with what it has, after a step at least; None sets no limit.
    working_size: for the method optimise: long side in px that strokes are made at, instead of its recipe's; larger
    pictures are enlarged from there.
    preview_every: for the method optimise: progress brings a preview after every so many steps, beside those of each
    size; 0 brings no others.

    Raises StyleError for a value out of range.
    """

    method: str = "adaptive"
    size: int | None = None
    strength: float = 1.0
    stroke_size: float = 1.0
    colours: Colours = Colours.STYLE
    seed: int = 0
    recipe: str = "finest"
    seconds: float | None = None
    working_size: int | None = None
    preview_every: int = 0

    def __post_init__(self) -> None:
        if not self.method:
            raise StyleError("The method has no name.")
        if self.size is not None and not MIN_SIZE <= self.size <= MAX_SIZE:
            raise StyleError(f"The size must be between {MIN_SIZE} and {MAX_SIZE} pixels, not {self.size}.")
        if not 0 <= self.strength <= MAX_STRENGTH:  # also refuses NaN
            raise StyleError(f"The strength must be between 0 and {MAX_STRENGTH}, not {self.strength:g}.")
        if not MIN_STROKE <= self.stroke_size <= MAX_STROKE:
            raise StyleError(
                f"The stroke size must be between {MIN_STROKE:g} and {MAX_STROKE:g}, not {self.stroke_size:g}."
            )
        if self.colours not in list(Colours):
            raise StyleError(f"There are no colours “{self.colours}”. Choose one of: {', '.join(Colours)}.")
        if not 0 <= self.seed < 2**63:
            raise StyleError(f"The seed must be a whole number from 0 to 2⁶³ - 1, not {self.seed}.")
        if self.seconds is not None and not self.seconds > 0:
            raise StyleError(f"The time limit must be above 0 seconds, not {self.seconds:g}.")
        if self.working_size is not None and not MIN_SIZE <= self.working_size <= MAX_SIZE:
            raise StyleError(
                f"The working size must be between {MIN_SIZE} and {MAX_SIZE} pixels, not {self.working_size}."
            )
        if self.preview_every < 0:
            raise StyleError(f"Previews come every so many steps, or never for 0, not {self.preview_every}.")


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
class Pace:
    """How long a way of painting takes on this machine: a part for any picture, and one for each megapixel painted.

    side: long side in px at which it paints at most; larger photos are enlarged from there, so take no longer.
    """

    seconds: float
    seconds_per_megapixel: float
    side: int

    def seconds_for(self, width: int, height: int) -> float:
        """Expected seconds for a photo of this size in px."""
        scale = min(1.0, self.side / max(width, height))
        return self.seconds + self.seconds_per_megapixel * width * height * scale**2 / 1e6


class HeldBack(StrEnum):
    """How a style that would have hidden the photo was held back.

    FULL: painted at full strength instead of overdone. GENTLY: laid on part of its way. PARTLY: a part of the photo was
    given back.
    """

    FULL = "full"
    GENTLY = "gently"
    PARTLY = "partly"


@dataclass(frozen=True)
class Result:
    """A painted picture and how it came about.

    weights: first 12 hex digits of the sha256 of the weights that painted it.
    peak_memory: bytes.
    painted_side: long side in px that it was painted at; below the picture's where it was enlarged from there.
    understood: for a sentence, words for what it was taken to mean, such as "snow" and "winter"; none where none fits.
    held_back: what was done so that the photo still shows; nothing for nearly all.
    warnings: full sentences for the user, such as a size that had to be reduced; of `held_back` too.
    """

    picture: Picture
    method: str
    weights: str
    seconds: float
    peak_memory: int
    painted_side: int
    understood: tuple[str, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    warnings: tuple[str, ...] = ()
