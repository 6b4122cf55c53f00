"""What each operator's next message is taken for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.operator_models import OperatorStep


@dataclass(frozen=True)
class Step:
    """What is awaited, and for what."""

    name: str
    argument: str = ""


async def read_steps(session: AsyncSession) -> dict[int, Step]:
    """Operator -> what is awaited of them."""
    return {row.operator_id: Step(row.step, row.argument) for row in await session.scalars(select(OperatorStep))}


async def set_step(session: AsyncSession, operator_id: int, step: Step | None) -> None:
    """Awaits this from now on, or nothing."""
    await session.execute(delete(OperatorStep).where(OperatorStep.operator_id == operator_id))
    if step is not None:
        session.add(OperatorStep(operator_id=operator_id, step=step.name, argument=step.argument))
