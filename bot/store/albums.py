"""Albums that are still arriving, part by part."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import Media
from bot.store.models import AlbumPart


@dataclass(frozen=True)
class Part:
    """One message of an album; `media` is None for something that is no picture."""

    chat_id: int
    user_id: int
    group_id: str
    message_id: int
    media: Media | None
    caption: str
    body: str


async def store_part(session: AsyncSession, part: Part) -> None:
    """Stores a part; the same message twice is one part."""
    known = await session.scalar(
        select(AlbumPart.id).where(AlbumPart.chat_id == part.chat_id, AlbumPart.message_id == part.message_id)
    )
    if known is None:
        session.add(AlbumPart(**vars(part)))


async def parts_of(session: AsyncSession, chat_id: int, group_id: str) -> list[Part]:
    """The parts in the order of the album."""
    rows = await session.scalars(
        select(AlbumPart)
        .where(AlbumPart.chat_id == chat_id, AlbumPart.group_id == group_id)
        .order_by(AlbumPart.message_id)
    )
    return [_record(row) for row in rows]


async def first_parts(session: AsyncSession) -> list[Part]:
    """One part of every album that waits, to go on after a restart."""
    rows = await session.scalars(select(AlbumPart).order_by(AlbumPart.message_id))
    firsts: dict[tuple[int, str], Part] = {}
    for row in rows:
        firsts.setdefault((row.chat_id, row.group_id), _record(row))
    return list(firsts.values())


async def forget_album(session: AsyncSession, chat_id: int, group_id: str) -> None:
    """The album has become an order."""
    await session.execute(delete(AlbumPart).where(AlbumPart.chat_id == chat_id, AlbumPart.group_id == group_id))


def _record(row: AlbumPart) -> Part:
    return Part(row.chat_id, row.user_id, row.group_id, row.message_id, row.media, row.caption, row.body)
