"""The painting process: one per device, engine loaded once, one job at a time.

It knows neither Telegram nor the database; a crash or lack of memory here never touches the chat side. It ends with
its parent, however that ends.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING

from bot.jobs.messages import (
    NO_ROOM,
    Advanced,
    Broken,
    Done,
    FromRunner,
    Idle,
    Paced,
    Paint,
    Pattern,
    Quit,
    Ready,
    Refused,
    Stop,
    ToRunner,
    Tune,
    Tuned,
)
from bot.jobs.queue import Painted
from bot.orders import StyleKind
from bot.tracebacks import trace_of

if TYPE_CHECKING:
    from stylize import Progress, Style

MIN_RESULT = 32  # px: the smallest size that the engine paints
BEAT = 10.0  # seconds between two signs of life while it waits
QUIET = 0.5  # seconds without a word, after which the pace is measured: a job that waits comes first
CALM = 5.0  # seconds without a picture, after which codes are made: who orders several waits for none of their steps
PREVIEW_SIDE = 640  # px
PREVIEW_QUALITY = 85
TELL_EVERY = 4  # steps of a code
PREVIEW_EVERY = 20  # steps, beside those at the end of each size: the largest size takes most of the time


def run(pipe: Connection, device: str) -> None:
    """The process's whole life: warm up, then paint until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the bot decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(5)  # the chat side answers first
    os.environ.setdefault("TQDM_DISABLE", "1")  # bars of libraries have no place in a log
    painter = _Painter(pipe)
    try:
        painter.load(device)
        while True:
            if not painter.paced and not pipe.poll(QUIET):
                painter.measure_pace()
            while not pipe.poll(painter.patience):
                painter.tune() if painter.tuning else pipe.send(Idle())
            message = pipe.recv()
            if isinstance(message, Quit):
                return
            if isinstance(message, Paint):
                painter.paint(message)
            if isinstance(message, Tune):
                painter.tuning = message
    except (_Ended, EOFError, BrokenPipeError):
        return


class _Ended(BaseException):
    """Told to quit while painting; no handler on the way may take it for an error."""


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


class NotWritten(Exception):  # noqa: N818 - an outcome
    """The disk does not take a picture."""


