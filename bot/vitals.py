"""How the bot is, part by part, and the figures that only a look at the database can tell."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import product
from typing import Protocol

import structlog

from bot.jobs.painter import Painter
from bot.metrics import Metrics
from bot.orders import METHODS
from bot.request import PollRequest
from bot.store import Store
from bot.store.figures import read_figures
from bot.store.models import ACTIVE_STATES, WAITING_STATES, now
from bot.store.updates import try_writing

SILENCE = 180.0  # seconds without a word from Telegram or from a runner, after which something is wrong
LAG = 1.0  # seconds that the event loop may be late
PATIENCE = 5.0  # seconds for the database
KINDS = tuple(product(ACTIVE_STATES, METHODS))

log = structlog.get_logger(__name__)


class Working(Protocol):
    """Something that works in the background."""

    @property
    def alive(self) -> bool:
        """Whether it does."""


class Look:
    """Something that is tried when asked for, by one at a time, and that gets a limited time.

    It is never cancelled, which would leave the database's connection behind: who asks meanwhile waits for the same
    try.
    """

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._task: asyncio.Task[bool] | None = None

    async def succeeds(self) -> bool:
        """Whether it did what it should within the time."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._try())
        done, _ = await asyncio.wait({self._task}, timeout=PATIENCE)
        return bool(done) and self._task.result()

    async def _try(self) -> bool:
        try:
            await self._work()
        except Exception:  # that it failed is the answer
            log.exception("a look at the database failed")
            return False
        return True


class Vitals:
    """What /healthz, /readyz and /metrics tell."""

    def __init__(
        self,
        store: Store,
        bot_id: int,
        metrics: Metrics,
        work: Sequence[Working],
        painters: Sequence[Painter],
        listening: Callable[[], bool],
        polling: PollRequest | None,
    ) -> None:
        """listening: whether updates can come in. polling: None where Telegram calls us."""
        self._store = store
        self._bot_id = bot_id
        self._metrics = metrics
        self._work = work
        self._painters = painters
        self._listening = listening
        self._polling = polling
        self._writing = Look(self._write)
        self._reading = Look(self._read)

    async def healthy(self) -> dict[str, bool]:
        """Names of parts, and whether each is well."""
        began = time.monotonic()
        await asyncio.sleep(0)  # once round the loop
        return {
            "loop": time.monotonic() < began + LAG,
            "database": await self._writing.succeeds(),
            "work": all(part.alive for part in (*self._work, *self._painters)),
            "engine": all(painter.silence < SILENCE for painter in self._painters),
            "telegram": self._hears_telegram(),
        }

    async def ready(self) -> dict[str, bool]:
        """The same, and whether each engine is warm."""
        return {painter.name: painter.ready.is_set() for painter in self._painters} | await self.healthy()

    async def refresh(self) -> None:
        """Sets the gauges; those that can't be known now to NaN."""
        self._metrics.poll_age.set(self._polling.age if self._polling is not None else math.nan)
        for painter in self._painters:
            self._metrics.runner_age.labels(painter.name).set(painter.silence)
        if not await self._reading.succeeds():
            show = self._metrics
            single = (show.waiting, show.oldest_job, show.deliveries_waiting, show.inbox_waiting, show.inbox_age)
            for gauge in (*single, *(show.jobs.labels(*kind) for kind in KINDS)):
                gauge.set(math.nan)

    def _hears_telegram(self) -> bool:
        return self._listening() and (self._polling is None or self._polling.age < SILENCE)

    async def _write(self) -> None:
        async with self._store.writing() as session:
            await try_writing(session)

    async def _read(self) -> None:
        async with self._store.reading() as session:
            figures = await read_figures(session, self._bot_id)
        show = self._metrics
        for state, method in KINDS:
            show.jobs.labels(state, method).set(figures.jobs.get((state, method), 0))
        show.waiting.set(sum(count for (state, _), count in figures.jobs.items() if state in WAITING_STATES))
        show.oldest_job.set(_age(figures.oldest_queued))
        show.deliveries_waiting.set(figures.deliveries)
        show.inbox_waiting.set(figures.updates)
        show.inbox_age.set(_age(figures.oldest_update))


def _age(moment: datetime | None) -> float:
    return (now() - moment).total_seconds() if moment is not None else 0.0
