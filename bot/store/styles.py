"""Styles that a person saved under a name, and the one that they keep for their next photos."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import Style
from bot.store.models import StyleRow
from bot.store.people import keep_style, style_of

MOST = 30  # saved styles of one person
NAME_LENGTH = 32


class TooManyStyles(Exception):  # noqa: N818 - an answer
    """This person has saved as many as there may be."""


@dataclass(frozen=True)
class Saved:
    """A style with the name that its person gave it."""

    id: int
    name: str
    style: Style


async def saved_styles(session: AsyncSession, user_id: int) -> list[Saved]:
    """All of this person, the newest first."""
    rows = await session.scalars(
        select(StyleRow).where(StyleRow.user_id == user_id, StyleRow.name != "").order_by(StyleRow.id.desc())
    )
    return [_record(row) for row in rows]


async def saved_style(session: AsyncSession, user_id: int, style_id: int) -> Saved | None:
    """One of them."""
    row = await _row(session, user_id, style_id)
    return _record(row) if row is not None and row.name else None


async def save_style(session: AsyncSession, user_id: int, style: Style, name: str) -> Saved:
    """Saves a style under this name; one that is saved already keeps the name that it has. Raises TooManyStyles."""
    row = await keep_style(session, user_id, style)
    if not row.name:
        if len(await saved_styles(session, user_id)) >= MOST:
            raise TooManyStyles
        row.name = name[:NAME_LENGTH]
    return _record(row)


async def rename_style(session: AsyncSession, user_id: int, style_id: int, name: str) -> bool:
    """Gives a saved style another name; without one it is no longer saved. False where there is no such style."""
    row = await _row(session, user_id, style_id)
    if row is None or not row.name:
        return False
    row.name = name[:NAME_LENGTH]
    return True


async def keep_for_photos(session: AsyncSession, user_id: int, style: Style | None, photos: int) -> None:
    """This person's next photos are painted so without being asked; no style ends that."""
    await session.execute(update(StyleRow).where(StyleRow.user_id == user_id).values(kept_for=0))
    if style is not None:
        row = await keep_style(session, user_id, style)
        row.kept_for = photos


async def kept_style(session: AsyncSession, user_id: int) -> tuple[Style, int] | None:
    """The style that is kept for the next photos, and for how many."""
    row = await session.scalar(select(StyleRow).where(StyleRow.user_id == user_id, StyleRow.kept_for > 0))
    return (style_of(row), row.kept_for) if row is not None else None


async def use_kept_style(session: AsyncSession, user_id: int, photos: int) -> None:
    """So many photos were painted in it."""
    row = await session.scalar(select(StyleRow).where(StyleRow.user_id == user_id, StyleRow.kept_for > 0))
    if row is not None:
        row.kept_for = max(0, row.kept_for - photos)


async def _row(session: AsyncSession, user_id: int, style_id: int) -> StyleRow | None:
    row = await session.get(StyleRow, style_id)
    return row if row is not None and row.user_id == user_id else None


def _record(row: StyleRow) -> Saved:
    return Saved(row.id, row.name, style_of(row))
