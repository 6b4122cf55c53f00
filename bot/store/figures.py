"""How much waits in the database, for whoever watches over the bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import METHODS
from bot.store.deliveries import OPEN
from bot.store.models import ACTIVE_STATES, DeliveryRow, InboxRow, JobRow


@dataclass(frozen=True)
class Figures:
    """jobs: those that have not ended, by state and method. Moments are None where nothing waits."""

    jobs: Mapping[tuple[str, str], int]
    oldest_queued: datetime | None
    deliveries: int
    updates: int
    oldest_update: datetime | None


async def read_figures(session: AsyncSession, bot_id: int) -> Figures:
    """How things stand now; the updates are those of this bot."""
    counted = select(JobRow.state, JobRow.finest, func.count()).where(JobRow.state.in_(ACTIVE_STATES))
    rows = await session.execute(counted.group_by(JobRow.state, JobRow.finest))
    jobs = {(state, METHODS[finest]): count for state, finest, count in rows}
    queued = select(func.min(JobRow.created_at)).where(JobRow.state == "queued")
    deliveries = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state.in_(OPEN))
    updates = select(func.count(), func.min(InboxRow.received_at)).where(
        InboxRow.bot_id == bot_id, InboxRow.done.is_(False)
    )
    waiting, oldest = (await session.execute(updates)).one()
    return Figures(jobs, await session.scalar(queued), await session.scalar(deliveries) or 0, waiting, oldest)
