"""Rows of the jobs table: how an order becomes one, whose turn it is, what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.jobs.queue import MAX_ATTEMPTS, MAX_ENDS, Enqueued, Job, JobState, Painted
from bot.orders import Order
from bot.store.deliveries import request_delivery
from bot.store.models import ACTIVE_STATES, WAITING_STATES, JobRow, User, now
from bot.store.people import keep_style, meet, style_of
from stylize import Colours, HeldBack

HELD = ("leased", "painting")
QUICK, SLOW = 0, -1  # priorities: a picture in finest quality takes as long as dozens of others
OVERDUE = timedelta(minutes=5)
"""A picture in finest quality that has waited so long goes first, but no more than one of them in such a time: people
who wait for quick pictures are held up by a single one, and those in finest quality are painted even where quick ones
never end."""

SAME = tuple(field.name for field in fields(Order) if field.name != "style")
"""What is called the same in an order and in its row."""


def origin_of_part(origin: str, index: int) -> str:
    """Names one job of those that an update makes."""
    return f"{origin}/{index}" if index else origin


async def known_job(session: AsyncSession, order: Order, origin: str) -> Enqueued | None:
    """The job that this origin made, else one that is under way and would give the same picture."""
    same_wish = (
        (JobRow.chat_id == order.chat_id) & (JobRow.fingerprint == order.fingerprint) & JobRow.state.in_(ACTIVE_STATES)
    )
    known = select(JobRow).where(or_(JobRow.origin == origin, same_wish)).order_by((JobRow.origin == origin).desc())
    row = await session.scalar(known.limit(1))
    return Enqueued(row.id, fresh=False, repeated=row.origin == origin) if row is not None else None


async def store_job(session: AsyncSession, order: Order, origin: str, *, refused: bool) -> JobRow:
    """A new job, queued unless it is refused for now."""
    await meet(session, order.user_id)
    row = JobRow(
        origin=origin,
        fingerprint=order.fingerprint,
        priority=SLOW if order.finest else QUICK,
        style=await keep_style(session, order.user_id, order.style),
        state="refused" if refused else "queued",
        **{name: getattr(order, name) for name in SAME},
    )
    session.add(row)
    await session.flush()
    return row


def of_album(chat_id: int, album: str) -> Select[JobRow]:
    """The jobs of an album."""
    return select(JobRow).where(JobRow.chat_id == chat_id, JobRow.album == album)


async def send_what_is_whole(session: AsyncSession, row: JobRow) -> None:
    """Asks for the sending of a picture that has just been painted; of an album, once no picture of it is missing any
    more, be it painted or given up."""
    rows = [row] if not row.album else list(await session.scalars(of_album(row.chat_id, row.album)))
    if not any(each.state in WAITING_STATES for each in rows):
        for each in rows:
            if each.state == "painted":
                await request_delivery(session, each.id, each.as_file)


async def in_turn(session: AsyncSession) -> list[JobRow]:
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


async def held_row(session: AsyncSession, job_id: int, worker: str) -> JobRow | None:
    """The job, as long as this worker has it."""
    row = await session.get(JobRow, job_id)
    return row if row is not None and row.state in HELD and row.worker == worker else None


def cancel_row(row: JobRow) -> None:
    """Nobody wants it any more."""
    row.cancel_requested = True  # whoever holds it is told by `cancels`, or hears of it at the next beat
    row.state, row.finished_at = "cancelled", now()


def release_row(row: JobRow, *, counts: bool, bot_ended: bool = False) -> None:
    """Nobody has it any more: it is queued again, or failed after the last attempt.

    counts: whether this was one. bot_ended: the bot itself ended while this was painted, which is borne more often.
    """
    if row.state == "painting":
        row.attempts -= not counts
        row.ends += bot_ended
    if row.attempts >= MAX_ATTEMPTS or row.ends >= MAX_ENDS:
        row.state, row.error, row.finished_at = "failed", "crashed", now()
    else:
        row.state, row.progress = "queued", 0.0
    row.worker, row.lease_until = "", None


def record_of(row: JobRow) -> Job:
    """The record in a row."""
    same = {name: getattr(row, name) for name in SAME}
    order = Order(**same | {"colours": Colours(row.colours), "style": style_of(row.style)})
    result = None
    if row.result_file:
        result = Painted(
            row.result_file,
            row.result_width,
            row.result_height,
            row.full_side,
            row.painted_side,
            tuple(row.understood),
            tuple(HeldBack(each) for each in row.held_back),
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
