"""What an inline button carries: a short versioned code, at most 64 bytes, that survives any restart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VERSION = "v1"
MAX_BYTES = 64
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Act(StrEnum):
    """What a tap asks for; the value is its code. The upper ones speak of a draft, those below of a job, the last ones
    of the person."""

    PRESET = "p"
    PAGE = "g"
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
    AGAIN = "t"

    DELETE_ALL = "y"
    KEEP_ALL = "n"

    @property
    def on_job(self) -> bool:
        """Whether the number is a job's."""
        return self not in (Act.PRESET, Act.PAGE, Act.LAST_PHOTO) and not self.on_person

    @property
    def on_person(self) -> bool:
        """Whether the number is a person's."""
        return self in (Act.DELETE_ALL, Act.KEEP_ALL)


class NotATap(ValueError):  # noqa: N818 - an answer
    """Callback data that is not ours, or of another version."""


@dataclass(frozen=True)
class Tap:
    """A tap: what for, on which draft, job or person, and with what (a page number, a preset's name)."""

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
