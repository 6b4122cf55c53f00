"""Telegram or the database are away for a while, or swallow answers: the whole bot, but no painter."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from bot import inbox, launch, request
from bot.app import Bot
from bot.jobs import courier, status
from bot.jobs.queue import Job, Painted
from bot.jobs.sql_queue import SqlQueue
from bot.sandbox import Sandbox
from bot.sandbox.person import Bubble, Person
from bot.settings import Settings
from bot.store import Store, insisting, sessions
from bot.store.deliveries import open_deliveries

from .stage import jpeg

TOKEN = "4242:sandbox-token"
STATUS = ("You are next", "In the queue", "Painting")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (inbox, courier, request):
        monkeypatch.setattr(module, "PAUSES", (0.02,))
    monkeypatch.setattr(status, "TELL_AGAIN", 0.05)
    monkeypatch.setattr(courier, "PATIENCE", 0.1)
    monkeypatch.setattr(insisting, "PAUSE", 0.05)
    monkeypatch.setattr(sessions, "BUSY_MILLISECONDS", 100)


class Stage:
    """A bot in whose place the test paints, and a Bot API server that can be switched off."""

    def __init__(self, folder: Path, store: Store) -> None:
        (folder / "results").mkdir()
        self.folder = folder
        self.store = store
        self.queue = SqlQueue(store)
        self.sandbox = Sandbox(TOKEN, port=0, data=folder / "sandbox")

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """The bot, from its start to its stop."""
        settings = Settings(_env_file=None, data_dir=self.folder, device=(), progress="messages")
        async with Bot(settings, TOKEN, self.sandbox.address, self.store).running():
            yield

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """No connection to Telegram."""
        port = int(self.sandbox.address.rpartition(":")[2])
        await self.sandbox.stop()
        yield
        self.sandbox = Sandbox(TOKEN, port=port, data=self.folder / "sandbox")
        await self.sandbox.start()

    async def claimed(self) -> Job:
        """The next job, being painted."""
        async with asyncio.timeout(10):
            while (job := await self.queue.claim("w", 600)) is None:
                await asyncio.sleep(0.02)
        await self.queue.begin(job.id, "w")
        return job

    async def painted(self, job: Job) -> None:
        """The job's result is there."""
        (self.folder / "results" / f"{job.id}.jpg").write_bytes(jpeg("blue"))
        assert await self.queue.complete(job.id, "w", Painted(f"{job.id}.jpg", 64, 48, 64, 64))

    async def told(self, job: Job) -> None:
        """Waits until nothing is left to do for this job."""
        async with asyncio.timeout(10):
            while (now := await self.queue.find(job.id)) is None or now.state != "delivered" or await self._open():
                await asyncio.sleep(0.02)

    async def _open(self) -> bool:
        return bool(await self.queue.untold())


