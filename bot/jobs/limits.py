"""How many pictures one person, and everybody together, may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.jobs.bounds import Bounds
from bot.jobs.queue import Refusal
from bot.orders import Order
from bot.store.models import WAITING_STATES, JobRow, now

FINEST_COUNTS = 5
"""Pictures of the day's quota that one in finest quality stands for: it keeps a device busy for as long as dozens."""

DAY = timedelta(hours=24)
NOT_COUNTED = ("refused", "cancelled", "failed")


class Limits:
    """An album counts as one picture where it waits, and as all that it is in the quota of a day."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds

    async def refusal(self, session: AsyncSession, orders: Sequence[Order]) -> Refusal | None:
        """Why these orders of one person, a picture or an album, can't be taken now."""
        unit = case((JobRow.album == "", cast(JobRow.id, String)), else_=JobRow.album)
        waiting = select(func.count(unit.distinct())).where(JobRow.state.in_(WAITING_STATES))
        theirs = waiting.where(JobRow.user_id == orders[0].user_id)
        if (await session.scalar(theirs) or 0) >= self._bounds.queue_per_user:
            return Refusal("user", self._bounds.queue_per_user)
        if (await session.scalar(waiting) or 0) >= self._bounds.queue_total:
            return Refusal("total", self._bounds.queue_total)
        return await self._spent(session, orders)

    async def _spent(self, session: AsyncSession, orders: Sequence[Order]) -> Refusal | None:
        if not self._bounds.daily_quota:
            return None
        rows = await session.execute(
            select(JobRow.created_at, JobRow.finest)
            .where(
                JobRow.user_id == orders[0].user_id,
                JobRow.created_at > now() - DAY,
                JobRow.state.not_in(NOT_COUNTED),
            )
            .order_by(JobRow.created_at)
        )
        counted = [(row.created_at, _count(finest=row.finest)) for row in rows]
        wanted = min(self._bounds.daily_quota, sum(_count(finest=order.finest) for order in orders))
        excess = sum(count for _, count in counted) + wanted - self._bounds.daily_quota
        if excess <= 0:
            return None
        for moment, count in counted:
            excess -= count
            if excess <= 0:
                return Refusal("day", self._bounds.daily_quota, (moment + DAY - now()).total_seconds())
        raise AssertionError("nobody wants more than a whole day")


def _count(*, finest: bool) -> int:
    return FINEST_COUNTS if finest else 1
