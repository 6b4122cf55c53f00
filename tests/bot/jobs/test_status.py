"""The status message, at a real Bot API server."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image
from telegram.ext import ExtBot

from bot.catalogue import Catalogue
from bot.flood import ChatLimiter
from bot.jobs import status
from bot.jobs.bounds import Bounds
from bot.jobs.forecast import Forecast
from bot.jobs.previews import Previews
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.status import StatusBoard
from bot.jobs.tracing import Tracer
from bot.metrics import Metrics
from bot.orders import Media, Order, Style
from bot.sandbox import Sandbox
from bot.sandbox.person import Bubble, Person
from bot.sightings import Sightings
from bot.store import Store
from bot.wording import Voices

TOKEN = "4242:sandbox-token"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(status, "EDIT_EVERY", 0.1)


@dataclass
class Stage:
    """A job in finest quality that is being painted, its status message sent, and who looks at it."""

    queue: SqlQueue
    bot: ExtBot[None]
    ada: Person
    job_id: int
    message_id: int
    folder: Path
    previews: Previews

    @asynccontextmanager
    async def board(self, held: Callable[[], bool] = lambda: False) -> AsyncIterator[None]:
        """A bot's board, from its start to its stop. held: whether nothing can be painted."""
        self.previews = Previews()
        voices, tracer = Voices(Catalogue([])), Tracer(self.bot, Sightings())
        forecast = Forecast(Bounds(max_side=2048, photo_side=1280, job_seconds=300))
        signs = Signs(self.bot, self.queue, with_drafts=True)
        board = StatusBoard(self.bot, self.queue, voices, forecast, self.previews, signs, tracer, held)
        board.start()
        yield
        await board.stop()

    async def progress(self, share: float) -> None:
        """So much is painted."""
        assert await self.queue.beat(self.job_id, "w", share, 30)

    def preview(self, side: int) -> None:
        """There is a preview so many px wide."""
        file = io.BytesIO()
        Image.new("RGB", (side, side), "teal").save(file, "JPEG")
        path = self.folder / "preview.jpg"
        path.write_bytes(file.getvalue())
        self.previews.put(self.job_id, path)

    async def shows(self, predicate: Callable[[Bubble], bool]) -> Bubble:
        """The status message once it looks so."""
        return await self.ada.wait_for(lambda bubble: bubble.id == self.message_id and predicate(bubble))

    async def edits(self) -> list[str]:
        """The methods of the edits so far."""
        return [str(entry["what"]) for entry in await self.ada.transcript() if "edit" in str(entry["what"]).lower()]


@pytest.fixture
async def stage(store: Store, tmp_path: Path) -> AsyncIterator[Stage]:
    """The job."""
    sandbox = Sandbox(TOKEN, port=0)
    await sandbox.start()
    bot: ExtBot[None] = ExtBot(TOKEN, base_url=f"{sandbox.address}/bot", rate_limiter=ChatLimiter(Metrics()))
    async with Person.at(sandbox.address) as ada, bot:
        await ada.start()
        queue = SqlQueue(store)
        order = Order(ada.chat_id, ada.chat_id, Media("f", "u"), Style.sentence("rain"))
        enqueued = await queue.enqueue(replace(order, finest=True), "a")
        message = await bot.send_message(ada.chat_id, "You are next…")
        await queue.attach_status(enqueued.job_id, message.message_id)
        await queue.claim("w", 30)
        await queue.begin(enqueued.job_id, "w")
        yield Stage(queue, bot, ada, enqueued.job_id, message.message_id, tmp_path, Previews())
    await sandbox.stop()


