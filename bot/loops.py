"""Work that goes round in the background."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

PATIENCE = 5.0  # seconds that a round gets to finish when everything stops
STUCK = 300.0  # seconds after which a round counts as one that never ends

log = structlog.get_logger(__name__)


class Loop:
    """Does one round again and again, with a pause in between that `wake` cuts short.

    A round that fails is logged and the next one tries again. `stop` lets a round finish: cancelling it in the middle
    of a transaction would leave the database's connection behind.
    """

    def __init__(self, name: str, work: Callable[[], Awaitable[None]], pause: float) -> None:
        self._name = name
        self._work = work
        self._pause = pause
        self._woken = asyncio.Event()
        self._stopping = False
        self._begun = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether it goes round, and its round has not begun too long ago."""
        going = self._task is not None and not self._task.done()
        return going and time.monotonic() < self._begun + self._pause + STUCK

    def start(self) -> None:
        """Starts the first round."""
        self._begun = time.monotonic()
        self._task = asyncio.create_task(self._go_round(), name=self._name)

    def wake(self) -> None:
        """Starts the next round now."""
        self._woken.set()

    async def stop(self) -> None:
        """Ends after the present round."""
        self._stopping = True
        self.wake()
        if self._task is not None:
            await finish(self._task)

    async def _go_round(self) -> None:
        while not self._stopping:
            self._woken.clear()
            self._begun = time.monotonic()
            try:
                await self._work()
            except Exception:
                log.exception("a round failed", loop=self._name)
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._pause)


async def finish(task: asyncio.Task[Any], patience: float = PATIENCE) -> None:
    """Waits for a task that was told to end; cancels it where it takes too long."""
    done, _ = await asyncio.wait({task}, timeout=patience)
    if not done:
        log.warning("a task does not end and is cancelled", task=task.get_name())
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def first_of(work: asyncio.Task[Any], event: asyncio.Event, seconds: float) -> None:
    """Waits until the work is done, the event is set, or so many seconds are over; the work goes on."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait({work, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
