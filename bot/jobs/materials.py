"""What the runner needs for a job: its pictures, fetched, and where the result goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from structlog.contextvars import bound_contextvars

from bot.catalogue import Catalogue
from bot.jobs.bounds import Bounds
from bot.jobs.inputs import Inputs
from bot.jobs.messages import Paint, Pattern
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.orders import Style, StyleKind

PREFETCH = 2  # queued jobs whose pictures are fetched while another one is painted


class Materials:
    """Makes tasks of jobs."""

    def __init__(self, inputs: Inputs, results: Path, bounds: Bounds, catalogue: Catalogue | None = None) -> None:
        self._inputs = inputs
        self._results = results
        self._bounds = bounds
        self._catalogue = catalogue
        self._fetching: set[asyncio.Task[Path]] = set()
        results.mkdir(parents=True, exist_ok=True)

    async def task_for(self, job: Job) -> Paint:
        """What to paint, once all pictures of this job are there. Raises NotFetched, OSError where the disk is full."""
        order = job.order
        content = await self._inputs.fetch(order.content)
        return Paint(
            job.id,
            content,
            await self._pattern(order.style),
            order.strength,
            order.stroke_size,
            order.colours,
            order.finest,
            seconds=self._bounds.descent_seconds,
            long_side=self._bounds.long_side(order),
            full_side=self._bounds.max_side,
            target=self._results / f"{job.id}.jpg",
            preview=self._results / f"{job.id}.preview.jpg",
        )

    async def _pattern(self, style: Style) -> Pattern:
        own = self._catalogue.own(style.text) if self._catalogue and style.kind == StyleKind.PRESET else None
        if own is not None:
            return Pattern(StyleKind.PICTURE, str(own.picture), code=own.code)
        what = str(await self._inputs.fetch(style.media)) if style.media is not None else style.text
        parts = [(await self._pattern(part), share) for part, share in style.parts]
        return Pattern(style.kind, what, tuple(parts))

    async def prefetch(self, queue: SqlQueue) -> None:
        """Begins to fetch the pictures of the jobs that are next."""
        waiting = await queue.waiting()
        for next_up in [each.job for each in waiting if each.place][:PREFETCH]:
            for media in (next_up.order.content, *next_up.order.style.pictures):
                if not self._inputs.path_of(media).exists():
                    with bound_contextvars(job=next_up.id):
                        task = asyncio.create_task(self._inputs.fetch(media))
                    self._fetching.add(task)
                    task.add_done_callback(self._fetched)

    def _fetched(self, task: asyncio.Task[Path]) -> None:
        self._fetching.discard(task)
        if not task.cancelled():
            task.exception()  # the job itself meets the same trouble, and says so

    async def settle(self) -> None:
        """Waits a moment for what is being fetched."""
        if self._fetching:
            await asyncio.wait(self._fetching, timeout=1.0)
