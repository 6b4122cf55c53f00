"""Sessions on the database: short transactions, never across a call to Telegram or the engine.

SQLite needs care that its driver does not take (measured with 24 tasks of 15 read-modify-writes): the defaults lose
updates silently, a deferred BEGIN fails with "database is locked" at the first write after a read. Hence BEGIN
IMMEDIATE for every transaction that may write, and write-ahead logging so that readers never wait. SQLite lets writers
that meet sleep and try again, longer each time, so writers of this process take turns before they ask it: 64 at once
are done three times as soon, the last one included.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 10_000  # that a transaction waits for another one
WRITES = "atelier_writes"  # execution option that marks an engine whose transactions may write


class StoreError(Exception):
    """The database can't be opened; the message is one line for the operator."""


class Store:
    """The open database. `reading()` and `writing()` give sessions, one transaction each."""

    def __init__(self, address: str) -> None:
        try:
            self._engine = create_async_engine(
                address,
                hide_parameters=True,  # they would carry people's sentences into the log
                pool_size=8,
                max_overflow=24,
            )
        except (ArgumentError, ModuleNotFoundError) as error:
            raise StoreError(f"DATABASE_URL can't be used: {_first_line(error)}") from error
        self._turn: AbstractAsyncContextManager[None] = nullcontext()
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
            self._turn = asyncio.Lock()
        self._readers = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writers = async_sessionmaker(self._engine.execution_options(**{WRITES: True}), expire_on_commit=False)

    @classmethod
    async def open(cls, address: str) -> Store:
        """Opens the database and brings its tables up to date. Raises StoreError."""
        store = cls(address)
        try:
            file = store.sqlite_file
            if file is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                # The driver's thread outlives a connection that could not be opened, and may speak up after the loop.
                sqlite3.connect(file).close()
            await store.migrate()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            await store.close()
            raise StoreError(f"Can't open the database {store.name}: {_first_line(error)}") from error
        return store

    @property
    def name(self) -> str:
        """The address without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @property
    def sqlite_file(self) -> Path | None:
        """The file behind a SQLite database."""
        return sqlite_file_of(self._engine.url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only looks; it sees one unchanging state and waits for nobody."""
        async with self._readers() as session, session.begin():
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session that may change rows; on SQLite the only one at its time. Commits at the end, or undoes all."""
        async with self._turn, self._writers() as session, session.begin():
            yield session

    async def migrate(self, revision: str = "head") -> None:
        """Runs the migrations up to `revision`, all in one transaction."""
        async with self._engine.execution_options(**{WRITES: True}).begin() as connection:
            await connection.run_sync(_migrate, revision)

    async def scrub(self) -> None:
        """Takes what was deleted out of SQLite's write-ahead log too, unless others are busy reading it."""
        if self._engine.dialect.name == "sqlite":
            async with self._engine.connect() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                if driver is not None:
                    await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Closes every connection."""
        await self._engine.dispose()


def sqlite_file_of(address: str | URL) -> Path | None:
    """The file of a SQLite database; None for any other one, or one in memory. Raises StoreError."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StoreError(f"DATABASE_URL can't be used: {_first_line(error)}") from error
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def _migrate(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not open transactions on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")  # first: the next line already may have to wait
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is forgotten must not stay in free pages
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
