"""Updates of Telegram that were received and perhaps not handled yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import InboxRow, now


@dataclass(frozen=True)
class StoredUpdate:
    """An update as Telegram sent it, in JSON, and how often its handling was started."""

    update_id: int
    body: str
    tries: int


async def store_update(session: AsyncSession, bot_id: int, update_id: int, body: str) -> bool:
    """Stores an update; False where it was stored before."""
    known = await session.scalar(select(InboxRow.id).where(InboxRow.bot_id == bot_id, InboxRow.update_id == update_id))
    if known is not None:
        return False
    session.add(InboxRow(bot_id=bot_id, update_id=update_id, body=body))
    return True


async def count_try(session: AsyncSession, bot_id: int, update_id: int) -> None:
    """Handling starts: an update that kills the bot again and again is seen by this number."""
    await session.execute(
        update(InboxRow)
        .where(InboxRow.bot_id == bot_id, InboxRow.update_id == update_id)
        .values(tries=InboxRow.tries + 1)
    )


async def mark_done(session: AsyncSession, bot_id: int, update_id: int) -> None:
    """Handled; what the person wrote is forgotten."""
    await session.execute(
        update(InboxRow).where(InboxRow.bot_id == bot_id, InboxRow.update_id == update_id).values(done=True, body="")
    )


async def undone_updates(session: AsyncSession, bot_id: int) -> list[StoredUpdate]:
    """What was received and not handled, in the order of its arrival."""
    rows = await session.scalars(
        select(InboxRow).where(InboxRow.bot_id == bot_id, InboxRow.done.is_(False)).order_by(InboxRow.id)
    )
    return [StoredUpdate(row.update_id, row.body, row.tries) for row in rows]


async def try_writing(session: AsyncSession) -> None:
    """A write that leaves nothing behind: raises what any other one would raise now."""
    row = InboxRow(bot_id=0, update_id=0, body="", done=True)  # no bot has this number
    session.add(row)
    await session.flush()
    await session.delete(row)


async def forget_done(session: AsyncSession, older_than: timedelta) -> None:
    """Removes old handled rows; Telegram repeats an update for a day at most."""
    await session.execute(delete(InboxRow).where(InboxRow.done.is_(True), InboxRow.received_at < now() - older_than))