async def test_it_turns_into_a_photo_with_the_progress_under_it_and_goes_in_the_end(stage: Stage) -> None:
    async with stage.board():
        await stage.progress(0.1)
        text = await stage.shows(lambda bubble: "10 %" in bubble.text)
        assert (text.kind, text.labels) == ("text", ["Stop"])
        stage.preview(100)
        photo = await stage.shows(lambda bubble: bubble.kind == "photo")
        assert ("10 %" in photo.text, photo.labels) == (True, ["Stop"])
        await stage.progress(0.5)
        later = await stage.shows(lambda bubble: "50 %" in bubble.text)
        assert later.media == photo.media
        assert later.labels == ["Stop"], "Telegram takes a keyboard away that is not sent again"
        stage.preview(200)
        await stage.shows(lambda bubble: bubble.media is not None and bubble.media.width == 200)
        await stage.queue.cancel_job(stage.job_id)
        await stage.ada.wait_until(lambda all_: stage.message_id not in [bubble.id for bubble in all_])


async def test_after_a_restart_it_finds_out_that_the_message_is_a_photo(stage: Stage) -> None:
    async with stage.board():
        stage.preview(100)
        await stage.shows(lambda bubble: bubble.kind == "photo")
    async with stage.board():
        for share in (0.6, 0.7):
            await stage.progress(share)
            shown = await stage.shows(lambda bubble, share=share: f"{share:.0%}".replace("%", " %") in bubble.text)
            assert (shown.kind, shown.labels) == ("photo", ["Stop"])
    assert (await stage.edits()).count("editMessageText") == 1, "it asks once"


async def test_previews_that_come_too_fast_are_left_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "EDIT_EVERY", 0.5)
    async with stage.board():
        for side in range(50, 60):
            stage.preview(side)
            await asyncio.sleep(0.03)
        await stage.shows(lambda bubble: bubble.media is not None and bubble.media.width == 59)
    assert 1 <= (await stage.edits()).count("editMessageMedia") <= 3


async def test_a_chat_that_is_told_to_slow_down_gets_the_next_preview(stage: Stage) -> None:
    await stage.ada.fault("editMessageMedia", "429", retry_after=1)
    async with stage.board():
        stage.preview(100)
        await asyncio.sleep(0.3)
        stage.preview(200)
        await asyncio.sleep(1.0)
        stage.preview(300)
        await stage.shows(lambda bubble: bubble.media is not None and bubble.media.width == 300)


async def test_while_nothing_can_be_painted_it_says_so(stage: Stage) -> None:
    well: list[bool] = []
    await stage.queue.recover(everything=True)
    async with stage.board(held=lambda: not well):
        await stage.shows(lambda bubble: "can’t paint just now" in bubble.text)
        well.append(True)
        await stage.shows(lambda bubble: "You are next" in bubble.text)


async def test_a_chat_that_has_to_wait_holds_up_no_other(stage: Stage) -> None:
    await stage.ada.fault("deleteMessage", "429", retry_after=3)
    order = Order(stage.ada.chat_id, stage.ada.chat_id, Media("g", "v"), Style.sentence("snow"))
    async with Person.at(str(stage.bot.base_url).partition("/bot")[0]) as bob:
        await bob.start()
        other = await stage.queue.enqueue(replace(order, chat_id=bob.chat_id, user_id=bob.chat_id), "b")
        message = await stage.bot.send_message(bob.chat_id, "You are next…")
        await stage.queue.attach_status(other.job_id, message.message_id)
        async with stage.board():
            await stage.queue.fail(stage.job_id, "too-slow")
            await asyncio.sleep(0.3)
            await stage.queue.fail(other.job_id, "too-slow")
            await bob.wait_for(lambda bubble: "took too long" in bubble.text, timeout=1.5)


async def test_a_status_message_whose_number_nobody_knows_is_found_and_goes(stage: Stage) -> None:
    await stage.queue.expect_status(stage.job_id, stage.message_id - 1)
    await stage.ada.text("something of my own")
    async with stage.board():
        await stage.queue.fail(stage.job_id, "too-slow")
        await stage.ada.wait_until(lambda all_: stage.message_id not in [bubble.id for bubble in all_])
        await stage.ada.wait_for(lambda bubble: "took too long" in bubble.text)
    assert "something of my own" in [bubble.text for bubble in await stage.ada.messages()]
