"""Forgetting a person: every row that speaks of them, at once."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import JSON, delete, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import (
    AlbumPart,
    ConversationRow,
    DeliveryRow,
    Draft,
    InboxRow,
    JobRow,
    StyleRow,
    User,
)
from bot.store.operator_models import OperatorStep, Receiver


@dataclass(frozen=True)
class Forgotten:
    """What the rows spoke of and lies elsewhere.

    jobs: their numbers. chats: where they were asked for. pictures: Telegram's unique ids of those that no other
    person's row needs. statuses: chat and message of each status message. marked: those of each photo that is marked as
    being worked on, which it is until its end was told.
    """

    jobs: tuple[int, ...]
    chats: frozenset[int]
    pictures: tuple[str, ...]
    statuses: tuple[tuple[int, int], ...]
    marked: tuple[tuple[int, int], ...]


async def forget_person(session: AsyncSession, user_id: int, bot_id: int, update_id: int) -> Forgotten:
    """Deletes all rows of this person; doing it again changes nothing.

    Of what they wrote and was not handled, that which came before this update goes; this one is being handled, and
    what came after it was sent by somebody who begins anew.
    """
    jobs = await session.execute(
        select(JobRow.id, JobRow.chat_id, JobRow.status_message_id, JobRow.reply_to, JobRow.told).where(
            JobRow.user_id == user_id
        )
    )
    rows = jobs.all()
    pictures = await _pictures_of_nobody_else(session, user_id)
    theirs = select(JobRow.id).where(JobRow.user_id == user_id)
    for statement in (
        delete(DeliveryRow).where(DeliveryRow.job_id.in_(theirs)),
        delete(JobRow).where(JobRow.user_id == user_id),
        delete(Draft).where(Draft.user_id == user_id),
        delete(StyleRow).where(StyleRow.user_id == user_id),
        delete(AlbumPart).where(AlbumPart.user_id == user_id),
        delete(Receiver).where(Receiver.user_id == user_id),
        delete(OperatorStep).where(OperatorStep.operator_id == user_id),
        delete(User).where(User.id == user_id),
    ):
        await session.execute(statement, execution_options={"synchronize_session": False})
    for state in await states_of(session, user_id):
        await session.delete(state)
    await _empty_updates(session, user_id, bot_id, update_id)
    return Forgotten(
        tuple(row.id for row in rows),
        frozenset(row.chat_id for row in rows),
        pictures,
        tuple((row.chat_id, row.status_message_id) for row in rows if row.status_message_id is not None),
        tuple((row.chat_id, row.reply_to) for row in rows if not row.told and row.reply_to is not None),
    )


async def states_of(session: AsyncSession, user_id: int) -> list[ConversationRow]:
    """Where the conversations of this person stand."""
    rows = await session.scalars(select(ConversationRow).where(ConversationRow.key.contains(str(user_id))))
    return [row for row in rows if user_id in json.loads(row.key)]


async def updates_of(session: AsyncSession, user_id: int) -> list[InboxRow]:
    """What this person wrote and was not handled yet."""
    rows = await session.scalars(select(InboxRow).where(InboxRow.done.is_(False)).order_by(InboxRow.id))
    return [row for row in rows if _sender(row.body) == user_id]


async def _empty_updates(session: AsyncSession, user_id: int, bot_id: int, update_id: int) -> None:
    present = select(InboxRow.id).where(InboxRow.bot_id == bot_id, InboxRow.update_id == update_id)
    row_id = await session.scalar(present)
    earlier = [row.id for row in await updates_of(session, user_id) if row_id is None or row.id < row_id]
    # The number stays, which names nobody: Telegram may send the update again.
    await session.execute(update(InboxRow).where(InboxRow.id.in_(earlier)).values(done=True, body=""))


def _sender(body: str) -> int | None:
    for part in json.loads(body).values():
        if isinstance(part, dict) and isinstance(sender := part.get("from"), dict):
            return int(sender["id"])
    return None


async def _pictures_of_nobody_else(session: AsyncSession, user_id: int) -> tuple[str, ...]:
    photo = type_coerce(JobRow.content, JSON)["unique_id"].as_string()
    model = type_coerce(StyleRow.media, JSON)["unique_id"].as_string()
    mine = (
        select(photo.label("picture"))
        .where(JobRow.user_id == user_id)
        .union(select(model).where(StyleRow.user_id == user_id, StyleRow.media.is_not(None)))
        .subquery()
    )
    others = (
        select(photo)
        .where(JobRow.user_id != user_id)
        .union(select(model).where(StyleRow.user_id != user_id, StyleRow.media.is_not(None)))
    )
    return tuple(await session.scalars(select(mine.c.picture).where(mine.c.picture.not_in(others))))
