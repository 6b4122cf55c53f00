"""Users and the styles that they used."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import Style, StyleKind
from bot.store.models import StyleRow, User, now


async def meet(session: AsyncSession, user_id: int, language: str = "") -> User:
    """The user's row, made at the first meeting; whoever writes again has unblocked the bot."""
    user = await session.get(User, user_id)
    if user is None:
        user = User(id=user_id)
        session.add(user)
        await session.flush()
    user.blocked = False
    if language:
        user.language = language[:16]
    return user


async def mark_blocked(session: AsyncSession, user_id: int) -> None:
    """The user has blocked the bot: nothing more can be sent."""
    await session.execute(update(User).where(User.id == user_id).values(blocked=True))


async def keep_style(session: AsyncSession, user_id: int, style: Style) -> StyleRow:
    """The row of this style of this user; the same wish twice is one row."""
    row = await session.scalar(select(StyleRow).where(StyleRow.user_id == user_id, StyleRow.digest == style.digest))
    if row is None:
        row = StyleRow(user_id=user_id, digest=style.digest, kind=style.kind, text=style.text, parts=style.parts)
        session.add(row)
    row.media = style.media  # the newest file_id
    row.used_at = now()
    await session.flush()
    return row


def style_of(row: StyleRow) -> Style:
    """The record in a row."""
    return Style(StyleKind(row.kind), row.text, row.media, row.parts)
