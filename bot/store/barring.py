"""Who gets no answer."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.operator_models import BarredPerson


async def barred_people(session: AsyncSession) -> set[int]:
    """Their numbers."""
    return set(await session.scalars(select(BarredPerson.person)))


async def bar_person(session: AsyncSession, user_id: int) -> None:
    """No answer from now on."""
    if await session.get(BarredPerson, user_id) is None:
        session.add(BarredPerson(person=user_id))


async def unbar_person(session: AsyncSession, user_id: int) -> None:
    """Answers again."""
    await session.execute(delete(BarredPerson).where(BarredPerson.person == user_id))
