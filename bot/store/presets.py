"""The operator's presets, and what was changed of those that ship."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import ACTIVE_STATES, JobRow, StyleRow
from bot.store.operator_models import OperatorPreset, PresetChange


@dataclass(frozen=True)
class Added:
    """A preset of the operator."""

    name: str
    title: str
    artist: str
    deleted: bool


@dataclass(frozen=True)
class Change:
    """A new title or "" for the old one; a place in the order, or none."""

    hidden: bool
    title: str
    place: int | None


async def added_presets(session: AsyncSession) -> list[Added]:
    """Every preset of the operator, oldest first, deleted ones too."""
    rows = await session.scalars(select(OperatorPreset).order_by(OperatorPreset.created_at, OperatorPreset.name))
    return [Added(row.name, row.title, row.artist, row.deleted) for row in rows]


async def preset_changes(session: AsyncSession) -> dict[str, Change]:
    """Preset name -> what was changed of it."""
    rows = await session.scalars(select(PresetChange))
    return {row.name: Change(row.hidden, row.title, row.place) for row in rows}


async def add_preset(session: AsyncSession, name: str, title: str, artist: str, operator_id: int) -> None:
    """Adds a preset; adding it again changes nothing, but brings a deleted one back."""
    row = await session.get(OperatorPreset, name)
    if row is None:
        session.add(OperatorPreset(name=name, title=title, artist=artist, operator_id=operator_id))
    elif row.deleted:
        row.title, row.artist, row.operator_id = title, artist, operator_id
        row.deleted, row.told, row.progress, row.tries, row.message_id = False, False, 0.0, 0, None


async def delete_preset(session: AsyncSession, name: str) -> None:
    """Nobody is offered it any more; its title stays for what was painted by it."""
    row = await session.get(OperatorPreset, name)
    if row is not None:
        row.deleted, row.told = True, True


async def show_preset(session: AsyncSession, name: str, shown: bool) -> None:
    """Offers a preset, or no longer does."""
    (await _change(session, name)).hidden = not shown


async def rename_preset(session: AsyncSession, name: str, title: str) -> None:
    """Gives a preset another title."""
    (await _change(session, name)).title = title


async def order_presets(session: AsyncSession, names: Sequence[str]) -> None:
    """Presets are offered in this order."""
    for place, name in enumerate(names):
        (await _change(session, name)).place = place


async def presets_in_use(session: AsyncSession) -> set[str]:
    """Names that the jobs under way are painted by, alone or in a mix."""
    rows = await session.scalars(
        select(StyleRow)
        .join(JobRow, JobRow.style_id == StyleRow.id)
        .where(JobRow.state.in_(ACTIVE_STATES), or_(StyleRow.kind == "preset", StyleRow.kind == "mix"))
    )
    used: set[str] = set()
    for row in rows:
        used.add(row.text)
        used.update(style.text for style, _ in row.parts)
    return used


async def forget_changes(session: AsyncSession, name: str) -> None:
    """Nothing is changed of this preset any more."""
    await session.execute(delete(PresetChange).where(PresetChange.name == name))


async def _change(session: AsyncSession, name: str) -> PresetChange:
    row = await session.get(PresetChange, name)
    if row is None:
        row = PresetChange(name=name)
        session.add(row)
        await session.flush()
    return row
