"""Finest quality: an estimate before, previews meanwhile, a stop at any moment, a result within the time limit."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.person import Bubble, Person

from .conftest import Running, answer_after, is_result, result_after
from .pictures import assert_repainted, jpeg, opened, painting, photo
from .processes import frozen, runner_pid, start_bot, start_sandbox

SIDE = 160  # px: painted in a few seconds on one core
ESTIMATE = r"Finest quality takes about (\d+ seconds|a minute|[\d½]+ minutes)\. (You are next|I have just begun)…"
PROGRESS = r"Painting in finest quality\n[▓░]{10}  \d+ %\nAbout .+ left"


async def painted(person: Person, number: int, side: int = SIDE) -> Bubble:
    """A result painted like a picture, with its buttons."""
    sent = await person.photo(jpeg(photo(side, number)))
    await answer_after(person, sent, "How shall I paint it?")
    style = await person.photo(jpeg(painting(160)))
    return await result_after(person, style)


async def status_after(person: Person, after: Bubble) -> Bubble:
    """The status message of a picture in finest quality."""
    return await person.wait_for(
        lambda bubble: bubble.from_bot and "inest quality" in bubble.text and not is_result(bubble), 20, after.id
    )


@asynccontextmanager
async def held_at_a_preview(runner: int, results: Path) -> AsyncIterator[None]:
    """Holds the runner still while a preview is out, however quick it is."""
    end = time.monotonic() + 60
    while not list(results.glob("*.preview.jpg")):
        assert time.monotonic() < end, "no preview was painted"
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)  # now it has told of it
    with frozen(runner):
        yield


async def test_from_the_tap_to_the_result(ada: Person, running: Running) -> None:
    await asyncio.to_thread(running.bot.wait_for, "the pace is known")
    before, runner, results = photo(SIDE, 20), runner_pid(running.bot), running.folder / "data" / "results"
    quick = await painted(ada, 20)
    with frozen(runner):
        assert (await ada.tap(quick, "Finest quality")).answered
        status = await status_after(ada, quick)
        assert re.fullmatch(ESTIMATE, status.text), status.text
        assert (status.kind, status.labels, status.reply_to) == ("text", ["Stop"], quick.reply_to)

    async with held_at_a_preview(runner, results):
        preview = await ada.wait_for(lambda bubble: bubble.id == status.id and bubble.kind == "photo")
        assert re.fullmatch(PROGRESS, preview.text), preview.text
        assert preview.labels == ["Stop"]
        shown = opened(await ada.download(preview))
        assert abs(shown.width / shown.height - before.width / before.height) < 0.05
        await ada.tap(quick, "Finest quality")
        await answer_after(ada, status, "already painting exactly that")

    result = await result_after(ada, status, 90)
    assert result.text == "Painted like your picture, finest quality"
    assert result.reply_to == quick.reply_to
    after = assert_repainted(before, await ada.download(result))
    assert after.tobytes() != opened(await ada.download(quick)).tobytes()
    assert not [label for label in result.labels if "Finest" in label]
    await ada.wait_until(lambda all_: status.id not in [bubble.id for bubble in all_])
    assert not list(results.glob("*.preview*"))


async def test_stop_at_any_moment(ada: Person, running: Running) -> None:
    runner, results = runner_pid(running.bot), running.folder / "data" / "results"
    quick = await painted(ada, 21, 400)
    await ada.tap(quick, "Finest quality")
    status = await status_after(ada, quick)
    async with Person.at(running.address, name="Bob") as bob:
        stop = next(key.data for row in status.keyboard for key in row)
        greeting = await answer_after(bob, await bob.text("/start"), "I repaint")
        assert "something earlier" in (await bob.tap(greeting, data=stop, stale=True)).text

        async with held_at_a_preview(runner, results):
            sent = await bob.photo(jpeg(photo(SIDE, 22)), caption="rain on copper")
            await bob.wait_for_draft("You are next")
            tapped = time.monotonic()
            assert (await ada.tap(status, "Stop")).text == "Stopped."
            assert time.monotonic() - tapped < 1, "it waits for nothing that is being painted"
        await result_after(bob, sent)
    messages = await ada.wait_until(lambda all_: status.id not in [bubble.id for bubble in all_])
    assert [bubble.id for bubble in messages if is_result(bubble)] == [quick.id]
    assert not list(results.glob("*.preview*"))
    assert "finished already" in (await ada.tap(quick, data=stop, stale=True)).text

    await ada.tap(quick, "Finest quality")
    again = await status_after(ada, status)
    sent = await ada.text("/cancel")
    await answer_after(ada, sent, "Stopped")
    await ada.wait_until(lambda all_: again.id not in [bubble.id for bubble in all_])


async def test_at_the_time_limit_it_stops_with_what_it_has(tmp_path: Path) -> None:
    limit = 4.0
    sandbox, address = start_sandbox(tmp_path)
    bot = await asyncio.to_thread(start_bot, tmp_path, address, JOB_SECONDS=str(limit))
    before = photo(1280, 23)
    async with Person.at(address, name="Ada") as ada:
        await asyncio.to_thread(bot.wait_for, "the pace is known")
        quick = await painted(ada, 23, 1280)
        await ada.tap(quick, "Finest quality")
        status = await status_after(ada, quick)
        assert "5 seconds" in status.text, "the estimate ends at the limit too"
        result = await result_after(ada, status, 60)
        assert result.text == "Painted like your picture, finest quality"
        assert_repainted(before, await ada.download(result))
    seconds = float(bot.wait_for(r"painted .*method=finest.*seconds=([\d.]+)").group(1))
    assert seconds < 2 * limit, "all of it takes a CPU most of a minute"
    assert bot.stop() == 0
    sandbox.stop()
