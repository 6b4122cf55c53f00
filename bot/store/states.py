"""Where each conversation stands."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import ConversationRow


async def load_states(session: AsyncSession, name: str) -> dict[tuple[int | str, ...], str]:
    """Every stored state of the conversation of this name."""
    rows = await session.scalars(select(ConversationRow).where(ConversationRow.name == name))
    return {tuple(json.loads(row.key)): row.state for row in rows}


async def save_state(session: AsyncSession, name: str, key: tuple[int | str, ...], state: str | None) -> None:
    """Stores a state; None removes it."""
    encoded = json.dumps(key)
    row = await session.get(ConversationRow, (name, encoded))
    if state is None:
        if row is not None:
            await session.delete(row)
    elif row is None:
        session.add(ConversationRow(name=name, key=encoded, state=state))
    else:
        row.state = state
