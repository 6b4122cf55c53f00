"""How far the codes of the operator's presets are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.operator_models import OperatorPreset

MAX_TRIES = 3  # without any progress; then the preset stays with the encoder's code


@dataclass(frozen=True)
class Tuning:
    """progress: 0 to 1. message_id: the message that shows it to the operator. given_up: there will be no code."""

    name: str
    operator_id: int
    progress: float
    message_id: int | None
    given_up: bool


async def names_to_tune(session: AsyncSession) -> list[str]:
    """Every preset that is not deleted, those without a code first."""
    rows = await session.scalars(
        select(OperatorPreset.name)
        .where(OperatorPreset.deleted.is_(False))
        .order_by(OperatorPreset.progress >= 1, OperatorPreset.created_at)
    )
    return list(rows)


async def try_tuning(session: AsyncSession, name: str) -> bool:
    """Counts a try; False where there were too many, or the preset is gone."""
    row = await session.get(OperatorPreset, name)
    if row is None or row.deleted:
        return False
    row.tries += 1
    return row.tries <= MAX_TRIES


async def give_up(session: AsyncSession, name: str) -> None:
    """It is not tried again."""
    row = await session.get(OperatorPreset, name)
    if row is not None:
        row.tries = MAX_TRIES + 1


async def store_progress(session: AsyncSession, name: str, progress: float) -> None:
    """So far it is."""
    row = await session.get(OperatorPreset, name)
    if row is not None:
        row.progress, row.tries = max(row.progress, progress), 0


async def untold_tunings(session: AsyncSession) -> list[Tuning]:
    """Those of which the operator waits to hear."""
    rows = await session.scalars(
        select(OperatorPreset).where(
            OperatorPreset.told.is_(False), or_(OperatorPreset.progress > 0, OperatorPreset.tries > 0)
        )
    )
    return [Tuning(row.name, row.operator_id, row.progress, row.message_id, row.tries > MAX_TRIES) for row in rows]


async def show_tuning(session: AsyncSession, name: str, message_id: int) -> None:
    """This message shows the progress."""
    row = await session.get(OperatorPreset, name)
    if row is not None:
        row.message_id = message_id


async def mark_told(session: AsyncSession, name: str) -> None:
    """The operator knows that the code is there."""
    row = await session.get(OperatorPreset, name)
    if row is not None:
        row.told = True
