"""What can go wrong, in words for the person who asked.

`str(error)` is always one or more full English sentences that say what to do next; they may be shown to a
user as they are. Anything that is not a `StylizeError` is a defect of ours.
"""

from __future__ import annotations

from typing import Literal

PictureProblem = Literal["unreadable", "too_large", "too_small", "unsupported", "animated", "empty"]
"""Short codes for callers that word a refused picture in their own language."""


class StylizeError(Exception):
    """Base of every error that `stylize` raises on purpose."""


class PictureError(StylizeError):
    """A picture that can't be used; the message says what to send instead.

    `reason` is one of the codes of `PictureProblem`.
    """

    def __init__(self, message: str, reason: PictureProblem = "unreadable") -> None:
        super().__init__(message)
        self.reason: PictureProblem = reason

    def __reduce__(self) -> tuple[type[PictureError], tuple[str, PictureProblem]]:
        return type(self), (str(self), self.reason)  # keeps the code across processes


class StyleError(StylizeError, ValueError):
    """A wish that can't be painted: an empty sentence, an unknown preset, a strength out of range."""


class WeightsError(StylizeError):
    """Weights that are missing, damaged or not reachable; the message names the command that fixes it."""


class OutOfMemory(StylizeError):  # noqa: N818 - the name that users know from other tools
    """The device's memory did not suffice, even after the retry; the message says the size that fits."""


class Cancelled(StylizeError):  # noqa: N818 - not a fault
    """The watcher of a render answered False."""
