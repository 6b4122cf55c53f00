"""Groups that get another number, or that the bot is taken out of."""

from __future__ import annotations

from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.deliveries import OPEN
from bot.store.models import ACTIVE_STATES, DeliveryRow, Draft, JobRow, now


async def move_chat(session: AsyncSession, old: int, new: int) -> None:
    """What was chosen and asked for in a group belongs to the supergroup that it has become; doing it again changes
    nothing.

    A supergroup counts its messages anew, so the numbers of earlier ones would mean others there.
    """
    here = JobRow.chat_id == old
    theirs = select(JobRow.id).where(here)
    nowhere = {"status_message_id": None, "status_since": None, "reply_to": None, "thread": None}
    # The same may have been asked for in the supergroup already, and of jobs under way no two may be the same.
    renamed = literal("moved:") + cast(JobRow.id, String)
    for statement in (
        update(DeliveryRow).where(DeliveryRow.job_id.in_(theirs)).values(message_id=None, since=None),
        update(JobRow).where(here, JobRow.state.in_(ACTIVE_STATES)).values(fingerprint=renamed),
        update(JobRow).where(here).values(chat_id=new, **nowhere),
        update(Draft).where(Draft.chat_id == old).values(chat_id=new, message_id=None),
    ):
        await session.execute(statement, execution_options={"synchronize_session": False})


async def leave_chat(session: AsyncSession, chat_id: int) -> None:
    """Everything that was to be sent to this group ends untold."""
    here = JobRow.chat_id == chat_id
    waits = JobRow.state.in_([state for state in ACTIVE_STATES if state != "painted"])
    theirs = select(JobRow.id).where(here)
    for statement in (
        update(JobRow).where(here, waits).values(state="cancelled", cancel_requested=True, finished_at=now()),
        update(JobRow)
        .where(here, JobRow.state == "painted")
        .values(state="failed", error="undeliverable", finished_at=now()),
        update(JobRow).where(here).values(told=True, status_message_id=None, status_since=None),
        update(DeliveryRow).where(DeliveryRow.job_id.in_(theirs), DeliveryRow.state.in_(OPEN)).values(state="failed"),
        update(Draft).where(Draft.chat_id == chat_id).values(cancelled=True),
    ):
        await session.execute(statement, execution_options={"synchronize_session": False})
