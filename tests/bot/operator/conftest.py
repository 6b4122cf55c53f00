"""The whole bot with an operator, in whose place nobody paints but the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import Bot
from bot.jobs.sql_queue import SqlQueue
from bot.sandbox import Sandbox
from bot.sandbox.person import Bubble, Person
from bot.store import Store

from ..stage import TOKEN, jpeg
from ..stage import Stage as Base


@dataclass
class Stage(Base):
    """A stage whose bot has `boss` for an operator."""

    boss: Person

    @asynccontextmanager
    async def bot(self, **settings: object) -> AsyncIterator[Bot]:
        """The bot, from its start to its stop."""
        usual = {"operators": frozenset({self.boss.chat_id}), "queue_per_user": 2, "progress": "messages"}
        async with super().bot(**usual | settings) as bot:
            yield bot

    async def panel(self) -> Bubble:
        """A fresh panel."""
        sent = await self.boss.text("/admin")
        return await self.boss.wait_for(lambda bubble: bubble.from_bot and "Overview" in bubble.text, after=sent.id)

    async def tap(self, panel: Bubble, label: str, words: str) -> Bubble:
        """Taps a button of the panel, which shows these words then."""
        assert (await self.boss.tap(panel, label)).answered
        return await self.boss.wait_for(lambda bubble: bubble.id == panel.id and words in bubble.text)

    async def order(self, person: Person, colour: str, wish: str, words: str = "You are next") -> Bubble:
        """Somebody orders a picture and is answered with these words."""
        sent = await person.photo(jpeg(colour), caption=wish)
        return await person.wait_for(lambda bubble: bubble.from_bot and words in bubble.text, after=sent.id)

    async def says(self, text: str, words: str) -> Bubble:
        """The operator writes, and the bot's answer holds these words."""
        sent = await self.boss.text(text)
        return await self.boss.wait_for(lambda bubble: bubble.from_bot and words in bubble.text, after=sent.id)


@pytest.fixture
async def stage(store: Store, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage, its bot not yet started."""
    (tmp_path / "results").mkdir()
    sandbox = Sandbox(TOKEN, port=0)
    await sandbox.start()
    async with Person.at(sandbox.address, name="Boss") as boss:
        yield Stage(sandbox, store, SqlQueue(store), tmp_path, boss)
    await sandbox.stop()
