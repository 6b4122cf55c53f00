"""Broadcasts: their texts, and how far each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import User, now
from bot.store.operator_models import Broadcast, Receiver

ENDED = ("finished", "stopped")


@dataclass(frozen=True)
class Cry:
    """A broadcast. body: HTML. counts: how many receivers are in which state."""

    id: int
    operator_id: int
    body: str
    state: str
    counts: Counter[str]


async def draft_broadcast(session: AsyncSession, origin: str, operator_id: int, body: str) -> int:
    """Keeps a text that is not sent yet; the same update gives the same one."""
    row = await session.scalar(select(Broadcast).where(Broadcast.origin == origin))
    if row is None:
        row = Broadcast(origin=origin, operator_id=operator_id, body=body)
        session.add(row)
        await session.flush()
    return row.id


async def reachable_people(session: AsyncSession, without: Collection[int]) -> list[int]:
    """Everybody who has not blocked the bot, but for some."""
    people = await session.scalars(select(User.id).where(User.blocked.is_(False)).order_by(User.id))
    return [person for person in people if person not in without]


async def start_broadcast(session: AsyncSession, broadcast_id: int, without: Collection[int]) -> bool:
    """Begins to send it to all who can be reached; False where it was begun before."""
    row = await session.get(Broadcast, broadcast_id)
    if row is None or row.state != "draft":
        return False
    row.state = "running"
    session.add_all(
        Receiver(broadcast_id=broadcast_id, user_id=person) for person in await reachable_people(session, without)
    )
    return True


async def drop_draft(session: AsyncSession, broadcast_id: int) -> None:
    """Forgets a text that was not sent."""
    await session.execute(delete(Broadcast).where(Broadcast.id == broadcast_id, Broadcast.state == "draft"))


async def end_broadcast(session: AsyncSession, broadcast_id: int, state: str) -> bool:
    """It is "finished" or "stopped"; False where it does not run."""
    row = await session.get(Broadcast, broadcast_id)
    if row is None or row.state != "running":
        return False
    row.state, row.finished_at = state, now()
    return True


async def find_broadcast(session: AsyncSession, broadcast_id: int) -> Cry | None:
    """A broadcast by its number."""
    row = await session.get(Broadcast, broadcast_id)
    return await _record(session, row) if row is not None else None


async def newest_broadcast(session: AsyncSession) -> Cry | None:
    """The last one that was begun."""
    row = await session.scalar(
        select(Broadcast).where(Broadcast.state.in_(("running", *ENDED))).order_by(Broadcast.id.desc()).limit(1)
    )
    return await _record(session, row) if row is not None else None


async def running_broadcast(session: AsyncSession) -> Cry | None:
    """The oldest one that is being sent."""
    row = await session.scalar(select(Broadcast).where(Broadcast.state == "running").order_by(Broadcast.id).limit(1))
    return await _record(session, row) if row is not None else None


async def untold_broadcasts(session: AsyncSession) -> list[Cry]:
    """Those that ended and whose operator does not know yet."""
    rows = await session.scalars(select(Broadcast).where(Broadcast.told.is_(False), Broadcast.state.in_(ENDED)))
    return [await _record(session, row) for row in rows]


async def mark_broadcast_told(session: AsyncSession, broadcast_id: int) -> None:
    """The operator knows how it ended."""
    await session.execute(update(Broadcast).where(Broadcast.id == broadcast_id).values(told=True))


async def next_receiver(session: AsyncSession, broadcast_id: int, without: Collection[int]) -> int | None:
    """The next person to send it to, marked as being sent to; whoever can't be reached any more is passed over."""
    running = await session.scalar(select(Broadcast.state).where(Broadcast.id == broadcast_id))
    if running != "running":
        return None
    rows = await session.execute(
        select(Receiver, User.blocked)
        .join(User, User.id == Receiver.user_id)
        .where(Receiver.broadcast_id == broadcast_id, Receiver.state == "waiting")
        .order_by(Receiver.user_id)
        .limit(50)
    )
    for receiver, blocked in rows:
        if blocked or receiver.user_id in without:
            receiver.state = "blocked" if blocked else "failed"
            continue
        receiver.state = "sending"
        return receiver.user_id
    return None


async def finish_receiver(session: AsyncSession, broadcast_id: int, user_id: int, state: str) -> None:
    """How sending it to this person ended."""
    await session.execute(
        update(Receiver).where(Receiver.broadcast_id == broadcast_id, Receiver.user_id == user_id).values(state=state)
    )


async def resume_broadcasts(session: AsyncSession) -> None:
    """A sending that an earlier run did not finish is done again: nobody knows how it ended."""
    await session.execute(update(Receiver).where(Receiver.state == "sending").values(state="waiting"))


async def _record(session: AsyncSession, row: Broadcast) -> Cry:
    counted = await session.execute(
        select(Receiver.state, func.count()).where(Receiver.broadcast_id == row.id).group_by(Receiver.state)
    )
    counts = Counter({str(state): int(count) for state, count in counted})
    return Cry(row.id, row.operator_id, row.body, row.state, counts)
