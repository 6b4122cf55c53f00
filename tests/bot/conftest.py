"""A real database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.sql_queue import SqlQueue
from bot.sandbox import Sandbox
from bot.store import Store

from .stage import TOKEN, Stage


@pytest.fixture
def address(tmp_path: Path) -> str:
    """The address of a database file."""
    return f"sqlite+aiosqlite:///{tmp_path / 'atelier.db'}"


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    """An open, empty database."""
    opened = await Store.open(address)
    yield opened
    await opened.close()


@pytest.fixture
async def stage(store: Store, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage, its bot not yet started."""
    (tmp_path / "results").mkdir()
    sandbox = Sandbox(TOKEN, port=0)
    await sandbox.start()
    yield Stage(sandbox, store, SqlQueue(store), tmp_path)
    await sandbox.stop()
