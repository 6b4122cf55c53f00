"""The bot in groups: who is answered there and how, and where results go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.jobs.queue import Job
from bot.orders import Media, Order, Style
from bot.sandbox.person import Bubble, Person
from bot.store.deliveries import open_deliveries
from bot.store.drafts import newest_draft
from bot.store.models import User

from .stage import Stage, jpeg, said

BOT = "@atelier_sandbox_bot"
FIRST = "How shall I paint it?"


@asynccontextmanager
async def group(stage: Stage, forum: bool = False) -> AsyncIterator[tuple[Person, Person]]:
    """Ada and Bob in a group to which the bot has come and in which it has said so."""
    async with Person.in_group(stage.sandbox.address, "Ada", "Bob", forum=forum) as (ada, bob), stage.bot():
        await ada.wait_for(lambda bubble: bubble.text.startswith("Hi!"))
        yield ada, bob


async def answer(person: Person, to: Bubble) -> Bubble:
    """The bot's reply to this message."""
    return await person.wait_for(lambda bubble: bubble.from_bot and bubble.reply_to == to.id, after=to.id)


async def jobs_under_way(stage: Stage) -> list[Job]:
    """What waits to be painted or is."""
    return [each.job for each in await stage.queue.waiting()]


async def asked(stage: Stage) -> Job:
    """The one job, as soon as there is one; it is cancelled, to make room for the next."""
    async with asyncio.timeout(10):
        while not (jobs := await jobs_under_way(stage)) or jobs[0].status_message_id is None:
            await asyncio.sleep(0.02)
    [job] = jobs
    assert await stage.queue.cancel_job(job.id)
    return job


async def bots(person: Person) -> list[str]:
    """All that the bot has said in the chat."""
    return [bubble.text for bubble in await person.messages() if bubble.from_bot]


