"""The queue as a table of the bot's own database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import structlog
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.jobs.bounds import Bounds
from bot.jobs.limits import Limits
from bot.jobs.news import News
from bot.jobs.queue import MAX_ATTEMPTS, Enqueued, Job, JobState, Painted, QueueFull, Waiting
from bot.metrics import Metrics
from bot.orders import METHODS, Order
from bot.store import Store
from bot.store.deliveries import request_delivery
from bot.store.groups import leave_chat, move_chat
from bot.store.models import ACTIVE_STATES, FINAL_STATES, WAITING_STATES, JobRow, User, now
from bot.store.people import keep_style, meet, style_of
from stylize import Colours

HELD = ("leased", "painting")
QUICK, SLOW = 0, -1  # priorities: a picture in finest quality takes as long as dozens of others
OVERDUE = timedelta(minutes=5)
"""A picture in finest quality that has waited so long goes first, but no more than one of them in such a time: people
who wait for quick pictures are held up by a single one, and those in finest quality are painted even where quick ones
never end."""

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
            enqueued = [await _known(session, order, _origin_of(origin, index)) for index, order in enumerate(orders)]
            missing = [order for order, known in zip(orders, enqueued, strict=True) if known is None]
            refusal = await self._limits.refusal(session, missing) if missing else None
            for index, order in enumerate(orders):
                if enqueued[index] is None:
                    row = await _store_job(session, order, _origin_of(origin, index), refused=refusal is not None)
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
                parts = _of_album(row.chat_id, row.album).where(JobRow.state == "refused").order_by(JobRow.id)
                rows |= {part.fingerprint: part for part in await session.scalars(parts)}
            orders = [_record(each).order for each in rows.values()]
            known = [await _known(session, order, "") for order in orders]
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
            rows = await session.scalars(_of_album(job.order.chat_id, job.order.album).order_by(JobRow.id))
            return [_record(row) for row in rows]

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """See `JobQueue`; nothing while the bot rests."""
        if self._bounds.resting:
            return None
        async with self._store.writing() as session:
            ordered = await _in_turn(session)
            if not ordered:
                return None
            row = ordered[0]
            row.state, row.worker, row.lease_until = "leased", worker, now() + timedelta(seconds=lease_seconds)
            user = await session.get_one(User, row.user_id)
            user.served_at = now()
            return _record(row)

    async def begin(self, job_id: int, worker: str) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await _held(session, job_id, worker)
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
            row = await _held(session, job_id, worker)
            if row is None:
                return False
            row.progress = progress
            row.lease_until = now() + timedelta(seconds=lease_seconds)
            return not row.cancel_requested

    async def complete(self, job_id: int, worker: str, painted: Painted) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await _held(session, job_id, worker)
            if row is None or row.cancel_requested:
                return False
            row.state, row.progress, row.lease_until = "painted", 1.0, None
            row.result_file, row.result_width, row.result_height = painted.file, painted.width, painted.height
            row.full_side, row.painted_side = painted.full_side, painted.painted_side
            row.understood = list(painted.understood)
            await _send_what_is_whole(session, row)
        self.news.tell()
        return True

    async def fail(self, job_id: int, error: str) -> None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is None or row.state not in ACTIVE_STATES:
                return
            row.state, row.error, row.finished_at = "failed", error[:64], now()
            await _send_what_is_whole(session, row)
            job = _record(row)
        self.news.tell()
        self._note_end(job)

    async def give_back(self, job_id: int, worker: str, *, counts: bool) -> Job | None:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await _held(session, job_id, worker)
            if row is None:
                return None
            _release(row, counts=counts)
            await _send_what_is_whole(session, row)
            job = _record(row)
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
                _cancel(row)
                await _send_what_is_whole(session, row)
                jobs.append(_record(row))
        self.tell_of_cancel()
        self._note_end(*jobs)
        return jobs

    async def cancel_job(self, job_id: int) -> bool:
        """See `JobQueue`."""
        async with self._store.writing() as session:
            row = await session.get(JobRow, job_id)
            if row is None or row.state not in WAITING_STATES:
                return False
            _cancel(row)
            await _send_what_is_whole(session, row)
            job = _record(row)
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
                _release(row, counts=False)
                await _send_what_is_whole(session, row)
                jobs.append(_record(row))
        if jobs:
            self.news.tell()
        self._note_end(*jobs)
        return jobs

    async def waiting(self) -> list[Waiting]:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            held = await session.scalars(select(JobRow).where(JobRow.state.in_(HELD)).order_by(JobRow.id))
            now_painting = [Waiting(_record(row), 0) for row in held]
            queued = await _in_turn(session)
            return now_painting + [Waiting(_record(row), place) for place, row in enumerate(queued, start=1)]

    async def untold(self) -> list[Job]:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            rows = await session.scalars(
                select(JobRow).where(JobRow.told.is_(False), JobRow.state.in_(FINAL_STATES)).order_by(JobRow.id)
            )
            return [_record(row) for row in rows]

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
            return [_record(row) for row in rows]

    async def find(self, job_id: int) -> Job | None:
        """See `JobQueue`."""
        async with self._store.reading() as session:
            row = await session.get(JobRow, job_id)
            return _record(row) if row is not None else None

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
            return _record(row)

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


def _origin_of(origin: str, index: int) -> str:
    return f"{origin}/{index}" if index else origin


async def _known(session: AsyncSession, order: Order, origin: str) -> Enqueued | None:
    """The job that this origin made, else one that is under way and would give the same picture."""
    same_wish = (
        (JobRow.chat_id == order.chat_id) & (JobRow.fingerprint == order.fingerprint) & JobRow.state.in_(ACTIVE_STATES)
    )
    known = select(JobRow).where(or_(JobRow.origin == origin, same_wish)).order_by((JobRow.origin == origin).desc())
    row = await session.scalar(known.limit(1))
    return Enqueued(row.id, fresh=False, repeated=row.origin == origin) if row is not None else None


async def _store_job(session: AsyncSession, order: Order, origin: str, *, refused: bool) -> JobRow:
    await meet(session, order.user_id)
    row = JobRow(
        origin=origin,
        chat_id=order.chat_id,
        user_id=order.user_id,
        content=order.content,
        strength=order.strength,
        stroke_size=order.stroke_size,
        colours=order.colours,
        finest=order.finest,
        priority=SLOW if order.finest else QUICK,
        size=order.size,
        as_file=order.as_file,
        reply_to=order.reply_to,
        thread=order.thread,
        album=order.album,
        language=order.language,
        fingerprint=order.fingerprint,
        style=await keep_style(session, order.user_id, order.style),
        state="refused" if refused else "queued",
    )
    session.add(row)
    await session.flush()
    return row


def _of_album(chat_id: int, album: str) -> Select[JobRow]:
    return select(JobRow).where(JobRow.chat_id == chat_id, JobRow.album == album)


async def _send_what_is_whole(session: AsyncSession, row: JobRow) -> None:
    """Asks for the sending of a picture that has just been painted; of an album, once no picture of it is missing any
    more, be it painted or given up."""
    rows = [row] if not row.album else list(await session.scalars(_of_album(row.chat_id, row.album)))
    if not any(each.state in WAITING_STATES for each in rows):
        for each in rows:
            if each.state == "painted":
                await request_delivery(session, each.id, each.as_file)


async def _in_turn(session: AsyncSession) -> list[JobRow]:
    """Queued jobs, the higher priority first, and within it round robin: everybody's first before anybody's second, the
    longest unserved first. See `OVERDUE` for the exception."""
    rank = func.row_number().over(partition_by=(JobRow.user_id, JobRow.priority), order_by=JobRow.id)
    ranked = select(JobRow.id.label("id"), rank.label("rank")).where(JobRow.state == "queued").subquery()
    rows = await session.scalars(
        select(JobRow)
        .join(ranked, ranked.c.id == JobRow.id)
        .join(User, User.id == JobRow.user_id)
        .order_by(JobRow.priority.desc(), ranked.c.rank, User.served_at.asc().nulls_first(), JobRow.id)
    )
    in_turn = list(rows)
    overdue = await _overdue(session, in_turn)
    return in_turn if overdue is None else [overdue, *(row for row in in_turn if row is not overdue)]


async def _overdue(session: AsyncSession, in_turn: Sequence[JobRow]) -> JobRow | None:
    slow = [row for row in in_turn if row.priority == SLOW]
    oldest = min(slow, key=lambda row: row.id, default=None)
    limit = now() - OVERDUE
    if oldest is None or oldest.created_at > limit:
        return None
    lately = select(JobRow.id).where(JobRow.priority == SLOW, JobRow.started_at > limit).limit(1)
    return oldest if await session.scalar(lately) is None else None


async def _held(session: AsyncSession, job_id: int, worker: str) -> JobRow | None:
    row = await session.get(JobRow, job_id)
    return row if row is not None and row.state in HELD and row.worker == worker else None


def _cancel(row: JobRow) -> None:
    row.cancel_requested = True  # whoever holds it is told by `cancels`, or hears of it at the next beat
    row.state, row.finished_at = "cancelled", now()


def _release(row: JobRow, *, counts: bool) -> None:
    if not counts and row.state == "painting":
        row.attempts -= 1
    if row.attempts >= MAX_ATTEMPTS:
        row.state, row.error, row.finished_at = "failed", "crashed", now()
    else:
        row.state, row.progress = "queued", 0.0
    row.worker, row.lease_until = "", None


def _record(row: JobRow) -> Job:
    order = Order(
        chat_id=row.chat_id,
        user_id=row.user_id,
        content=row.content,
        style=style_of(row.style),
        strength=row.strength,
        stroke_size=row.stroke_size,
        colours=Colours(row.colours),
        finest=row.finest,
        size=row.size,
        as_file=row.as_file,
        reply_to=row.reply_to,
        thread=row.thread,
        album=row.album,
        language=row.language,
    )
    result = None
    if row.result_file:
        result = Painted(
            row.result_file,
            row.result_width,
            row.result_height,
            row.full_side,
            row.painted_side,
            tuple(row.understood),
        )
    return Job(
        id=row.id,
        order=order,
        state=cast(JobState, row.state),
        attempts=row.attempts,
        progress=row.progress,
        cancel_requested=row.cancel_requested,
        status_message_id=row.status_message_id,
        error=row.error,
        result=result,
        status_since=row.status_since,
    )
