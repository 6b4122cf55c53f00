"""The sandbox's memory on disk: one table of records, written at once, so that Ctrl-C and kill -9 lose nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from bot.sandbox.records import Chat, Counters, Media, Message, Profile, StoredFile, Update

_KINDS: dict[str, TypeAdapter[object]] = {
    "chat": TypeAdapter(Chat),
    "message": TypeAdapter(Message),
    "file": TypeAdapter(StoredFile),
    "media": TypeAdapter(Media),
    "update": TypeAdapter(Update),
    "profile": TypeAdapter(Profile),
    "counters": TypeAdapter(Counters),
}
_NAMES = {Chat: "chat", Message: "message", StoredFile: "file", Media: "media"}
_NAMES |= {Update: "update", Profile: "profile", Counters: "counters"}

Record = TypeVar("Record", Chat, Message, StoredFile, Media, Update, Profile, Counters)


class Ledger:
    """Records by kind and key, in insertion order. path: the SQLite file, or None to forget everything at the end."""

    def __init__(self, path: Path | None) -> None:
        self._base = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS records (at INTEGER PRIMARY KEY, kind TEXT, key TEXT, body BLOB, "
            "UNIQUE (kind, key))"
        )

    def put(self, key: str | int, record: Record) -> None:
        """Writes the record, over an earlier one with the same key."""
        kind = _NAMES[type(record)]
        self._base.execute(
            "INSERT INTO records (kind, key, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, str(key), _KINDS[kind].dump_json(record)),
        )

    def drop(self, kind: type[Record], key: str | int) -> None:
        """Forgets a record."""
        self._base.execute("DELETE FROM records WHERE kind = ? AND key = ?", (_NAMES[kind], str(key)))

    def all(self, kind: type[Record]) -> Iterator[Record]:
        """The records of a kind, oldest first."""
        name = _NAMES[kind]
        for (body,) in self._base.execute("SELECT body FROM records WHERE kind = ? ORDER BY at", (name,)):
            record = _KINDS[name].validate_json(body)
            assert isinstance(record, kind)
            yield record

    def close(self) -> None:
        """Ends the connection; what was put is on disk."""
        self._base.close()
