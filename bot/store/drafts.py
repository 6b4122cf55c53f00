"""What each person has chosen so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import Media, Style
from bot.store.models import Draft, JobRow
from bot.store.people import keep_style, meet, style_of


@dataclass(frozen=True)
class Chosen:
    """A draft: a photo, or an album, that waits for a style, or a style that waits for a photo.

    more: the album's photos but the first. style_id: the row of the style. mix: a style that is being put together.
    naming: the next words are a name for the style.
    """

    id: int
    chat_id: int
    user_id: int
    content: Media | None
    message_id: int | None
    more: tuple[Media, ...]
    style: Style | None
    style_id: int | None
    mix: tuple[tuple[Style, int], ...]
    naming: bool
    cancelled: bool

    @property
    def photos(self) -> tuple[Media, ...]:
        """All photos that wait."""
        return (self.content, *self.more) if self.content is not None else ()


async def open_draft(
    session: AsyncSession,
    chat_id: int,
    user_id: int,
    *,
    content: Media | None = None,
    more: Sequence[Media] = (),
    message_id: int | None = None,
    style: Style | None = None,
    naming: bool = False,
) -> Chosen:
    """Starts a new draft; every earlier one of this person in this chat is stale from now on.

    The same message handled again (after a crash) gives the same draft again.
    """
    await meet(session, user_id)
    newest = await _newest(session, chat_id, user_id)
    same_message = newest is not None and message_id is not None and newest.message_id == message_id
    if newest is not None and same_message and not newest.cancelled and newest.naming == naming:
        return _record(newest)
    kept = await keep_style(session, user_id, style) if style else None
    row = Draft(chat_id=chat_id, user_id=user_id, content=content, message_id=message_id, naming=naming)
    row.more = tuple(more)
    row.style = kept
    session.add(row)
    await session.flush()
    return _record(row)


async def newest_draft(session: AsyncSession, chat_id: int, user_id: int) -> Chosen | None:
    """The draft that counts, unless it was cancelled."""
    row = await _newest(session, chat_id, user_id)
    return _record(row) if row is not None and not row.cancelled else None


async def set_mix(session: AsyncSession, draft_id: int, parts: Sequence[tuple[Style, int]]) -> None:
    """Remembers what a mix is made of so far."""
    row = await session.get(Draft, draft_id)
    if row is not None:
        row.mix = tuple(parts)


async def draft_of_number(session: AsyncSession, number: int) -> Chosen | None:
    """The draft with this number, whoever's it is, unless it was cancelled."""
    row = await session.get(Draft, number)
    return _record(row) if row is not None and not row.cancelled else None


async def cancel_draft(session: AsyncSession, chat_id: int, user_id: int) -> bool:
    """Forgets the newest draft; answers whether there was one."""
    row = await _newest(session, chat_id, user_id)
    if row is None or row.cancelled:
        return False
    row.cancelled = True
    return True


async def last_photo(session: AsyncSession, chat_id: int, user_id: int) -> tuple[Media, int | None] | None:
    """The photo of the newest job of this person here and the message that it came with."""
    row = await session.scalar(
        select(JobRow).where(JobRow.chat_id == chat_id, JobRow.user_id == user_id).order_by(JobRow.id.desc()).limit(1)
    )
    return (row.content, row.reply_to) if row is not None else None


async def _newest(session: AsyncSession, chat_id: int, user_id: int) -> Draft | None:
    return await session.scalar(
        select(Draft).where(Draft.chat_id == chat_id, Draft.user_id == user_id).order_by(Draft.id.desc()).limit(1)
    )


def _record(row: Draft) -> Chosen:
    style = style_of(row.style) if row.style is not None else None
    return Chosen(
        row.id,
        row.chat_id,
        row.user_id,
        row.content,
        row.message_id,
        row.more,
        style,
        row.style_id,
        row.mix,
        row.naming,
        row.cancelled,
    )