def _write(path: Path, data: bytes) -> None:
    """Whoever reads the file sees it whole. Raises NotWritten."""
    partial = path.with_suffix(".part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise NotWritten(error.strerror or type(error).__name__) from error


def _style_of(pattern: Pattern) -> Style:
    from stylize import ImageStyle, MixStyle, PresetStyle, SentenceStyle, open_picture

    match pattern.kind:
        case StyleKind.PICTURE:
            return ImageStyle(open_picture(Path(pattern.what)), pattern.code)
        case StyleKind.SENTENCE:
            return SentenceStyle(pattern.what)
        case StyleKind.PRESET:
            return PresetStyle(pattern.what)
        case StyleKind.MIX:
            return MixStyle(tuple((_style_of(part), float(share)) for part, share in pattern.parts))


class _Painter:
    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.paced = False
        self.tuning: Tune | None = None
        self.undisturbed = False  # nothing was painted since the last step of a code
        self._steps: Iterator[Progress] | None = None

    def load(self, device: str) -> None:
        started = time.monotonic()
        try:
            from stylize import Engine  # here: importing it takes seconds and hundreds of megabytes

            self._engine = Engine(device=device)
            self._engine.warm_up()
        except Exception:
            self._say(Broken(None, traceback.format_exc()))
            raise SystemExit(1) from None
        self._say(Ready(time.monotonic() - started))

    @property
    def patience(self) -> float:
        """Seconds without a word after which there is something to do: a step of a code, or a sign of life."""
        if self.tuning is None:
            return BEAT
        return 0 if self.undisturbed else CALM

    def measure_pace(self) -> None:
        """Says how long a painting in finest quality takes here."""
        self.paced = True
        try:
            pace = self._engine.pace()
        except Exception:  # painting goes on without an estimate
            self._say(Broken(None, traceback.format_exc()))
        else:
            self._say(Paced(pace))

    def tune(self) -> None:
        """One step of the code that is being made, a second or so; a picture that comes waits for no more."""
        task, self.undisturbed = self.tuning, True
        if task is None:
            return
        try:
            if self._steps is None:
                self._steps = self._begin_tuning(task)
            progress = next(self._steps, None)
        except Exception:  # the preset stays with what the encoder reads of it
            self._say(Broken(None, traceback.format_exc()))
            self._say(Tuned(task.name, 0.0, failed=True))
            self.tuning = self._steps = None
            return
        if progress is None:
            self._say(Tuned(task.name, 1.0))
            self.tuning = self._steps = None
        elif progress.step % TELL_EVERY == 0 and progress.fraction < 1:
            self._say(Tuned(task.name, progress.fraction))

    def _begin_tuning(self, task: Tune) -> Iterator[Progress]:
        from stylize import ImageStyle, Options, Request, encode_picture, open_picture, sheet_photo

        picture = open_picture(task.picture)
        if not task.preview.is_file():
            request = Request(sheet_photo(), ImageStyle(picture), Options())
            _write(task.preview, encode_picture(self._engine.render(request).picture))
        self._say(Tuned(task.name, 0.0))
        return self._engine.tune(picture, task.code)

    def paint(self, task: Paint) -> None:
        """Paints one job and says how it went."""
        from stylize import Cancelled, PictureError, StylizeError

        self.undisturbed = False
        try:
            self._say(self._render(task))
        except Cancelled:
            self._say(Refused(task.job_id, "cancelled", ""))
        except PictureError as error:
            self._say(Refused(task.job_id, f"picture-{error.reason}", str(error)))
        except StylizeError as error:
            self._say(Refused(task.job_id, type(error).__name__, str(error)))
        except (EOFError, BrokenPipeError):
            raise
        except NotWritten as error:
            self._say(Refused(task.job_id, NO_ROOM, str(error)))
        except Exception as error:
            self._say(Broken(task.job_id, trace_of(error)))

    def _render(self, task: Paint) -> Done:
        from stylize import Options, Request, encode_picture, open_picture

        def watch(progress: Progress) -> bool:
            preview = None
            if progress.preview is not None and progress.step < progress.total:  # after the last comes the result
                preview = task.preview
                _write(preview, encode_picture(progress.preview.resized(PREVIEW_SIDE), quality=PREVIEW_QUALITY))
            self._say(Advanced(task.job_id, progress.fraction, preview))
            return not self._told_to_stop(task.job_id)

        began = time.monotonic()
        content = open_picture(task.content)
        long_side = max(content.width, content.height)
        options = Options(
            size=max(MIN_RESULT, min(task.long_side, long_side)),
            strength=task.strength,
            stroke_size=task.stroke_size,
            colours=task.colours,
        )
        if task.finest:
            left = max(0.1, task.seconds - (time.monotonic() - began))
            options = replace(options, method="optimise", seconds=left, preview_every=PREVIEW_EVERY)
        result = self._engine.render(Request(content, _style_of(task.style), options), watch)
        _write(task.target, encode_picture(result.picture))
        painted = Painted(
            task.target.name,
            result.picture.width,
            result.picture.height,
            max(MIN_RESULT, min(task.full_side, long_side)),
            result.painted_side,
            result.understood,
            result.held_back,
        )
        return Done(task.job_id, painted, result.seconds, result.peak_memory)

    def _told_to_stop(self, job_id: int) -> bool:
        while self._pipe.poll():
            message: ToRunner = self._pipe.recv()
            if isinstance(message, Quit):
                raise _Ended
            if isinstance(message, Stop) and message.job_id == job_id:
                return True
        return False

    def _say(self, message: FromRunner) -> None:
        self._pipe.send(message)
