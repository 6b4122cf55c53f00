"""Settings that the operator changed from the chat."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.operator_models import Control


async def read_controls(session: AsyncSession) -> dict[str, float]:
    """Name -> value of what was changed."""
    return {row.name: row.value for row in await session.scalars(select(Control))}


async def set_control(session: AsyncSession, name: str, value: float | None) -> None:
    """Keeps a value; None takes the setting of the environment again."""
    row = await session.get(Control, name)
    if value is None:
        await session.execute(delete(Control).where(Control.name == name))
    elif row is None:
        session.add(Control(name=name, value=value))
    else:
        row.value = value
