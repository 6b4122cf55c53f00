"""A real database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store


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
