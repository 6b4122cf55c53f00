"""The bot behind a webhook, and a network that misbehaves."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.sandbox.person import Bubble, Person

from .conftest import answer_after, is_result, result_after
from .pictures import assert_repainted, jpeg, painting, photo
from .processes import Process, free_port, runner_pid, start_bot, start_sandbox

Hook = tuple[str, int, Process]


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hook]:
    """A bot that Telegram calls; its sandbox's address and its own port."""
    folder: Path = tmp_path_factory.mktemp("webhook")
    port = free_port()
    sandbox, address = start_sandbox(folder)
    bot = start_bot(
        folder,
        address,
        WEBHOOK_URL=f"http://127.0.0.1:{port}/hook",
        WEBHOOK_PORT=str(port),
        WEBHOOK_SECRET="only-for-these-tests",
    )
    runner_pid(bot)
    yield address, port, bot
    assert bot.stop() == 0
    sandbox.stop()


@pytest.fixture
async def ada(hook: Hook) -> AsyncIterator[Person]:
    """A new person in a new chat."""
    async with Person.at(hook[0], name="Ada") as person:
        yield person


async def ask(person: Person, number: int = 0) -> Bubble:
    """Orders a picture; gives the last message sent."""
    sent = await person.photo(jpeg(photo(300, number)))
    await answer_after(person, sent, "How shall I paint it?")
    return await person.photo(jpeg(painting(200)))


async def result_count(person: Person) -> int:
    """How many painted pictures are in the chat."""
    return len([bubble for bubble in await person.messages() if is_result(bubble)])


async def test_photo_and_style_through_a_webhook(ada: Person) -> None:
    before = photo(400)
    sent = await ada.photo(jpeg(before))
    grid = await answer_after(ada, sent, "How shall I paint it?")
    style = await ada.photo(jpeg(painting(300)))
    result = await result_after(ada, style)
    assert_repainted(before, await ada.download(result))
    await ada.tap(result, "Softer")
    assert "80 %" in (await result_after(ada, result)).text
    assert grid.id < result.id


async def test_an_album_through_a_webhook(ada: Person) -> None:
    sent = await ada.album([jpeg(photo(300)), jpeg(painting(200))], order=[1, 0])
    result = await result_after(ada, sent[-1])
    assert_repainted(photo(300), await ada.download(result))


async def test_a_caller_without_the_secret_is_refused(hook: Hook) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{hook[1]}/hook", b'{"update_id": 1}', {"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as refusal:
        await asyncio.to_thread(urllib.request.urlopen, request)
    assert refusal.value.code == 403


async def test_told_to_slow_down_the_result_still_comes_and_other_chats_do_not_wait(ada: Person, hook: Hook) -> None:
    await ada.fault("sendphoto", "429", count=1, skip=1, retry_after=3)  # the first is the sheet of presets
    sent = await ask(ada)
    await asyncio.sleep(1.0)
    async with Person.at(hook[0], name="Bob") as bob:
        question = await bob.text("/help")
        await answer_after(bob, question, "What you can send", timeout=2)
    await result_after(ada, sent)
    assert await result_count(ada) == 1


async def test_a_server_error_is_tried_again(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(300, 1)))
    await answer_after(ada, sent, "How shall I paint it?")
    await ada.fault("sendphoto", "502", count=2)
    style = await ada.photo(jpeg(painting(210)))
    await result_after(ada, style)
    assert await result_count(ada) == 1


async def test_a_picture_that_arrived_though_nobody_said_so_is_not_sent_again(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(300, 2)))
    await answer_after(ada, sent, "How shall I paint it?")
    await ada.fault("sendphoto", "reset_after")
    style = await ada.photo(jpeg(painting(220)))
    result = await result_after(ada, style)
    await ada.wait_until(lambda all_: not any("Painting" in bubble.text for bubble in all_))
    await ada.tap(result, "Softer")
    await result_after(ada, result)
    assert await result_count(ada) == 2
    assert not any("Is it missing?" in bubble.text for bubble in await ada.messages())


async def test_a_picture_whose_fate_nobody_knows_is_not_repeated_but_offered(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(300, 6)))
    await answer_after(ada, sent, "How shall I paint it?")
    await ada.fault("sendphoto", "reset")
    style = await ada.photo(jpeg(painting(220)))
    offer = await answer_after(ada, style, "Is it missing?", timeout=30)
    assert await result_count(ada) == 0
    await ada.tap(offer, "Send it again")
    await result_after(ada, offer)
    assert await result_count(ada) == 1


async def test_a_picture_that_cant_be_fetched_at_first_is_fetched_again(ada: Person) -> None:
    sent = await ada.photo(jpeg(photo(300, 3)))
    await answer_after(ada, sent, "How shall I paint it?")
    await ada.fault("getfile", "500", count=2)
    style = await ada.photo(jpeg(painting(230)))
    await result_after(ada, style)


async def test_a_person_who_blocks_the_bot_meanwhile_stops_nothing(ada: Person, hook: Hook) -> None:
    await ask(ada, 4)
    await ada.block()
    async with Person.at(hook[0], name="Bob") as bob:
        await result_after(bob, await ask(bob, 5))
    await ada.block(False)
    sent = await ada.text("/help")
    await answer_after(ada, sent, "What you can send")
