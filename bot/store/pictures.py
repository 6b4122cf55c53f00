"""Which of the pictures on the disk the jobs need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import Media
from bot.store.models import ACTIVE_STATES, JobRow, StyleRow

AT_ONCE = 500  # numbers in one question: databases limit them


def pictures_of_jobs(which: ColumnElement[bool]) -> Select[Media, Media | None]:
    """Photo and style picture of these jobs."""
    return select(JobRow.content, StyleRow.media).join(StyleRow, StyleRow.id == JobRow.style_id).where(which)


def unique_ids(rows: Iterable[Row[tuple[Media, Media | None]]]) -> set[str]:
    """By which Telegram knows the pictures that `pictures_of_jobs` found."""
    return {media.unique_id for row in rows for media in row if media is not None}


async def pictures_in_use(session: AsyncSession, since: datetime) -> set[str]:
    """Telegram's unique ids of the pictures of all jobs that are under way or ended since then."""
    which = or_(JobRow.state.in_(ACTIVE_STATES), JobRow.finished_at > since)
    mixes = select(StyleRow.parts).join(JobRow, JobRow.style_id == StyleRow.id).where(which, StyleRow.kind == "mix")
    mixed = {
        media.unique_id for parts in await session.scalars(mixes) for style, _ in parts for media in style.pictures
    }
    return mixed | unique_ids(await session.execute(pictures_of_jobs(which)))


async def jobs_among(session: AsyncSession, numbers: Sequence[int]) -> set[int]:
    """Those of the numbers that are a job's."""
    found: set[int] = set()
    for start in range(0, len(numbers), AT_ONCE):
        found.update(await session.scalars(select(JobRow.id).where(JobRow.id.in_(numbers[start : start + AT_ONCE]))))
    return found
