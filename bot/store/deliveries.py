"""Sendings of results, stored before they are tried: a crash in between can be seen afterwards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sightings import SUPERGROUPS
from bot.store.models import DeliveryRow, Draft, JobRow, now

OPEN = ("pending", "sending")


@dataclass(frozen=True)
class Delivery:
    """One sending. state: pending, sending, sent, unknown (nobody knows whether it arrived) or failed.

    file_id: of the result where it was sent before, document: whether that is a file's. since: the newest message of
    which the bot knew when this sending began; None before that and where it has arrived.
    """

    id: int
    job_id: int
    as_file: bool
    state: str
    attempts: int
    file_id: str
    document: bool
    since: int | None = None


@dataclass(frozen=True)
class Sent:
    """What a result has become in its chat. document: it is a file, not a photo."""

    message_id: int
    file_id: str
    document: bool


async def request_delivery(
    session: AsyncSession, job_id: int, as_file: bool, *, again: bool = False
) -> tuple[Delivery, bool]:
    """The sending of this result in this form, and whether it is new (or had to be tried again).

    again: it is sent once more where it was sent already.
    """
    row = await session.scalar(select(DeliveryRow).where(DeliveryRow.job_id == job_id, DeliveryRow.as_file == as_file))
    if row is None:
        row = DeliveryRow(job_id=job_id, as_file=as_file, state="pending")
        session.add(row)
        await session.flush()
        return _record(row), True
    if row.state in ("unknown", "failed") or (again and row.state == "sent"):
        row.state, row.attempts = "pending", 0
        return _record(row), True
    return _record(row), False


async def was_sent(session: AsyncSession, job_id: int, as_file: bool) -> bool:
    """Whether Telegram has this result, so that it can be sent without its file."""
    known = select(DeliveryRow.id).where(
        DeliveryRow.job_id == job_id, DeliveryRow.as_file == as_file, DeliveryRow.file_id != ""
    )
    return await session.scalar(known) is not None


async def open_deliveries(session: AsyncSession, but_for: Collection[int] = ()) -> list[Delivery]:
    """Everything that is still to be sent, oldest first, except to these chats."""
    rows = await session.scalars(
        select(DeliveryRow)
        .join(JobRow, JobRow.id == DeliveryRow.job_id)
        .where(DeliveryRow.state.in_(OPEN), JobRow.chat_id.not_in(but_for))
        .order_by(DeliveryRow.id)
    )
    return [_record(row) for row in rows]


async def start_sending(session: AsyncSession, delivery: Delivery, since: int = 0) -> bool:
    """From now on nobody knows whether it arrived, until the answer is stored. since: see `Delivery`.

    False, and nothing changes, where the sending has gone on since `delivery` was read: it may be sent by now.
    """
    started = await session.scalar(
        update(DeliveryRow)
        .where(
            DeliveryRow.id == delivery.id,
            DeliveryRow.state == delivery.state,
            DeliveryRow.attempts == delivery.attempts,
        )
        .values(state="sending", attempts=DeliveryRow.attempts + 1, since=since or None)
        .returning(DeliveryRow.id)
    )
    return started is not None


async def finish_sending(
    session: AsyncSession, delivery_id: int, state: str, sent: Sent | None = None, error: str = "undeliverable"
) -> None:
    """Stores the outcome: sent, unknown or failed, or pending to try again; a sent job is delivered.

    What is pending again was certainly not sent, and does not count as an attempt. error: of a job that failed by this.
    Nothing is stored where the person was forgotten meanwhile.
    """
    row = await session.get(DeliveryRow, delivery_id)
    if row is None:
        return
    row.state, row.since = state, None
    if state == "pending":
        row.attempts -= 1
    if sent is not None:
        row.message_id, row.file_id, row.document, row.sent_at = sent.message_id, sent.file_id, sent.document, now()
    job = await session.get_one(JobRow, row.job_id)
    if state in ("unknown", "failed"):
        job.told, job.error = False, error if state == "failed" else "unknown"
    if job.state == "painted" and state != "pending":
        job.state = "failed" if state == "failed" else "delivered"
        job.finished_at = now()


async def newest_message(session: AsyncSession) -> int:
    """The highest number of a message that the database knows, of all chats that share Telegram's counter."""
    shared = JobRow.chat_id > SUPERGROUPS
    sendings = select(func.max(DeliveryRow.message_id), func.max(DeliveryRow.since))
    jobs = select(func.max(JobRow.status_message_id), func.max(JobRow.status_since), func.max(JobRow.reply_to))
    drafts = select(func.max(Draft.message_id)).where(Draft.chat_id > SUPERGROUPS)
    statements = (sendings.join(JobRow, JobRow.id == DeliveryRow.job_id).where(shared), jobs.where(shared), drafts)
    rows = [(await session.execute(statement)).one() for statement in statements]
    return max(number or 0 for row in rows for number in row)


async def messages_of(session: AsyncSession, chat_id: int) -> set[int]:
    """The messages with results in this chat, and the status messages."""
    results = select(DeliveryRow.message_id).join(JobRow, JobRow.id == DeliveryRow.job_id)
    statuses = select(JobRow.status_message_id)
    rows = await session.scalars(union(*(each.where(JobRow.chat_id == chat_id) for each in (results, statuses))))
    return {number for number in rows if number is not None}


def _record(row: DeliveryRow) -> Delivery:
    return Delivery(row.id, row.job_id, row.as_file, row.state, row.attempts, row.file_id, row.document, row.since)
