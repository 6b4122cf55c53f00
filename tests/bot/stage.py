"""The whole bot at a sandbox, in this process, without a painter: the test paints in its place."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

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

TOKEN = "4242:sandbox-token"


def jpeg(colour: str, side: int = 64) -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), colour).save(file, "JPEG")
    return file.getvalue()


@dataclass
class Stage:
    """A bot in whose place the test paints."""

    sandbox: Sandbox
    store: Store
    queue: SqlQueue
    folder: Path

    @asynccontextmanager
    async def bot(self, **settings: object) -> AsyncIterator[Bot]:
        """The bot, from its start to its stop."""
        chosen = Settings(_env_file=None, data_dir=self.folder, retention_hours=36, device=(), **settings)
        bot = Bot(chosen, TOKEN, self.sandbox.address, self.store)
        async with bot.running():
            yield bot

    async def claimed(self) -> Job:
        """The next job, being painted, its photo on the disk; in a group once it has its status message."""
        async with asyncio.timeout(10):
            while (job := await self.queue.claim("w", 600)) is None or (
                job.status_message_id is None and job.order.chat_id != job.order.user_id
            ):
                if job is not None:
                    await self.queue.give_back(job.id, "w", counts=False)
                await asyncio.sleep(0.02)
        await self.queue.begin(job.id, "w")
        self.input(job).write_bytes(jpeg("red"))
        return job

    async def paints(self, count: int = 1, patience: float = 10) -> list[Job]:
        """Paints the next jobs as soon as they are there; gives them as they were ordered."""
        jobs: list[Job] = []
        async with asyncio.timeout(patience):
            while len(jobs) < count:
                job = await self.queue.claim("w", 600)
                if job is None:
                    await asyncio.sleep(0.02)
                    continue
                await self.queue.begin(job.id, "w")
                await self.painted(job)
                jobs.append(job)
        return jobs

    async def paints_all(self) -> None:
        """Paints whatever is ordered, until it is cancelled."""
        while True:
            await self.paints(1, patience=3600)

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


async def said(person: Person, after: Bubble, words: str) -> Bubble:
    """The bot's message after this one that holds these words."""
    return await person.wait_for(lambda bubble: bubble.from_bot and words in bubble.text, after=after.id)


async def results(person: Person, number: int) -> list[Bubble]:
    """The painted pictures, once there are so many."""

    def painted(bubbles: list[Bubble]) -> list[Bubble]:
        return [one for one in bubbles if one.from_bot and one.media is not None and one.reply_to is not None]

    return painted(await person.wait_until(lambda bubbles: len(painted(bubbles)) >= number))
