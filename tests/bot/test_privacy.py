"""/privacy and /delete_me in the chat, with the whole bot but no painter."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from bot.app import Bot
from bot.jobs.inputs import file_of
from bot.jobs.queue import Job, Painted
from bot.jobs.sql_queue import SqlQueue
from bot.sandbox import Sandbox
from bot.sandbox.person import Bubble, Person
from bot.settings import Settings
from bot.store import Store
from bot.store.deliveries import open_deliveries
from bot.store.models import Base, ConversationRow, User
from bot.taps import Act, Tap

TOKEN = "4242:sandbox-token"


def jpeg(colour: str) -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


@dataclass
class Stage:
    """A bot in whose place the test paints."""

    sandbox: Sandbox
    store: Store
    queue: SqlQueue
    folder: Path

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """The bot, from its start to its stop."""
        settings = Settings(_env_file=None, data_dir=self.folder, retention_hours=36, device=())
        async with Bot(settings, TOKEN, self.sandbox.address, self.store).running():
            yield

    async def claimed(self) -> Job:
        """The next job, being painted, its photo on the disk."""
        async with asyncio.timeout(10):
            while (job := await self.queue.claim("w", 600)) is None:
                await asyncio.sleep(0.02)
        await self.queue.begin(job.id, "w")
        self.input(job).write_bytes(jpeg("red"))
        return job

    async def painted(self, job: Job) -> bool:
        """Whether the queue takes the result."""
        (self.folder / "results" / f"{job.id}.jpg").write_bytes(jpeg("blue"))
        return await self.queue.complete(job.id, "w", Painted(f"{job.id}.jpg", 64, 48, 64, 64))

    def input(self, job: Job) -> Path:
        """Where the photo of this job lies."""
        return file_of(self.folder / "inputs", job.order.content.unique_id)

    def files(self) -> list[str]:
        """All pictures on the disk."""
        return [file.name for name in ("inputs", "results") for file in (self.folder / name).iterdir()]

    async def sends(self, job: Job) -> None:
        """Waits until the result of this job is on its way."""
        async with asyncio.timeout(10):
            while True:
                async with self.store.reading() as session:
                    sendings = await open_deliveries(session)
                if [each.job_id for each in sendings if each.state == "sending"] == [job.id]:
                    return
                await asyncio.sleep(0.02)

    async def people(self) -> set[int]:
        """Everybody of whom the database knows anything."""
        async with self.store.reading() as session:
            tables = [table for table in Base.metadata.sorted_tables if "user_id" in table.c]
            found = {one for table in tables for one in await session.scalars(select(table.c.user_id))}
            found |= set(await session.scalars(select(User.id)))
            return found | {json.loads(key)[1] for key in await session.scalars(select(ConversationRow.key))}


@pytest.fixture
async def stage(store: Store, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage, its bot not yet started."""
    (tmp_path / "results").mkdir()
    sandbox = Sandbox(TOKEN, port=0)
    await sandbox.start()
    yield Stage(sandbox, store, SqlQueue(store), tmp_path)
    await sandbox.stop()


async def said(person: Person, after: Bubble, words: str) -> Bubble:
    """The bot's message after this one that holds these words."""
    return await person.wait_for(lambda bubble: bubble.from_bot and words in bubble.text, after=after.id)


async def test_everything_goes_while_one_picture_is_sent_and_another_painted(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address, name="Ada") as ada, Person.at(address, name="Bob") as bob, stage.bot():
        await ada.photo(jpeg("green"), caption="rain on the sea")
        assert await stage.painted(await stage.claimed())
        result = await ada.wait_for(lambda bubble: bubble.text.startswith("Painted after"))
        await bob.photo(jpeg("yellow"), caption="a quiet forest")
        bobs = await stage.claimed()

        await ada.photo(jpeg("gold"), caption="sand dunes")
        painting = await stage.claimed()
        await ada.photo(jpeg("white"), caption="snow on slate")
        sending = await stage.claimed()
        await ada.photo(jpeg("black"))
        question = await said(ada, await ada.text("/delete_me"), "Shall I delete everything")
        assert question.labels == ["Yes, delete all", "Keep"]
        await ada.fault("sendPhoto", "slow", seconds=0.6)
        assert await stage.painted(sending)
        await stage.sends(sending)
        assert (await ada.tap(question, "Yes, delete all")).answered
        done = await ada.wait_for(lambda bubble: bubble.id == question.id and "Done." in bubble.text)
        assert done.labels == []
        before = await ada.messages()
        assert any("snow" in bubble.text for bubble in before if bubble.from_bot), "it was on its way"
        assert not any("next" in bubble.text or "Painting" in bubble.text for bubble in before)
        assert await ada.drafts() == []
        assert not any(bubble.reactions for bubble in before)
        assert stage.files() == [stage.input(bobs).name]
        assert await stage.people() == {bob.chat_id}
        assert not await stage.queue.beat(painting.id, "w", 0.5, 600)
        assert not await stage.painted(painting)

        assert "something earlier" in (await ada.tap(result, "Softer")).text
        yes = Tap(Act.DELETE_ALL, ada.chat_id).encode()
        assert (await ada.tap(question, data=yes, stale=True)).answered
        assert (
            "not yours" in (await bob.tap(await said(bob, await bob.text("/help"), "What"), data=yes, stale=True)).text
        )
        await asyncio.sleep(0.5)
        assert [bubble.text for bubble in await ada.messages()] == [bubble.text for bubble in before]
        assert await stage.queue.beat(bobs.id, "w", 0.5, 600)


async def test_it_asks_first_and_the_answer_works_after_a_restart(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada:
        async with stage.bot():
            privacy = await said(ada, await ada.text("/privacy"), "What I keep about you")
            assert "for 36 hours" in privacy.text
            assert "/delete_me" in privacy.text
            await said(ada, await ada.text("/export"), "nothing written down")
            await said(ada, await ada.photo(jpeg("green")), "How shall I paint it?")
            export = await said(ada, await ada.text("/export"), "All that I have written down")
            assert export.media is not None
            assert re.fullmatch(r"my-data-in-atelier-\d{4}-\d\d-\d\d\.json", export.media.name)
            assert json.loads(await ada.download(export))["chosen"][0]["chat_id"] == ada.chat_id
            kept = await said(ada, await ada.text("/delete_me"), "Shall I delete everything")
            assert (await ada.tap(kept, "Keep")).answered
            kept = await ada.wait_for(lambda bubble: bubble.id == kept.id and "stays as it is" in bubble.text)
            assert kept.labels == []
            assert await stage.people() == {ada.chat_id}
            question = await said(ada, await ada.text("/delete_me"), "Shall I delete everything")
        async with stage.bot():
            assert (await ada.tap(question, "Yes, delete all")).answered
            await ada.wait_for(lambda bubble: bubble.id == question.id and "Done." in bubble.text)
            assert await stage.people() == set()
            words = await ada.text("a stormy sea")
            await said(ada, words, "Now send me the photo")  # the photo of before no longer waits for them