async def test_words_in_reply_to_a_photo_and_buttons_of_the_requester(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"))
        await bob.text("/style a stormy sea at night", photo)
        job = await stage.claimed()
        status = await answer(bob, photo)
        assert (job.order.chat_id, job.order.user_id, job.order.reply_to) == (bob.chat_id, bob.id, photo.id)
        assert "next" in status.text
        assert await stage.painted(job)
        result = await said(bob, photo, "Painted after")
        assert result.reply_to == photo.id
        await bob.wait_until(lambda bubbles: all(bubble.id != status.id for bubble in bubbles))

        assert "not yours" in (await ada.tap(result, "Softer")).text
        assert await jobs_under_way(stage) == []
        assert (await bob.tap(result, "Finest quality")).answered
        finest = await stage.claimed()
        stop = await bob.wait_for(lambda bubble: bubble.labels == ["Stop"])
        assert "not yours" in (await ada.tap(stop, "Stop")).text
        assert await stage.queue.beat(finest.id, "w", 0.1, 600)
        assert (await bob.tap(stop, "Stop")).text == "Stopped."

        await ada.text("/style a quiet forest", result)  # a result is a picture like any other
        anew = await asked(stage)
        assert anew.order.user_id == ada.id
        assert anew.order.reply_to == result.id
        assert anew.order.content.unique_id not in ("", job.order.content.unique_id)


async def test_every_way_to_ask(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo, file = await ada.photo(jpeg("green")), await ada.document(jpeg("blue"), "beach.jpg")
        album = await ada.album([jpeg("red"), jpeg("gold")])
        for caption in ("/style rain on slate", f"{BOT} rain on slate"):
            own = await bob.photo(jpeg("white"), caption=caption)
            job = await asked(stage)
            assert (job.order.reply_to, job.order.style.text) == (own.id, "rain on slate")
        for target, text in (
            (photo, f"/style{BOT} sand dunes"),
            (file, "/style sand dunes"),
            (album[1], "/STYLE  sand dunes"),
            (photo, f"{BOT}: sand dunes"),
        ):
            await bob.text(text, target)
            job = await asked(stage)
            assert (job.order.user_id, job.order.reply_to, job.order.style.text) == (bob.id, target.id, "sand dunes")
            assert job.order.as_file == (target is file)


async def test_it_is_silent_where_it_is_not_meant(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"), caption="look at this")
        await bob.text("/style", photo)
        question = await answer(bob, photo)
        before = await bots(ada)
        await bob.text("what a picture", photo)
        await bob.text(f"I asked {BOT} for it", photo)
        await bob.text("/style@OtherBot a stormy sea", photo)
        await bob.text("/style@OtherBot a stormy sea", question)
        await bob.text("/weather", photo)
        await bob.file("sticker", None, reply_to=question)
        await bob.album([jpeg("red"), jpeg("gold")])
        await bob.voice()
        await ada.text("in oil, please", question)  # not hers to answer
        words = await bob.text(f"hello {BOT}")
        await bob.edit(words, f"{BOT} a stormy sea")
        last = await bob.text("/style")
        explained = await answer(bob, last)
        assert explained.text.startswith("Reply to a photo")
        assert await bots(ada) == [*before, explained.text]
        assert await jobs_under_way(stage) == []


async def test_the_grid_is_its_requesters(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"))
        await bob.text(f"{BOT}", photo)
        question = await answer(bob, photo)
        assert question.text == f"{FIRST} Reply to this with a few words, or tap a painting:"
        assert "not yours" in (await ada.tap(question, "›")).text
        assert (await bob.tap(question, "›")).answered
        question = await bob.wait_for(lambda bubble: bubble.id == question.id and "2 / 3" in bubble.labels)
        assert (await bob.tap(question, question.labels[0])).answered
        preset = await asked(stage)
        assert (preset.order.style.kind, preset.order.reply_to) == ("preset", photo.id)

        await ada.text("/style", await ada.photo(jpeg("red")))  # a later question takes nothing from the first
        await bob.text("a stormy sea", question)
        words = await asked(stage)
        assert (words.order.user_id, words.order.reply_to, words.order.style.text) == (bob.id, photo.id, "a stormy sea")
        await ada.text("/style a quiet forest", question)  # the photo of the question, not the sheet of paintings
        assert (await asked(stage)).order.content == words.order.content

        nonsense = await bob.text("🔥", question)
        assert "a few words" in (await answer(bob, nonsense)).text
        assert await jobs_under_way(stage) == []


async def test_what_needs_the_private_chat_is_not_offered(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"))
        await bob.text("/style a stormy sea", photo)
        assert await stage.painted(await stage.claimed())
        result = await said(bob, photo, "Painted after")
        assert "Save style" in result.labels
        assert "Keep style" not in result.labels  # groups keep no style for photos to come
        assert "Saved" in (await bob.tap(result, "Save style")).text
        assert (await bob.tap(result, "Another style")).answered
        question = await said(bob, result, FIRST)
        assert question.reply_to == photo.id
        assert (await bob.tap(question, "Mix styles…")).answered
        question = await bob.wait_for(lambda bubble: bubble.id == question.id and "Tap up to" in bubble.text)
        assert (await bob.tap(question, "‹ Back")).answered
        question = await bob.wait_for(lambda bubble: bubble.id == question.id and "Reply to this" in bubble.text)
        assert (await bob.tap(question, "My styles…")).answered
        question = await bob.wait_for(lambda bubble: bubble.id == question.id and "Rename" in bubble.labels)
        assert "private chat" in (await bob.tap(question, "Rename")).text
        await bob.text("a quiet forest", question)
        assert (await asked(stage)).order.style.text == "a quiet forest"


async def test_other_commands(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        assert await ada.commands() == ["style", "cancel", "help"]
        assert "In groups" in (await answer(ada, await ada.text("/help"))).text
        text = await ada.text("no photo")
        assert "Reply to a photo" in (await answer(ada, await ada.text("/style a sea", text))).text
        for command in ("/start", "/privacy", "/export", f"/delete_me{BOT}", "/styles"):
            private = await answer(bob, await bob.text(command))
            assert private.text.startswith("That is for our private chat")
            assert [key.url for row in private.keyboard for key in row] == ["https://t.me/atelier_sandbox_bot"]
        assert await stage.people() == set()
        assert "as yourself" in (await answer(ada, await ada.within(anonymous=True).text("/style a sea", text))).text

        photo = await ada.photo(jpeg("green"))
        await ada.text("/style a stormy sea", photo)
        await bob.text("/style a quiet forest", photo)
        assert (await answer(ada, await ada.text("/cancel"))).text == "Stopped."
        assert [job.order.user_id for job in await jobs_under_way(stage)] == [bob.id]
        assert "nothing" in (await answer(ada, await ada.text("/cancel"))).text


async def test_an_upgrade_takes_everything_along(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"))
        await bob.text("/style a stormy sea", photo)
        job = await stage.claimed()
        await ada.text("/style", photo)
        await answer(ada, await ada.text("/help"))  # the question is stored by now
        new = await ada.upgrade()
        bob = bob.within(new)
        assert await stage.painted(job)
        result = await bob.wait_for(lambda bubble: bubble.text.startswith("Painted after"))
        assert result.reply_to is None, "the supergroup counts its messages anew"
        assert (await bob.tap(result, "Softer")).answered
        softer = (await stage.claimed()).order
        assert (softer.chat_id, softer.reply_to) == (new, None)
        async with stage.store.reading() as session:
            assert await newest_draft(session, ada.chat_id, ada.id) is None
            draft = await newest_draft(session, new, ada.id)
        assert draft is not None
        assert (draft.content, draft.message_id) == (job.order.content, None)


async def test_what_was_asked_for_before_and_after_an_upgrade_is_painted_twice(stage: Stage) -> None:
    order = Order(-5, 1, Media("file", "unique"), Style.preset("kiss"), reply_to=3, thread=2)
    before = await stage.queue.enqueue(order, "before")
    after = await stage.queue.enqueue(replace(order, chat_id=-1005), "after")
    for _ in range(2):
        await stage.queue.move_chat(-5, -1005)
    jobs = {job.id: job.order for job in await jobs_under_way(stage)}
    assert jobs.keys() == {before.job_id, after.job_id}
    assert [(job.chat_id, job.reply_to, job.thread) for job in jobs.values()] == [(-1005, None, None), (-1005, 3, 2)]


@pytest.mark.parametrize("painted", [True, False])
async def test_a_group_whose_upgrade_is_learnt_from_refusals(stage: Stage, painted: bool) -> None:
    async with Person.in_group(stage.sandbox.address, "Ada") as (ada,):
        async with stage.bot():
            await ada.text("/style a stormy sea", await ada.photo(jpeg("green")))
            job = await stage.claimed()
        new = ada.within(await ada.upgrade())
        await new.fault("getUpdates", "500", count=1000)  # the message about it does not come
        if painted:
            assert await stage.painted(job)
        else:
            await stage.queue.fail(job.id, "memory")
        async with stage.bot():
            await new.wait_for(lambda bubble: bubble.text.startswith("Painted" if painted else "That picture"))


async def test_nothing_is_sent_to_a_group_that_it_was_taken_out_of(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"))
        jobs = []
        for person, words in ((bob, "a stormy sea"), (bob, "a quiet forest"), (bob, "rain on slate"), (ada, "dunes")):
            await person.text(f"/style {words}", photo)
            if person is bob:
                jobs.append(await stage.claimed())
        sending, painted, painting = jobs
        await said(ada, photo, "next")
        await ada.fault("sendPhoto", "slow", seconds=1.0)
        assert await stage.painted(sending)
        await stage.sends(sending)
        assert await stage.painted(painted)
        await ada.block()
        async with asyncio.timeout(10):
            while await stage.queue.beat(painting.id, "w", 0.1, 600) or await jobs_under_way(stage):
                await asyncio.sleep(0.02)
        assert not await stage.painted(painting)
        await asyncio.sleep(1.6)
        entries = await ada.transcript()
        out = next(number for number, entry in enumerate(entries) if entry["what"] == "block")
        calls = [(entry["what"], entry["ok"]) for entry in entries[out:] if entry["who"] == "bot"]
        assert ("sendPhoto", False) in calls, "it was on its way"
        assert not any(ok for _, ok in calls)
        assert {what for what, _ in calls} <= {"sendPhoto", "sendChatAction", "editMessageText"}, (
            "nor progress that was"
        )
        async with stage.store.reading() as session:
            assert await open_deliveries(session) == []
            assert not (await session.get_one(User, bob.id)).blocked
        ends = [await stage.queue.find(job.id) for job in jobs]
        assert [job.state for job in ends if job is not None] == ["failed", "failed", "cancelled"]
        await ada.block(False)
        back = await ada.wait_until(lambda bubbles: sum(bubble.text.startswith("Hi!") for bubble in bubbles) == 2)
        assert not any(bubble.from_bot and bubble.kind == "photo" for bubble in back)


async def test_everything_stays_in_its_topic(stage: Stage) -> None:
    async with group(stage, forum=True) as (ada, bob):
        topic = await ada.topic("Holidays")
        other = bob
        ada, bob = ada.within(thread=topic), bob.within(thread=topic)
        assert "Reply to a photo" in (await answer(bob, await bob.text("/style"))).text
        photo = await ada.photo(jpeg("green"))
        await bob.text("/style", photo)
        question = await said(bob, photo, FIRST)
        await bob.text("a stormy sea", question)
        job = await stage.claimed()
        assert job.order.thread == topic.id
        assert await stage.painted(job)
        result = await said(bob, photo, "Painted after")
        assert (await bob.tap(result, "As file")).answered
        await bob.wait_for(lambda bubble: bubble.from_bot and bubble.kind == "document")
        assert (await bob.tap(result, "Softer")).answered
        softer = await stage.claimed()
        await stage.queue.fail(softer.id, "memory")
        await said(bob, result, "too large")
        sent = [entry for entry in await bob.transcript() if str(entry["what"]).startswith("send")]
        hello, *threads = [str(entry["detail"].get("message_thread_id")) for entry in sent if entry["who"] == "bot"]
        assert (hello, set(threads)) == ("None", {str(topic.id)})
        assert all(bubble.thread == topic.id for bubble in await bob.messages() if bubble.id > topic.id)
        general = await other.text("/style")
        assert (await answer(other, general)).thread is None


@pytest.mark.parametrize("forum", [False, True])
async def test_a_result_whose_answer_was_lost_is_found_again(stage: Stage, forum: bool) -> None:
    async with group(stage, forum) as (ada, bob):
        await bob.text("/style a stormy sea", await ada.photo(jpeg("green")))
        job = await stage.claimed()
        await ada.fault("sendPhoto", "reset_after")
        assert await stage.painted(job)
        async with asyncio.timeout(10):
            while (found := await stage.queue.find(job.id)) is None or found.state != "delivered":
                await asyncio.sleep(0.02)
        assert found.error == ""
        pictures = [bubble for bubble in await ada.messages() if bubble.from_bot and bubble.kind == "photo"]
        assert [bubble.text.partition(" ")[0] for bubble in pictures] == ["Painted"]


async def test_what_somebody_asked_for_in_a_group_goes_with_them(stage: Stage) -> None:
    async with group(stage) as (ada, bob):
        photo = await ada.photo(jpeg("green"))
        await bob.text("/style a stormy sea", photo)
        sending = await stage.claimed()
        await bob.text("/style a quiet forest", photo)
        await stage.claimed()
        await ada.text("/style sand dunes", photo)
        adas = await stage.claimed()
        await ada.fault("sendPhoto", "slow", seconds=0.6)
        private = bob.within(bob.id)
        question = await said(private, await private.text("/delete_me"), "Shall I delete everything")
        assert await stage.painted(sending)
        await stage.sends(sending)
        assert (await private.tap(question, "Yes, delete all")).answered
        await private.wait_for(lambda bubble: bubble.id == question.id and "Done." in bubble.text)
        assert any("stormy" in text for text in await bots(ada)), "it was on its way"
        assert await stage.people() == {ada.id}
        assert stage.files() == [stage.input(adas).name]
        statuses = [bubble.id for bubble in await ada.messages() if "next" in bubble.text or "Paint" in bubble.text]
        assert adas.status_message_id in statuses
        assert len(statuses) == 2, "her status and his result"
