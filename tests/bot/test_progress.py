"""What a person sees between an order and its result, with the whole bot but no painter: drafts, signs, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.jobs import courier, signs, status
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.orders import Media, Order, Style
from bot.sandbox import Sandbox
from bot.sandbox.person import Bubble, Person
from bot.store import Store

from .stage import TOKEN, Stage, jpeg

PROGRESS = ("You are next", "In the queue", "Painting")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(status, "EDIT_EVERY", 0.1)
    monkeypatch.setattr(courier, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(signs, "DRAFT_EVERY", 0.1)


@dataclass
class Scene(Stage):
    """The stage, and Ada on it."""

    ada: Person

    async def brings(self) -> Bubble:
        """The next result, painted and sent."""
        return await self.result(await self.claimed())

    async def result(self, job: Job) -> Bubble:
        """The result of a job that is being painted."""
        before = max(bubble.id for bubble in await self.ada.messages())
        assert await self.painted(job)
        return await self.ada.wait_for(lambda bubble: bubble.text.startswith("Painted"), after=before)

    async def asked(self, method: str) -> list[bool]:
        """The calls of this method so far: whether each was taken."""
        return [bool(entry["ok"]) for entry in await self.ada.transcript() if entry["what"] == method]

    async def marked(self, photo: Bubble, *reactions: str) -> None:
        """Waits until the photo's message bears these reactions."""
        await self.ada.wait_for(lambda bubble: bubble.id == photo.id and bubble.reactions == reactions)

    async def progress(self) -> list[str]:
        """The messages that tell of progress."""
        return [bubble.text for bubble in await self.ada.messages() if bubble.text.startswith(PROGRESS)]

    async def refusal(self, words: str, after: Bubble) -> Bubble:
        """The answer that holds these words, and a button to try again."""
        answer = await self.ada.wait_for(lambda bubble: words in bubble.text, after=after.id)
        assert answer.labels == ["Try again"]
        return answer

    async def gone(self, message: Bubble) -> None:
        """Waits until the message was deleted."""
        await self.ada.wait_until(lambda all_: message.id not in [bubble.id for bubble in all_])


@pytest.fixture
async def stage(store: Store, tmp_path: Path) -> AsyncIterator[Scene]:
    """The stage, its bot not yet started."""
    (tmp_path / "results").mkdir()
    sandbox = Sandbox(TOKEN, port=0)
    await sandbox.start()
    async with Person.at(sandbox.address, name="Ada") as ada:
        yield Scene(sandbox, store, SqlQueue(store), tmp_path, ada)
    await sandbox.stop()