@pytest.fixture
async def stage(store: Store, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage, its bot not yet started."""
    made = Stage(tmp_path, store)
    await made.sandbox.start()
    yield made
    await made.sandbox.stop()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes to the database and does not come to an end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def results(person: Person) -> list[Bubble]:
    """The painted pictures."""
    return [seen for seen in await person.messages() if seen.from_bot and seen.text.startswith("Painted")]


async def status_messages(person: Person) -> list[Bubble]:
    """What should be gone in the end."""
    return [seen for seen in await person.messages() if seen.text.startswith(STATUS)]


async def test_results_wait_for_telegram_however_long_it_is_away(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.photo(jpeg("green"), caption="rain on the sea")
        job = await stage.claimed()
        async with stage.outage():
            await stage.painted(job)
            await asyncio.sleep(1.5)  # dozens of tries
            async with stage.store.reading() as session:
                (delivery,) = await open_deliveries(session)
            assert delivery.attempts <= 1, "what was not sent is no attempt"
        await stage.told(job)
        assert len(await results(ada)) == 1
        assert await status_messages(ada) == []


async def test_a_picture_whose_answer_was_lost_is_found_and_not_asked_about(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.photo(jpeg("green"), caption="rain on the sea")
        job = await stage.claimed()
        await ada.fault("sendPhoto", "reset_after")
        await stage.painted(job)
        await stage.told(job)
        assert len(await results(ada)) == 1
        assert not any("Is it missing" in seen.text for seen in await ada.messages())


async def test_a_sending_that_the_end_of_the_bot_interrupted_is_not_repeated_where_it_arrived(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada:
        async with stage.bot():
            await ada.photo(jpeg("green"), caption="rain on the sea")
            job = await stage.claimed()
            await ada.fault("sendPhoto", "timeout")
            await stage.painted(job)
            await ada.wait_for(lambda seen: seen.text.startswith("Painted"))
            await ada.photo(jpeg("red"))  # its question must not be taken for the result
            question = await ada.wait_for(lambda seen: "How shall I paint it?" in seen.text)
        async with stage.store.reading() as session:
            assert [each.state for each in await open_deliveries(session)] == ["sending"]
        async with stage.bot():
            await stage.told(job)
            (result,) = await results(ada)
            assert question in await ada.messages()
            await ada.tap(result, "Another style")
            await ada.wait_for(lambda seen: "The same photo again" in seen.text, after=question.id)
            assert not any("Is it missing" in seen.text for seen in await ada.messages())


async def test_a_question_taken_for_a_result_becomes_the_question_again(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada:
        async with stage.bot():
            await ada.photo(jpeg("green"), caption="rain on the sea")
            job = await stage.claimed()
            await ada.photo(jpeg("red"))
            question = await ada.wait_for(lambda seen: "How shall I paint it?" in seen.text)
        await stage.painted(job)
        with closing(sqlite3.connect(stage.folder / "atelier.db")) as base, base:  # it died before it sent anything
            base.execute("UPDATE deliveries SET state = 'sending', attempts = 1, message_id = ?", (1 - question.id,))
        async with stage.bot():
            await stage.told(job)
            assert len(await results(ada)) == 1
            again = await ada.wait_for(lambda seen: seen.id == question.id and "How shall I paint it?" in seen.text)
            assert again.labels == question.labels


async def test_a_status_message_whose_answer_was_lost_goes_too(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.fault("sendMessage", "reset_after")
        await ada.photo(jpeg("green"), caption="rain on the sea")
        job = await stage.claimed()
        await ada.wait_for(lambda seen: seen.text.startswith(STATUS))
        await stage.painted(job)
        await stage.told(job)
        assert await status_messages(ada) == []


async def test_what_could_not_be_answered_is_handled_again(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.fault("sendPhoto", "reset")
        await ada.photo(jpeg("green"))
        question = await ada.wait_for(lambda seen: "How shall I paint it?" in seen.text)
        await ada.fault("answerCallbackQuery", "429", count=3)
        await ada.tap(question, "Starry Night", wait=0.1)
        job = await stage.claimed()
        await stage.painted(job)
        await stage.told(job)
        assert len(await results(ada)) == 1


async def test_a_database_that_is_locked_for_long_loses_nothing_and_nobody_hears_of_it(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address) as ada, stage.bot():
        await ada.photo(jpeg("green"), caption="rain on the sea")
        job = await stage.claimed()
        await ada.fault("sendPhoto", "slow", seconds=0.4)
        await stage.painted(job)
        await asyncio.sleep(0.25)  # its sending has begun
        with locked(stage.folder / "atelier.db"):
            await ada.photo(jpeg("red"), caption="a quiet forest")
            await asyncio.sleep(1.0)
        other = await stage.claimed()
        await stage.painted(other)
        await stage.told(other)
        await stage.told(job)
        assert len(await results(ada)) == 2
        assert not any("went wrong" in seen.text for seen in await ada.messages())


async def test_it_can_be_stopped_while_it_waits_for_telegram(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        device=(),
        telegram_bot_token="4242424242:for-a-server-that-is-not-there",
        telegram_api_base="http://127.0.0.1:9",
    )
    life = asyncio.create_task(launch.run(settings))
    await asyncio.sleep(0.5)
    assert not life.done()
    life.cancel()
    async with asyncio.timeout(3):
        await asyncio.gather(life, return_exceptions=True)
