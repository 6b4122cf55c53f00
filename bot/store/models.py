"""The tables. They run unchanged on SQLite and on Postgres."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bot.orders import Media, Style, StyleKind

Parts = tuple[tuple[Style, int], ...]

WAITING_STATES = ("queued", "leased", "painting")
ACTIVE_STATES = (*WAITING_STATES, "painted")
FINAL_STATES = ("delivered", "failed", "cancelled")
_ACTIVE_SQL = "state IN ('queued', 'leased', 'painting', 'painted')"

NAMES = {  # Alembic finds constraints again by these names, also on SQLite
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""For tables whose numbers stand in buttons and in the memory of painters and couriers: the number of a row that was
deleted is never given to another one, which SQLite alone would do."""

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only INTEGER PRIMARY KEY


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A point in time; SQLite forgets the zone, so it is put back: always UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Stores UTC."""
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Reads UTC."""
        if value is None:
            return None
        return value if value.tzinfo else value.replace(tzinfo=UTC)


class MediaColumn(TypeDecorator[Media]):
    """A `Media` record as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Media | None, dialect: Dialect) -> dict[str, Any] | None:
        """Record to JSON."""
        return None if value is None else asdict(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Media | None:
        """JSON to record."""
        return None if value is None else Media(**value)


class MediaList(TypeDecorator[tuple[Media, ...]]):
    """`Media` records as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[Media, ...] | None, dialect: Dialect) -> list[dict[str, Any]]:
        """Records to JSON."""
        return [asdict(media) for media in value or ()]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Media, ...]:
        """JSON to records."""
        return tuple(Media(**each) for each in value or ())


class PartsColumn(TypeDecorator[Parts]):
    """The styles of a mix with their shares as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Parts | None, dialect: Dialect) -> list[dict[str, Any]]:
        """Records to JSON."""
        return [asdict(style) | {"share": share} for style, share in value or ()]

    def process_result_value(self, value: Any, dialect: Dialect) -> Parts:
        """JSON to records."""
        return tuple((_style(each), each["share"]) for each in value or ())


def _style(stored: dict[str, Any]) -> Style:
    media = stored["media"]
    return Style(StyleKind(stored["kind"]), stored["text"], Media(**media) if media else None)


class Base(DeclarativeBase):
    """All tables share one naming rule."""

    metadata = MetaData(naming_convention=NAMES)


class User(Base):
    """A person and what they have set; no name is kept."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(16), default="")  # of their app
    chosen_language: Mapped[str] = mapped_column(String(8), default="", server_default="")  # counts more
    finest: Mapped[bool] = mapped_column(default=False, server_default=false())
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    strength: Mapped[float] = mapped_column(default=1.0, server_default="1.0")
    colours: Mapped[str] = mapped_column(String(16), default="style", server_default="style")
    as_file: Mapped[bool] = mapped_column(default=False, server_default=false())
    blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    served_at: Mapped[datetime | None] = mapped_column(Moment)


class StyleRow(Base):
    """A style that somebody used: a picture, a sentence, a preset or a mix. With a name it is saved."""

    __tablename__ = "styles"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    media: Mapped[Media | None] = mapped_column(MediaColumn)
    parts: Mapped[Parts] = mapped_column(PartsColumn, default=(), server_default="[]")
    name: Mapped[str] = mapped_column(String(64), default="", server_default="")
    kept_for: Mapped[int] = mapped_column(default=0, server_default="0")  # so many more photos are painted so unasked
    used_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Draft(Base):
    """What somebody has chosen so far; the newest of a chat counts, older ones are stale."""

    __tablename__ = "drafts"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content: Mapped[Media | None] = mapped_column(MediaColumn)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    more: Mapped[tuple[Media, ...]] = mapped_column(MediaList, default=(), server_default="[]")  # of the album
    style_id: Mapped[int | None] = mapped_column(ForeignKey("styles.id", ondelete="SET NULL"))
    mix: Mapped[Parts] = mapped_column(PartsColumn, default=(), server_default="[]")  # as it is being put together
    naming: Mapped[bool] = mapped_column(default=False, server_default=false())  # the next words are the style's name
    cancelled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)

    style: Mapped[StyleRow | None] = relationship(lazy="joined")


