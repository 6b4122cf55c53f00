"""Whatever ends, and however: what was begun goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from bot.sandbox.person import Bubble, Person

from .conftest import answer_after, is_result, result_after
from .pictures import assert_repainted, jpeg, painting, photo
from .processes import frozen, runner_pid, start_bot, start_sandbox


async def results(person: Person, number: int, timeout: float = 120) -> list[Bubble]:
    """The painted pictures, once there are so many."""
    await person.wait_until(lambda all_: len([one for one in all_ if is_result(one)]) >= number, timeout)
    return [bubble for bubble in await person.messages() if is_result(bubble)]


async def order(person: Person, long_side: int, number: int) -> Bubble:
    """Orders a picture painted like another one, as files; gives the photo's message."""
    sent = await person.document(jpeg(photo(long_side, number)), f"{number}.jpg")
    await answer_after(person, sent, "How shall I paint it?")
    await person.photo(jpeg(painting(200 + number)))
    return sent


async def test_power_cut_with_a_conversation_an_album_and_queued_jobs(tmp_path: Path) -> None:
    sandbox, address = start_sandbox(tmp_path)
    bot = start_bot(tmp_path, address)
    runner = runner_pid(bot)
    async with (
        Person.at(address, name="Ada") as ada,
        Person.at(address, name="Bob") as bob,
        Person.at(address, name="Eve") as eve,
    ):
        await order(ada, 300, 1)
        (earlier,) = await results(ada, 1)
        before = photo(400, 2)
        waiting = await ada.photo(jpeg(before))
        await answer_after(ada, waiting, "How shall I paint it?")
        os.kill(runner, signal.SIGSTOP)  # so that nothing is done before the power cut
        sent = [await order(bob, 800, number) for number in range(3)]
        await bob.wait_for_draft("Painting")
        album = await eve.album([jpeg(photo(300, 4)), jpeg(painting(300))])
        await asyncio.sleep(0.3)  # received, but the bot still waits for more parts
        bot.kill()
        os.kill(runner, signal.SIGCONT)  # it ends with its parent
        style = await ada.photo(jpeg(painting(300)))  # sent while nobody listens

        bot = start_bot(tmp_path, address)
        result = await result_after(ada, style, 120)
        assert result.reply_to == waiting.id
        assert_repainted(before, await ada.download(result))
        painted = await results(bob, 3)
        assert sorted(bubble.reply_to or 0 for bubble in painted) == [bubble.id for bubble in sent]
        await result_after(eve, album[-1], 120)

        await ada.tap(earlier, "Softer")  # the buttons of results from before work on
        softer = await result_after(ada, result, 60)
        assert "strength 80 %" in softer.text
        await asyncio.sleep(1.0)
        for person, number in ((ada, 3), (bob, 3), (eve, 1)):
            assert len(await results(person, number)) == number, "every picture comes once"
            assert not any("Painting" in bubble.text or "next" in bubble.text for bubble in await person.messages())
            assert await person.drafts() == []
    assert bot.stop() == 0
    assert sandbox.stop() == 0


async def test_a_crash_of_the_runner_costs_one_try(tmp_path: Path) -> None:
    sandbox, address = start_sandbox(tmp_path)
    bot = start_bot(tmp_path, address)
    first = runner_pid(bot)
    async with Person.at(address, name="Ada") as ada:
        with frozen(first):
            await order(ada, 2048, 1)
            await ada.wait_for_draft("Painting")
            os.kill(first, signal.SIGKILL)
        sent = await ada.text("/help")  # the chat side does not notice
        await answer_after(ada, sent, "What you can send", timeout=2)
        assert len(await results(ada, 1)) == 1
        assert runner_pid(bot) != first
    assert bot.stop() == 0
    sandbox.stop()


async def test_stopping_is_quick_and_leaves_the_job_for_the_next_start(tmp_path: Path) -> None:
    sandbox, address = start_sandbox(tmp_path)
    bot = start_bot(tmp_path, address)
    runner = runner_pid(bot)
    async with Person.at(address, name="Ada") as ada:
        with frozen(runner):
            await order(ada, 400, 1)
            await ada.wait_for_draft("Painting")
            assert bot.stop(timeout=8) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(runner, 0)
        bot = start_bot(tmp_path, address)
        assert len(await results(ada, 1)) == 1
    bot.stop()
    sandbox.stop()
