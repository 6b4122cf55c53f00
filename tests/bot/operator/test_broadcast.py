"""A broadcast reaches everybody once: over a restart, floods and people who left."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.sandbox.person import Bubble, Person
from bot.store.models import User
from bot.store.operator_models import Broadcast, Receiver
from tests.bot.operator.conftest import Stage

NEWS = "Tomorrow I am asleep for an hour"


async def written(stage: Stage, count: int) -> Bubble:
    """The question whether to send it to so many people."""
    panel = await stage.panel()
    await stage.tap(panel, "Broadcast", "a text to everybody")
    await stage.tap(panel, "Write one", "Send me the text")
    people = "one person" if count == 1 else f"{count} people"
    return await stage.says(NEWS, f"Shall I send it to {people}?")


async def states(stage: Stage) -> list[str]:
    """Of all receivers."""
    async with stage.store.reading() as session:
        return sorted(await session.scalars(select(Receiver.state)))


async def heard(person: Person) -> int:
    """How often this person got it."""
    return sum(bubble.from_bot and NEWS in bubble.text for bubble in await person.messages())


async def test_it_reaches_everybody_once_and_tells_how_it_went(stage: Stage) -> None:
    address = stage.sandbox.address
    async with (
        Person.at(address, name="Ada") as ada,
        Person.at(address, name="Bob") as bob,
        Person.at(address, name="Cem") as cem,
    ):
        async with stage.bot():
            for person in (ada, bob, cem):
                await person.start()
                await person.wait_for(lambda bubble: bubble.from_bot)
            sure = await written(stage, 3)
            preview = (await stage.boss.messages())[-2]
            assert preview.text == NEWS
            await bob.fault("sendMessage", "429", retry_after=1)
            await cem.block()
            await asyncio.sleep(0.2)
            async with stage.store.writing() as session:  # as if Telegram had not told us
                (await session.get_one(User, cem.chat_id)).blocked = False
            await stage.tap(sure, "Send it", "Broadcast")
            report = await stage.boss.wait_for(lambda bubble: "The broadcast is out" in bubble.text)
            assert "2 of 3 have it, 1 blocked me" in report.text
            assert [await heard(person) for person in (ada, bob, cem)] == [1, 1, 0]
            assert (await stage.boss.tap(sure, data=f"op1:cry:send:{1}", stale=True)).answered
        async with stage.bot():
            panel = await stage.panel()
            page = await stage.tap(panel, "Broadcast", "The broadcast is out")
            assert "Write one" in page.labels
            assert [await heard(person) for person in (ada, bob, cem)] == [1, 1, 0]
            async with stage.store.reading() as session:
                assert list(await session.scalars(select(User.id).where(User.blocked))) == [cem.chat_id]


async def test_a_restart_goes_on_and_stopping_stops(stage: Stage) -> None:
    address = stage.sandbox.address
    async with Person.at(address, name="Ada") as ada, Person.at(address, name="Bob") as bob:
        async with stage.bot():
            for person in (ada, bob):
                await person.start()
                await person.wait_for(lambda bubble: bubble.from_bot)
            sure = await written(stage, 2)
        async with stage.store.writing() as session:  # as a crash leaves it: one has it, one is in flight
            row = await session.scalar(select(Broadcast))
            assert row is not None
            row.state = "running"
            session.add(Receiver(broadcast_id=row.id, user_id=ada.chat_id, state="sent"))
            session.add(Receiver(broadcast_id=row.id, user_id=bob.chat_id, state="sending"))
        async with stage.bot():
            await bob.wait_for(lambda bubble: NEWS in bubble.text)
            assert await heard(ada) == 0
            await stage.boss.wait_for(lambda bubble: "2 of 2 have it" in bubble.text)
            sure = await written(stage, 2)
            await ada.fault("sendMessage", "slow", seconds=0.5)
            await stage.tap(sure, "Send it", "Going out")
            await stage.tap(sure, "Stop", "The broadcast was stopped")
            await stage.boss.wait_for(lambda bubble: "was stopped: 1 of 2" in bubble.text and bubble.id > sure.id)
            await asyncio.sleep(0.2)
            assert [await heard(person) for person in (ada, bob)] == [1, 1]
            assert await states(stage) == ["sent", "sent", "sent", "waiting"]


async def test_a_text_that_is_not_confirmed_goes_nowhere(stage: Stage) -> None:
    async with Person.at(stage.sandbox.address, name="Ada") as ada, stage.bot():
        await ada.start()
        await ada.wait_for(lambda bubble: bubble.from_bot)
        sure = await written(stage, 1)
        await stage.tap(sure, "Drop it", "Broadcast")
        async with stage.store.reading() as session:
            assert await session.scalar(select(Broadcast.id)) is None
        assert await heard(ada) == 0
