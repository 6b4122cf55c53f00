"""How many pictures one person, and everybody together, may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.jobs.queue import Refusal
from bot.orders import Order
from bot.store.models import ACTIVE_STATES, WAITING_STATES, JobRow, now

FINEST_COUNTS = 5
"""Pictures of the day's quota that one in finest quality stands for: it keeps a device busy for as long as dozens."""

DAY = timedelta(hours=24)
NOT_COUNTED = ("refused", "cancelled", "failed")


@dataclass(frozen=True)
class Limits:
    """per_user, total: pictures of one person and of all that may wait; an album is one. daily: pictures of one person
    in 24 hours, 0 for any number."""

    per_user: int = 3
    total: int = 200
    daily: int = 0

    async def refusal(self, session: AsyncSession, order: Order) -> Refusal | None:
        """Why this order can't be taken now. An album whose first picture was taken is taken whole."""
        if order.album and await _is_begun(session, order):
            return None
        waiting = select(func.count()).select_from(JobRow).where(JobRow.state.in_(WAITING_STATES))
        unit = case((JobRow.album != "", JobRow.album), else_=cast(JobRow.id, String))
        theirs = select(func.count(unit.distinct())).where(
            JobRow.user_id == order.user_id, JobRow.state.in_(WAITING_STATES)
        )
        if (await session.scalar(theirs) or 0) >= self.per_user:
            return Refusal("user", self.per_user)
        if (await session.scalar(waiting) or 0) >= self.total:
            return Refusal("total", self.total)
        return await self._spent(session, order)

    async def _spent(self, session: AsyncSession, order: Order) -> Refusal | None:
        if not self.daily:
            return None
        rows = await session.execute(
            select(JobRow.created_at, JobRow.finest)
            .where(
                JobRow.user_id == order.user_id,
                JobRow.created_at > now() - DAY,
                JobRow.state.not_in(NOT_COUNTED),
            )
            .order_by(JobRow.created_at)
        )
        counted = [(row.created_at, self._count(finest=row.finest)) for row in rows]
        excess = sum(count for _, count in counted) + self._count(finest=order.finest) - self.daily
        if excess <= 0:
            return None
        for moment, count in counted:
            excess -= count
            if excess <= 0:
                return Refusal("day", self.daily, (moment + DAY - now()).total_seconds())
        raise AssertionError("a single picture is never beyond the quota")

    def _count(self, *, finest: bool) -> int:
        return min(FINEST_COUNTS if finest else 1, self.daily)


async def _is_begun(session: AsyncSession, order: Order) -> bool:
    part = select(JobRow.id).where(
        JobRow.chat_id == order.chat_id, JobRow.album == order.album, JobRow.state.in_(ACTIVE_STATES)
    )
    return await session.scalar(part.limit(1)) is not None
