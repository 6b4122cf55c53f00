"""Blocked people get no answer at all, their jobs are cancelled, and forgetting them changes nothing."""

from __future__ import annotations

from bot.jobs.queue import Job
from bot.sandbox.person import Person
from bot.store.forgetting import forget_person
from tests.bot.operator.conftest import Stage


async def newest(stage: Stage) -> Job:
    """The job that was ordered last."""
    waiting = await stage.queue.waiting()
    return max((each.job for each in waiting), key=lambda job: job.id)


async def test_who_is_blocked_by_a_job_number_hears_nothing_until_let_in_again(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address, name="Ada") as ada, Person.at(address, name="Bob") as bob:
        async with stage.bot():
            status = await stage.order(ada, "red", "rain on the sea")
            job = await newest(stage)
            panel = await stage.panel()
            await stage.tap(panel, "Block", "Blocked people: 0")
            await stage.tap(panel, "Block…", "Whom shall I block?")
            await stage.says("somebody", "That is no number")
            await stage.says("J999", "I know no such job")
            await stage.says(str(stage.boss.chat_id), "an operator, whom I can’t block")
        async with stage.bot():  # what is awaited is stored
            await stage.says(f"j{job.id}", "I stopped the one picture of theirs")
            await ada.wait_until(lambda bubbles: status.id not in [bubble.id for bubble in bubbles])
            async with stage.store.writing() as session:
                await forget_person(session, ada.chat_id, 4242, 0)
            before = await ada.messages()
            await ada.text("/delete_me")
            await ada.text("are you there?")
            await ada.block()
            await ada.block(False)
            await stage.order(bob, "green", "snow")
            answered = [bubble.text for bubble in await ada.messages() if bubble.from_bot]
            assert answered == [bubble.text for bubble in before if bubble.from_bot]
        async with stage.bot():
            sent = await ada.text("/help")
            await stage.order(bob, "blue", "snow", "In the queue")
            assert not [bubble for bubble in await ada.messages() if bubble.from_bot and bubble.id > sent.id]
            panel = await stage.panel()
            await stage.tap(panel, "Block", "Blocked people: 1")
            await stage.tap(panel, "Unblock…", "Whom shall I let in again?")
            await stage.says(str(ada.chat_id), "They are answered again")
            await stage.order(ada, "red", "rain on the sea", "In the queue")


async def test_what_is_awaited_can_be_cancelled(stage: Stage) -> None:
    async with stage.bot():
        panel = await stage.panel()
        await stage.tap(panel, "Block", "Blocked people")
        await stage.tap(panel, "Block…", "Whom shall I block?")
        await stage.says("/cancel", "All right. /admin")
        await stage.says("123456", "Now send me the photo")
        await stage.tap(panel, "‹ Back", "Blocked people: 0")
