"""What a person asks for, as frozen records that cross every border of the bot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from stylize import Colours

STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5)
"""The steps of the buttons Softer and Stronger; 1.0 is where every first painting starts."""

STROKES = (0.5, 0.7, 1.0, 1.4, 2.0)
"""The steps of the buttons Finer strokes and Broader strokes."""


SIZES = (640, 1280, 2048, 4096)
"""Long sides in px that a person can choose for results; an operator's limits count more."""

MIXED = 3
"""The most styles in a mix that a person puts together."""

METHODS = ("quick", "finest")
"""The two ways to paint, as the metrics and the log name them."""


class StyleKind(StrEnum):
    """The ways to say what the result should look like."""

    PICTURE = "picture"
    SENTENCE = "sentence"
    PRESET = "preset"
    MIX = "mix"


@dataclass(frozen=True)
class Media:
    """A picture that Telegram keeps for us.

    file_id fetches it; unique_id is the same for the same picture. sent_as_file tells a document from a photo.
    size is in bytes, width and height in px; 0 where Telegram did not say.
    """

    file_id: str
    unique_id: str
    sent_as_file: bool = False
    name: str = ""
    size: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Style:
    """A style as the person gave it.

    text: the sentence or the preset's name. media: the picture. parts: the styles of a mix, none of them a mix itself,
    each with its share in percent.
    """

    kind: StyleKind
    text: str = ""
    media: Media | None = None
    parts: tuple[tuple[Style, int], ...] = ()

    @classmethod
    def picture(cls, media: Media) -> Style:
        """Like this picture."""
        return cls(StyleKind.PICTURE, media=media)

    @classmethod
    def sentence(cls, text: str) -> Style:
        """In the theme of these words."""
        return cls(StyleKind.SENTENCE, text=text)

    @classmethod
    def preset(cls, name: str) -> Style:
        """Like the painting of this name."""
        return cls(StyleKind.PRESET, text=name)

    @classmethod
    def mix(cls, parts: Sequence[tuple[Style, int]]) -> Style:
        """Like these together, each by its share."""
        return cls(StyleKind.MIX, parts=tuple(parts))

    @property
    def pictures(self) -> tuple[Media, ...]:
        """All pictures that it is made of."""
        inner = tuple(media for part, _ in self.parts for media in part.pictures)
        return (self.media, *inner) if self.media is not None else inner

    @property
    def digest(self) -> str:
        """The same for the same wish, 32 hex digits."""
        named = self.media.unique_id if self.media else self.text
        named += "".join(f"\n{part.digest} {share}" for part, share in self.parts)
        return hashlib.sha256(f"{self.kind}\n{named}".encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Order:
    """One picture to paint.

    finest: painted by optimisation, which takes about a minute. size: long side of the result in px, 0 for the usual
    one. as_file: painted in full size and sent as a document. reply_to: the message that the result answers, in this
    thread of the chat. album: orders of the same chat with the same name come back together, as one album. language:
    that the person is spoken to in.
    """

    chat_id: int
    user_id: int
    content: Media
    style: Style
    strength: float = 1.0
    stroke_size: float = 1.0
    colours: Colours = Colours.STYLE
    finest: bool = False
    size: int = 0
    as_file: bool = False
    reply_to: int | None = None
    thread: int | None = None
    album: str = ""
    language: str = "en"

    @property
    def method(self) -> str:
        """How it is painted, one of `METHODS`."""
        return METHODS[self.finest]

    @property
    def private(self) -> bool:
        """Whether it was asked for in the private chat, which has the person's number."""
        return self.chat_id == self.user_id

    @property
    def fingerprint(self) -> str:
        """The same for two orders whose results would be the same, 32 hex digits."""
        look = (self.strength, self.stroke_size, self.colours, self.finest, self.size)
        parts = (self.content.unique_id, self.style.digest, *look, self.as_file, self.album)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def step_from(steps: Sequence[float], value: float, by: int) -> float | None:
    """The step that is `by` steps beyond the one nearest to `value`; None past the end."""
    place = min(range(len(steps)), key=lambda index: abs(steps[index] - value)) + by
    return steps[place] if 0 <= place < len(steps) else None