class JobRow(Base):
    """One picture to paint; this table is the queue."""

    __tablename__ = "jobs"
    __table_args__ = (
        # A double tap can't start the same painting twice while the first is under way.
        Index(
            "uq_jobs_active_fingerprint",
            "chat_id",
            "fingerprint",
            unique=True,
            sqlite_where=text(_ACTIVE_SQL),
            postgresql_where=text(_ACTIVE_SQL),
        ),
        Index("ix_jobs_state_user_id", "state", "user_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    origin: Mapped[str] = mapped_column(String(80), unique=True)  # an update that is handled again makes no second job
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content: Mapped[Media] = mapped_column(MediaColumn)
    style_id: Mapped[int] = mapped_column(ForeignKey("styles.id"))
    strength: Mapped[float] = mapped_column(default=1.0)
    stroke_size: Mapped[float] = mapped_column(default=1.0, server_default="1.0")
    colours: Mapped[str] = mapped_column(String(16), default="style", server_default="style")
    finest: Mapped[bool] = mapped_column(default=False, server_default=false())
    as_file: Mapped[bool] = mapped_column(default=False)
    reply_to: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    thread: Mapped[int | None] = mapped_column(BigInteger)
    album: Mapped[str] = mapped_column(String(80), default="", server_default="", index=True)
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    fingerprint: Mapped[str] = mapped_column(String(32))

    state: Mapped[str] = mapped_column(String(16), default="queued")
    priority: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    ends: Mapped[int] = mapped_column(default=0, server_default="0")  # of the bot, while it was painted
    worker: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    progress: Mapped[float] = mapped_column(default=0.0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    status_message_id: Mapped[int | None] = mapped_column(BigInteger)
    status_since: Mapped[int | None] = mapped_column(BigInteger)  # while it is sent: its number will be above this
    error: Mapped[str] = mapped_column(String(64), default="")
    told: Mapped[bool] = mapped_column(default=False)  # the chat knows how it ended
    result_file: Mapped[str] = mapped_column(String(255), default="")
    result_width: Mapped[int] = mapped_column(default=0)
    result_height: Mapped[int] = mapped_column(default=0)
    full_side: Mapped[int] = mapped_column(default=0)
    painted_side: Mapped[int] = mapped_column(default=0, server_default="0")  # 0: nobody noted it
    understood: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    held_back: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    style: Mapped[StyleRow] = relationship(lazy="joined", innerjoin=True)


class DeliveryRow(Base):
    """One sending of a result: pending → sending → sent, or unknown, or failed."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("job_id", "as_file"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    as_file: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default="pending", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    since: Mapped[int | None] = mapped_column(
        BigInteger
    )  # it is being sent; its message's number will be above this one
    file_id: Mapped[str] = mapped_column(String(255), default="")
    document: Mapped[bool] = mapped_column(default=False, server_default=false())  # what the file_id is of
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


class InboxRow(Base):
    """An update of Telegram, stored before it is confirmed."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("bot_id", "update_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger)
    update_id: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)  # emptied once handled: it holds what people wrote
    done: Mapped[bool] = mapped_column(default=False, index=True)
    tries: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime] = mapped_column(Moment, default=now)


class AlbumPart(Base):
    """One picture of an album that is still arriving: Telegram says neither how many come nor when it ends."""

    __tablename__ = "album_parts"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = mapped_column(BigInteger)
    group_id: Mapped[str] = mapped_column(String(64), index=True)
    message_id: Mapped[int] = mapped_column(BigInteger)
    media: Mapped[Media | None] = mapped_column(MediaColumn)  # none: something in the album that is no picture
    caption: Mapped[str] = mapped_column(Text, default="", server_default="")
    body: Mapped[str] = mapped_column(Text)  # the message, to go on from after a restart
    arrived_at: Mapped[datetime] = mapped_column(Moment, default=now)


class ConversationRow(Base):
    """Where a conversation stands."""

    __tablename__ = "conversations"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(32))