async def test_progress_is_a_draft_and_the_photo_is_marked_until_the_result_is_there(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot():
        first = await ada.photo(jpeg("green"), caption="rain on the sea")
        await ada.wait_for_draft("You are next…")
        await stage.marked(first, "👀")
        second = await ada.photo(jpeg("gold"), caption="sand dunes")
        waits = await ada.wait_for_draft("In the queue: place 2")
        job = await stage.claimed()
        await stage.queue.beat(job.id, "w", 0.4, 600)
        painting = await ada.wait_for_draft("Painting  ▓▓▓▓░░░░░░  40 %")
        assert painting.id == job.id != waits.id
        assert (await ada.wait_for_draft("You are next…")).id == waits.id
        result = await stage.result(job)
        assert result.reply_to == first.id
        await stage.marked(first)
        await stage.marked(second, "👀")
        again = await ada.wait_for_draft("You are next…", timeout=4)
        assert again.id == waits.id, "the result took it away, so it comes again"
        assert (await stage.brings()).reply_to == second.id
        await stage.marked(second)
        await asyncio.sleep(0.3)  # some looks of the board
        assert await ada.drafts() == []
    assert await stage.progress() == []
    assert await stage.asked("deleteMessage") == []
    assert await stage.queue.untold() == []


async def test_a_draft_is_shown_again_before_it_goes_and_after_a_restart(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "REFRESH", 0.4)
    ada = stage.ada
    async with stage.bot():
        await ada.photo(jpeg("green"), caption="rain on the sea")
        first = await ada.wait_for_draft("You are next…")
        async with asyncio.timeout(5):
            while (await ada.wait_for_draft("You are next…")).at == first.at:
                await asyncio.sleep(0.1)
    before = await ada.wait_for_draft("You are next…")
    async with stage.bot():
        async with asyncio.timeout(5):
            while (await ada.wait_for_draft("You are next…")).at == before.at:
                await asyncio.sleep(0.1)
        job = await stage.claimed()
        await ada.wait_for_draft("Painting")
        await stage.queue.fail(job.id, "memory")
        await ada.wait_for(lambda bubble: "too large for my memory" in bubble.text)
        await asyncio.sleep(0.3)
        assert await ada.drafts() == []
        assert await stage.queue.untold() == []


async def test_what_is_late_does_not_stay_under_the_result(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot():
        await ada.fault("setMessageReaction", "slow", seconds=2.5)
        photo = await ada.photo(jpeg("green"), caption="rain on the sea")
        await ada.wait_for_draft("You are next…")
        job = await stage.claimed()
        await ada.wait_for_draft("Painting")
        await ada.fault("sendMessageDraft", "slow", seconds=0.5)
        await stage.queue.beat(job.id, "w", 0.4, 600)
        await asyncio.sleep(0.2)  # the draft with it is on its way
        await stage.result(job)
        assert await ada.drafts() == []
        async with asyncio.timeout(5):
            while len(await stage.asked("setMessageReaction")) < 3:  # away, the late mark, away
                await asyncio.sleep(0.05)
        await stage.marked(photo)
        assert await ada.drafts() == []


async def test_cancel_leaves_no_draft(stage: Scene) -> None:
    async with stage.bot():
        photo = await stage.ada.photo(jpeg("green"), caption="rain on the sea")
        await stage.ada.wait_for_draft("You are next…")
        await stage.ada.text("/cancel")
        await stage.ada.wait_for(lambda bubble: bubble.text.startswith("Stopped"))
        await stage.marked(photo)
        assert await stage.ada.drafts() == []


@pytest.mark.parametrize("kind", ["400", "404"])
async def test_what_the_server_refuses_is_asked_once_and_messages_tell_instead(stage: Scene, kind: str) -> None:
    ada = stage.ada
    for method in ("sendMessageDraft", "setMessageReaction", "sendChatAction"):
        await ada.fault(method, kind, count=100)
    async with stage.bot():
        for words in ("rain on the sea", "sand dunes"):
            await ada.photo(jpeg("green"), caption=words)
            status = await ada.wait_for(lambda bubble: bubble.text.startswith("You are next"))
            job = await stage.claimed()
            await stage.queue.beat(job.id, "w", 0.4, 600)
            await ada.wait_for(lambda bubble, status=status: bubble.id == status.id and "40 %" in bubble.text)
            await stage.result(job)
            await stage.gone(status)
        for method in ("sendMessageDraft", "setMessageReaction", "sendChatAction"):
            assert await stage.asked(method) == [False], method


async def test_messages_where_the_operator_wants_them_and_in_finest_quality(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot(progress="messages"):
        await ada.photo(jpeg("green"), caption="rain on the sea")
        status = await ada.wait_for(lambda bubble: bubble.text == "You are next…")
        result = await stage.brings()
        await stage.gone(status)
    async with stage.bot():
        await ada.tap(result, "Finest quality")
        await ada.wait_for(lambda bubble: bubble.labels == ["Stop"] and "Finest quality takes" in bubble.text)
    assert await stage.asked("sendMessageDraft") == []


async def test_it_says_that_it_sends_a_photo_for_as_long_as_it_paints(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "ACT_EVERY", 0.3)
    async with stage.bot():
        await stage.ada.photo(jpeg("green"), caption="rain on the sea")
        await stage.ada.wait_for_draft("You are next…")
        assert await stage.asked("sendChatAction") == []
        job = await stage.claimed()
        async with asyncio.timeout(8):
            while len(await stage.asked("sendChatAction")) < 3:
                await asyncio.sleep(0.1)
        await stage.queue.cancel_job(job.id)
        await asyncio.sleep(0.3)
        before = len(await stage.asked("sendChatAction"))
        await asyncio.sleep(0.6)
        assert len(await stage.asked("sendChatAction")) == before


async def test_the_queue_says_how_long_it_takes_once_that_was_measured(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot() as bot:
        for words in ("rain on the sea", "sand dunes"):
            await ada.photo(jpeg("green"), caption=words)
        assert (await ada.wait_for_draft("place 2")).text == "In the queue: place 2"
        bot.forecast.painted("runner-cpu", 64, 48, 7.0)
        await ada.wait_for_draft("In the queue: place 2, about 15 seconds")
        await ada.wait_for_draft("You are next: about 10 seconds")


async def test_too_many_of_one_person(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot(queue_per_user=1):
        await ada.photo(jpeg("green"), caption="rain on the sea")
        await ada.wait_for_draft("You are next…")
        photo = await ada.photo(jpeg("gold"))
        await ada.wait_for(lambda bubble: "How shall I paint it?" in bubble.text, after=photo.id)
        words = await ada.text("sand dunes")
        refusal = await stage.refusal("One picture of yours is still waiting", words)
        assert (await ada.tap(refusal, "Try again")).text == "Not yet, I’m afraid."
    await stage.queue.cancel(ada.chat_id, ada.chat_id)
    async with stage.bot(queue_per_user=1):
        assert (await ada.tap(refusal, "Try again")).answered
        await stage.gone(refusal)
        await ada.wait_for_draft("You are next…")
        result = await stage.brings()
        assert (result.reply_to, "sand dunes" in result.text) == (photo.id, True)
        later = await ada.text("snow on slate")  # the photo of before no longer waits for words
        await ada.wait_for(lambda bubble: "Now send me the photo" in bubble.text, after=later.id)


async def test_what_was_refused_still_waits_for_other_wishes(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot(queue_per_user=1):
        photo = await ada.photo(jpeg("green"))
        grid = await ada.wait_for(lambda bubble: "How shall I paint it?" in bubble.text, after=photo.id)
        earlier = Order(ada.chat_id, ada.chat_id, Media("f", "another"), Style.sentence("rain"))
        await stage.queue.enqueue(earlier, "earlier")
        await stage.refusal("still waiting", await ada.text("sand dunes"))
        await stage.queue.cancel(ada.chat_id, ada.chat_id)
        assert (await ada.tap(grid, grid.labels[0])).answered, "the list of paintings still holds"
        result = await stage.brings()
        assert (result.reply_to, result.text.startswith("Painted like")) == (photo.id, True)


async def test_enough_for_one_day(stage: Scene) -> None:
    ada = stage.ada
    async with stage.bot(daily_quota=1):
        await ada.photo(jpeg("green"), caption="rain on the sea")
        await ada.wait_for_draft("You are next…")
        result = await stage.brings()
        await ada.tap(result, "Softer")
        refusal = await stage.refusal("one picture for each person in 24 hours", result)
        assert refusal.text.endswith("it can be painted in about 24 hours.")
    async with stage.bot(daily_quota=2):
        assert (await ada.tap(refusal, "Try again")).answered
        assert "strength 80 %" in (await stage.brings()).text


async def test_more_than_all_may_want(stage: Scene) -> None:
    async with Person.at(stage.sandbox.address, name="Bob") as bob, stage.bot(queue_total=1) as bot:
        await bob.photo(jpeg("green"), caption="rain on the sea")
        await bob.wait_for_draft("You are next…")
        refusal = await stage.refusal("in a few minutes", await stage.ada.photo(jpeg("gold"), caption="sand dunes"))
        bot.forecast.painted("runner-cpu", 64, 48, 100.0)
        await stage.ada.tap(refusal, "Try again")
        told = await stage.ada.wait_for(lambda bubble: "all of it takes about 2 minutes" in bubble.text)
        assert (told.id, told.labels) == (refusal.id, ["Try again"])
        await stage.queue.cancel(bob.chat_id, bob.chat_id)
        await stage.ada.tap(refusal, "Try again")
        await stage.gone(refusal)
        assert "sand dunes" in (await stage.brings()).text
