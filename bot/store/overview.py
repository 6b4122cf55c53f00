"""What the operator sees of the work: numbers only, of nobody in particular."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import JobRow, User, now

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Speed:
    """Pictures that were delivered in a time, and seconds from the order to the delivery."""

    delivered: int
    median: float
    p95: float


@dataclass(frozen=True)
class Work:
    """oldest: seconds that the oldest order has waited. errors: failed jobs of the last day by code, most first."""

    waiting: int
    painting: int
    oldest: float
    hour: Speed
    day: Speed
    errors: tuple[tuple[str, int], ...]
    people: int
    active_day: int
    active_week: int
    blocked: int


async def work_now(session: AsyncSession) -> Work:
    """The numbers of this moment."""
    moment = now()
    counted = await session.execute(select(JobRow.state, func.count()).group_by(JobRow.state))
    states = {str(state): int(count) for state, count in counted}
    oldest = await session.scalar(
        select(func.min(JobRow.created_at)).where(JobRow.state.in_(("queued", "leased", "painting")))
    )
    ended = await session.execute(
        select(JobRow.created_at, JobRow.finished_at).where(
            JobRow.state == "delivered", JobRow.finished_at > moment - DAY
        )
    )
    times = [(finished, (finished - created).total_seconds()) for created, finished in ended if finished is not None]
    errors = await session.execute(
        select(JobRow.error, func.count())
        .where(JobRow.state == "failed", JobRow.finished_at > moment - DAY)
        .group_by(JobRow.error)
        .order_by(func.count().desc(), JobRow.error)
    )

    async def active(since: timedelta) -> int:
        people = select(func.count(distinct(JobRow.user_id))).where(JobRow.created_at > moment - since)
        return await session.scalar(people) or 0

    return Work(
        waiting=states.get("queued", 0),
        painting=states.get("leased", 0) + states.get("painting", 0),
        oldest=(moment - oldest).total_seconds() if oldest is not None else 0.0,
        hour=_speed([seconds for finished, seconds in times if finished > moment - HOUR]),
        day=_speed([seconds for _, seconds in times]),
        errors=tuple((code, count) for code, count in errors),
        people=await session.scalar(select(func.count()).select_from(User)) or 0,
        active_day=await active(DAY),
        active_week=await active(WEEK),
        blocked=await session.scalar(select(func.count()).select_from(User).where(User.blocked.is_(True))) or 0,
    )


def _speed(seconds: Sequence[float]) -> Speed:
    if not seconds:
        return Speed(0, 0.0, 0.0)
    ordered = sorted(seconds)
    return Speed(len(ordered), ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])
