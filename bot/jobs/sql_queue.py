"""The queue as a table of the bot's own database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, select

from bot.jobs.bounds import Bounds
from bot.jobs.limits import Limits
from bot.jobs.news import News
from bot.jobs.queue import Enqueued, Job, Painted, QueueFull, Waiting
from bot.jobs.rows import (
    HELD,
    cancel_row,
    held_row,
    in_turn,
    known_job,
    of_album,
    origin_of_part,
    record_of,
    release_row,
    send_what_is_whole,
    store_job,
)
from bot.metrics import Metrics
from bot.orders import METHODS, Order
from bot.store import Store
from bot.store.groups import leave_chat, move_chat
from bot.store.models import ACTIVE_STATES, FINAL_STATES, WAITING_STATES, JobRow, User, now

log = structlog.get_logger(__name__)


class SqlQueue:
    """`JobQueue` over the jobs table. Counts, and logs once, which jobs failed or were cancelled.

    news: a job may have become claimable or changed. cancels: somebody wants a job to stop.
    """

    def __init__(self, store: Store, bounds: Bounds | None = None, metrics: Metrics | None = None) -> None:
        self._store = store
        self._bounds = bounds or Bounds()
        self._limits = Limits(self._bounds)
        self._metrics = metrics or Metrics()
        self.news = News()
        self.cancels = News()

    @property
    def resting(self) -> bool:
        """Whether jobs wait for the operator and not for a painter."""
        return self._bounds.resting

    async def enqueue(self, order: Order, origin: str) -> Enqueued:
        """See `JobQueue`."""
        (enqueued,) = await self.enqueue_album([order], origin)
        return enqueued

    async def enqueue_album(self, orders: Sequence[Order], origin: str) -> list[Enqueued]:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            same = select(JobRow.id).where(JobRow.origin == origin, JobRow.state == "refused")
            refused = await session.scalar(same)
        if refused is not None:  # when this update was handled before
            return [await self.retry(refused)] * len(orders)
        async with self._store.writing() as session:
            enqueued = [
                await known_job(session, order, origin_of_part(origin, index)) for index, order in enumerate(orders)
            ]
            missing = [order for order, known in zip(orders, enqueued, strict=True) if known is None]
            refusal = await self._limits.refusal(session, missing) if missing else None
            for index, order in enumerate(orders):
                if enqueued[index] is None:
                    row = await store_job(session, order, origin_of_part(origin, index), refused=refusal is not None)
                    enqueued[index] = Enqueued(row.id, fresh=True)
        jobs = [each for each in enqueued if each is not None]
        if refusal is not None:
            raise QueueFull(refusal, next(job.job_id for job in jobs if job.fresh))
        self.news.tell()
        for order, job in zip(orders, jobs, strict=True):
            if job.fresh:
                self._metrics.ordered.labels(order.method).inc()
        return jobs

    async def retry(self, job_id: int) -> Enqueued:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is None or row.state != "refused":
                return Enqueued(job_id, fresh=False)
            rows = {row.fingerprint: row}  # the same wish only once
            if row.album:
                parts = of_album(row.chat_id, row.album).where(JobRow.state == "refused").order_by(JobRow.id)
                rows |= {part.fingerprint: part for part in await session.scalars(parts)}
            orders = [record_of(each).order for each in rows.values()]
            known = [await known_job(session, order, "") for order in orders]
            missing = [order for order, twin in zip(orders, known, strict=True) if twin is None]
            if not missing:
                return Enqueued(next(twin.job_id for twin in known if twin is not None), fresh=False)
            refusal = await self._limits.refusal(session, missing)
            if refusal is not None:
                raise QueueFull(refusal, job_id)
            admitted = [each for each, twin in zip(rows.values(), known, strict=True) if twin is None]
            for each in admitted:
                each.state, each.created_at = "queued", now()
            last = admitted[-1].id
        self.news.tell()
        for order in missing:
            self._metrics.ordered.labels(order.method).inc()
        return Enqueued(last, fresh=True)

    async def album(self, job: Job) -> list[Job]:
        """See `JobQueue`."""
        if not job.order.album:
            return [job]
        async with self._store.reading() as session:
            rows = await session.scalars(of_album(job.order.chat_id, job.order.album).order_by(JobRow.id))
            return [record_of(row) for row in rows]

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """See `JobQueue`; nothing while the bot rests."""
        if self._bounds.resting:
            return None
        async with self._store.writing() as session:
            ordered = await in_turn(session)
            if not ordered:
                return None
            row = ordered[0]
            row.state, row.worker, row.lease_until = "leased", worker, now() + timedelta(seconds=lease_seconds)
            user = await session.get_one(User, row.user_id)
            user.served_at = now()
            return record_of(row)

    async def begin(self, job_id: int, worker: str) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await held_row(session, job_id, worker)
            if row is None or row.cancel_requested:
                return False
            row.state, row.attempts, row.started_at, row.progress = "painting", row.attempts + 1, now(), 0.0
            if row.attempts == 1:
                waited = (row.started_at - row.created_at).total_seconds()
                self._metrics.wait_seconds.labels(METHODS[row.finest]).observe(waited)
            return True

    async def beat(self, job_id: int, worker: str, progress: float, lease_seconds: float) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await held_row(session, job_id, worker)
            if row is None:
                return False
            row.progress = progress
            row.lease_until = now() + timedelta(seconds=lease_seconds)
            return not row.cancel_requested

    async def complete(self, job_id: int, worker: str, painted: Painted) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await held_row(session, job_id, worker)
            if row is None or row.cancel_requested:
                return False
            row.state, row.progress, row.lease_until = "painted", 1.0, None
            row.result_file, row.result_width, row.result_height = painted.file, painted.width, painted.height
            row.full_side, row.painted_side = painted.full_side, painted.painted_side
            row.understood, row.held_back = list(painted.understood), list(painted.held_back)
            await send_what_is_whole(session, row)
        self.news.tell()
        return True

    async def fail(self, job_id: int, error: str) -> None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is None or row.state not in ACTIVE_STATES:
                return
            row.state, row.error, row.finished_at = "failed", error[:64], now()
            await send_what_is_whole(session, row)
            job = record_of(row)
        self.news.tell()
        self._note_end(job)

    async def give_back(self, job_id: int, worker: str, *, counts: bool) -> Job | None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await held_row(session, job_id, worker)
            if row is None:
                return None
            release_row(row, counts=counts)
            await send_what_is_whole(session, row)
            job = record_of(row)
        self.news.tell()
        self._note_end(job)
        return job

    async def cancel(self, chat_id: int, user_id: int) -> list[Job]:
        """See `JobQueue`."""
        return await self._cancel_all((JobRow.chat_id == chat_id) & (JobRow.user_id == user_id))

    async def cancel_person(self, user_id: int) -> list[Job]:
        """Cancels everything of this person in all chats that is not painted yet."""
        return await self._cancel_all(JobRow.user_id == user_id)

    async def _cancel_all(self, which: ColumnElement[bool]) -> list[Job]:
        async with self._store.writing() as session:
            rows = await session.scalars(select(JobRow).where(which, JobRow.state.in_(WAITING_STATES)))
            jobs = []
            for row in rows:
                cancel_row(row)
                await send_what_is_whole(session, row)
                jobs.append(record_of(row))
        self.tell_of_cancel()
        self._note_end(*jobs)
        return jobs

    async def cancel_job(self, job_id: int) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is None or row.state not in WAITING_STATES:
                return False
            cancel_row(row)
            await send_what_is_whole(session, row)
            job = record_of(row)
        self.tell_of_cancel()
        self._note_end(job)
        return True

    async def move_chat(self, old: int, new: int) -> None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            await move_chat(session, old, new)
        self.news.tell()

    async def leave_chat(self, chat_id: int) -> None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            await leave_chat(session, chat_id)
        self.tell_of_cancel()

    def tell_of_cancel(self) -> None:
        """Jobs were cancelled or deleted: whoever holds one looks at its row now."""
        self.cancels.tell()
        self.news.tell()

    async def recover(self, *, everything: bool) -> list[Job]:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            held = select(JobRow).where(JobRow.state.in_(HELD))
            if not everything:
                held = held.where(JobRow.lease_until < now())
            jobs = []
            for row in await session.scalars(held):
                release_row(row, counts=False, bot_ended=everything)
                await send_what_is_whole(session, row)
                jobs.append(record_of(row))
        if jobs:
            self.news.tell()
        self._note_end(*jobs)
        return jobs

    async def waiting(self) -> list[Waiting]:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            held = await session.scalars(select(JobRow).where(JobRow.state.in_(HELD)).order_by(JobRow.id))
            now_painting = [Waiting(record_of(row), 0) for row in held]
            queued = await in_turn(session)
            return now_painting + [Waiting(record_of(row), place) for place, row in enumerate(queued, start=1)]

    async def untold(self) -> list[Job]:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            rows = await session.scalars(
                select(JobRow).where(JobRow.told.is_(False), JobRow.state.in_(FINAL_STATES)).order_by(JobRow.id)
            )
            return [record_of(row) for row in rows]

    async def mark_told(self, job_id: int) -> None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is not None:
                row.told, row.status_message_id, row.status_since = True, None, None

    async def delivered(self, chat_id: int, user_id: int, newest: int) -> list[Job]:
        """See `JobQueue`."""
        theirs = select(JobRow).where(JobRow.chat_id == chat_id, JobRow.user_id == user_id)
        async with self._store.reading() as session:
            rows = await session.scalars(
                theirs.where(JobRow.state == "delivered").order_by(JobRow.id.desc()).limit(newest)
            )
            return [record_of(row) for row in rows]

    async def find(self, job_id: int) -> Job | None:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            row = await session.get(JobRow, job_id)
            return record_of(row) if row is not None else None

    async def expect_status(self, job_id: int, since: int) -> None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is not None and since:
                row.status_since = since

    async def attach_status(self, job_id: int, message_id: int | None) -> Job | None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is None:
                return None
            row.status_message_id, row.status_since = message_id, None
            return record_of(row)

    def _note_end(self, *jobs: Job) -> None:
        for job in jobs:
            if job.state not in FINAL_STATES:
                continue
            self._metrics.finished.labels(job.state, job.order.style.kind, job.order.method).inc()
            if job.state == "failed":
                self._metrics.failures.labels(job.error).inc()
                log.info("failed", job=job.id, who=job.order.user_id, error=job.error)
            else:
                log.info(job.state, job=job.id, who=job.order.user_id)
