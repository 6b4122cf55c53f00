"""All that the database has about a person, as a document for that person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.orders import Media
from bot.store.forgetting import states_of, updates_of
from bot.store.models import AlbumPart, Base, DeliveryRow, Draft, JobRow, StyleRow, User
from bot.store.operator_models import Receiver

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

INNER = {
    "users": (),
    "styles": ("user_id", "digest"),
    "drafts": ("user_id",),
    # origin, fingerprint and worker are names of our own making, result_file is a name on our disk
    "jobs": ("user_id", "origin", "fingerprint", "worker", "lease_until", "result_file"),
    "deliveries": (),
    "album_parts": ("user_id",),
    "broadcast_receivers": ("user_id",),
}
"""Columns that say nothing about a person, by table; what is not named here is exported."""


async def all_about(session: AsyncSession, user_id: int) -> dict[str, Json] | None:
    """Every row of this person by its kind, times in UTC; None where there is none."""
    user = await session.get(User, user_id)
    jobs = await session.scalars(select(JobRow).where(JobRow.user_id == user_id).order_by(JobRow.id))
    sendings = await session.scalars(
        select(DeliveryRow)
        .join(JobRow, JobRow.id == DeliveryRow.job_id)
        .where(JobRow.user_id == user_id)
        .order_by(DeliveryRow.id)
    )
    styles = await session.scalars(select(StyleRow).where(StyleRow.user_id == user_id).order_by(StyleRow.id))
    drafts = await session.scalars(select(Draft).where(Draft.user_id == user_id).order_by(Draft.id))
    parts = await session.scalars(select(AlbumPart).where(AlbumPart.user_id == user_id).order_by(AlbumPart.id))
    texts = await session.scalars(select(Receiver).where(Receiver.user_id == user_id).order_by(Receiver.broadcast_id))
    rows: dict[str, Json] = {
        "person": _told(user) if user is not None else None,
        "styles": [_told(row) for row in styles],
        "chosen": [_told(row) for row in drafts],
        "jobs": [_told(row) for row in jobs],
        "sendings": [_told(row) for row in sendings],
        "albums_that_arrive": [_told(row) | {"body": json.loads(row.body)} for row in parts],
        "texts_for_everybody": [_told(row) for row in texts],
        "conversation": [row.state for row in await states_of(session, user_id)],
    }
    if not any(rows.values()):
        return None
    return rows | {"messages_not_yet_answered": [json.loads(row.body) for row in await updates_of(session, user_id)]}


def _told(row: Base) -> dict[str, Json]:
    table = row.__table__
    return {
        column.key: _plain(getattr(row, column.key))
        for column in table.columns
        if column.key not in INNER[row.__tablename__]
    }


def _plain(value: Json | datetime | Media) -> Json:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return asdict(value) if isinstance(value, Media) else value
