"""What the bot and the runner process say to each other over their pipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.jobs.queue import Painted
from bot.orders import StyleKind
from stylize import Colours, Pace

NO_ROOM = "no-room"
"""Code of a refusal: the result can't be written."""


@dataclass(frozen=True)
class Pattern:
    """What to paint like: by its kind `what` is a file, a sentence or a preset's name; a mix has parts, with shares.
    code: a file that was made for the picture, where there is one."""

    kind: StyleKind
    what: str = ""
    parts: tuple[tuple[Pattern, int], ...] = ()
    code: Path | None = None


@dataclass(frozen=True)
class Paint:
    """Paint this. long_side limits the result in px.

    seconds: after which a painting in finest quality stops with what it has. preview: the file for its previews.
    """

    job_id: int
    content: Path
    style: Pattern
    strength: float
    stroke_size: float
    colours: Colours
    finest: bool
    seconds: float
    long_side: int
    full_side: int
    target: Path
    preview: Path


@dataclass(frozen=True)
class Tune:
    """While nothing is to be painted: paint a preview like this picture, then make its code."""

    name: str
    picture: Path
    code: Path
    preview: Path


@dataclass(frozen=True)
class Stop:
    """Stop painting this job."""

    job_id: int


@dataclass(frozen=True)
class Quit:
    """Drop everything and end."""


@dataclass(frozen=True)
class Ready:
    """The engine is loaded and warm."""

    seconds: float


@dataclass(frozen=True)
class Idle:
    """It lives and waits for a job."""


@dataclass(frozen=True)
class Paced:
    """How long painting in finest quality takes on this device."""

    pace: Pace


@dataclass(frozen=True)
class Tuned:
    """How far a code is, 0 to 1; `failed` where it can't be made, which is no fault of the pictures that wait."""

    name: str
    fraction: float
    failed: bool = False


@dataclass(frozen=True)
class Advanced:
    """Progress of a job, 0 to 1 by its steps; `preview` is a file where there is a new one."""

    job_id: int
    fraction: float
    preview: Path | None = None


@dataclass(frozen=True)
class Done:
    """The result is in its file."""

    job_id: int
    painted: Painted
    seconds: float
    peak_memory: int


@dataclass(frozen=True)
class Refused:
    """The engine refused with one of its own errors; `code` names it ("picture-too_large"), `detail` is its text."""

    job_id: int
    code: str
    detail: str


@dataclass(frozen=True)
class Broken:
    """Something unexpected: a traceback for the log. job_id None: while loading or measuring, not painting."""

    job_id: int | None
    detail: str


FromRunner = Ready | Idle | Paced | Tuned | Advanced | Done | Refused | Broken
ToRunner = Paint | Tune | Stop | Quit
