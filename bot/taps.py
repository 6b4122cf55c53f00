"""What an inline button carries: a short versioned code, at most 64 bytes, that survives any restart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VERSION = "v1"
MAX_BYTES = 64
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Act(StrEnum):
    """What a tap asks for; the value is its code. The first ones speak of a draft, the next of a job, of the person, of
    a saved style."""

    PRESET = "p"
    SAVED = "s"  # its argument is the number of the saved style
    RANDOM = "e"
    PAGE = "g"
    MIX = "m"  # its argument is a step of putting a mix together
    MINE = "o"
    LAST_PHOTO = "l"

    ANOTHER = "a"
    STRONGER = "u"
    SOFTER = "w"
    FINER = "d"
    BROADER = "b"
    COLOURS = "k"  # its argument is the choice; without one it asks
    BACK = "z"
    FINEST = "q"
    STOP = "x"
    FILE = "f"
    RESEND = "r"
    AGAIN = "i"
    RETRY = "rt"  # an order that was refused
    SAVE = "v"
    KEEP = "h"

    DELETE_ALL = "y"
    KEEP_ALL = "n"
    SETTING = "t"  # its argument names what changes
    KEEP_NO_MORE = "j"

    RENAME = "c"
    UNSAVE = "ce"

    @property
    def on_job(self) -> bool:
        """Whether the number is a job's."""
        return not (self.on_draft or self.on_person or self.on_style)

    @property
    def on_draft(self) -> bool:
        """Whether the number is a draft's."""
        return self in (Act.PRESET, Act.SAVED, Act.RANDOM, Act.PAGE, Act.MIX, Act.MINE, Act.LAST_PHOTO)

    @property
    def on_person(self) -> bool:
        """Whether the number is a person's."""
        return self in (Act.DELETE_ALL, Act.KEEP_ALL, Act.SETTING, Act.KEEP_NO_MORE)

    @property
    def on_style(self) -> bool:
        """Whether the number is a saved style's."""
        return self in (Act.RENAME, Act.UNSAVE)


class NotATap(ValueError):  # noqa: N818 - an answer
    """Callback data that is not ours, or of another version."""


@dataclass(frozen=True)
class Tap:
    """A tap: what for, on which draft, job, person or style, and with what (a page number, a preset's name)."""

    act: Act
    id: int
    argument: str = ""

    def encode(self) -> str:
        """The callback data. Raises ValueError where it would not fit into 64 bytes."""
        code = f"{VERSION}:{_to_base36(self.id)}:{self.act}:{self.argument}"
        if len(code.encode()) > MAX_BYTES:
            raise ValueError(f"callback data over {MAX_BYTES} bytes: {code!r}")
        return code

    @classmethod
    def decode(cls, code: str) -> Tap:
        """Reads callback data. Raises NotATap."""
        parts = code.split(":", 3)
        if len(parts) != 4 or parts[0] != VERSION or not parts[1] or not set(parts[1]) <= set(DIGITS):
            raise NotATap(code)
        try:
            return cls(Act(parts[2]), int(parts[1], 36), parts[3])
        except ValueError:
            raise NotATap(code) from None


def _to_base36(number: int) -> str:
    if number < 0:
        raise ValueError(f"not a row number: {number}")
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"
