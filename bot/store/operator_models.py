"""The operator's tables: presets, limits, who is barred, broadcasts, and what the operator is asked for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models import NEVER_AGAIN, Base, Id, Moment, now


class OperatorPreset(Base):
    """A painting that the operator added; its files lie in `presets/` under its name."""

    __tablename__ = "operator_presets"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    title: Mapped[str] = mapped_column(String(64))
    artist: Mapped[str] = mapped_column(String(64))
    operator_id: Mapped[int] = mapped_column(BigInteger)
    progress: Mapped[float] = mapped_column(default=0.0)  # of its own code
    tries: Mapped[int] = mapped_column(default=0)  # since the last progress
    message_id: Mapped[int | None] = mapped_column(BigInteger)  # that shows the operator the progress
    told: Mapped[bool] = mapped_column(default=False)  # the operator knows that the code is there
    deleted: Mapped[bool] = mapped_column(default=False)  # results painted by it still say its title
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class PresetChange(Base):
    """What the operator changed of a preset, shipped or added."""

    __tablename__ = "preset_changes"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    hidden: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(64), default="")
    place: Mapped[int | None] = mapped_column()  # in the order; those without one come last, in their own order


class Control(Base):
    """A setting that the operator changed from the chat."""

    __tablename__ = "controls"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[float] = mapped_column()


class BarredPerson(Base):
    """Somebody who gets no answer; the number alone, so that forgetting a person does not lift it."""

    __tablename__ = "barred"

    person: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(Moment, default=now)


class OperatorStep(Base):
    """What the operator's next message is taken for."""

    __tablename__ = "operator_steps"

    operator_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(String(32))
    argument: Mapped[str] = mapped_column(String(80), default="")


class Broadcast(Base):
    """A text for everybody: draft → running → finished, or stopped."""

    __tablename__ = "broadcasts"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    origin: Mapped[str] = mapped_column(String(80), unique=True)
    operator_id: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)  # HTML
    state: Mapped[str] = mapped_column(String(16), default="draft", index=True)
    told: Mapped[bool] = mapped_column(default=False, server_default=false())  # the operator knows how it ended
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class Receiver(Base):
    """One person of a broadcast: waiting → sending → sent, or unknown, blocked, failed."""

    __tablename__ = "broadcast_receivers"
    __table_args__ = (Index("ix_broadcast_receivers_broadcast_id_state", "broadcast_id", "state"),)

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
