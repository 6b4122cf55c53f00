"""Nothing that Telegram handed over is lost, twice or out of order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from telegram import Bot, Chat, Message, Update, User

from bot.inbox import Inbox, InOrder
from bot.metrics import Metrics
from bot.store import Store

BOT = Bot("42:made-up-token-of-a-test")


def update(number: int, chat: int = 1, text: str = "hello") -> Update:
    """A text message in a private chat."""
    message = Message(number, datetime.now(UTC), Chat(chat, "private"), from_user=User(chat, "Ada", False), text=text)
    return Update(number, message=message)


def inbox(store: Store) -> Inbox:
    """The bot's queue."""
    return Inbox(store, 42, Metrics())


async def test_an_update_is_stored_before_put_returns_and_runs_again_until_done(store: Store) -> None:
    first = inbox(store)
    await first.put(update(5, text="the words"))
    # The process dies here: a new one finds it.
    second = inbox(store)
    assert await second.replay(BOT) == 1
    again = await second.get()
    assert isinstance(again, Update)
    assert again.message is not None
    assert (again.update_id, again.message.text) == (5, "the words")
    await second.done(5)
    assert await inbox(store).replay(BOT) == 0


async def test_an_update_that_comes_twice_is_queued_once(store: Store) -> None:
    queue = inbox(store)
    await asyncio.gather(*(queue.put(update(5)) for _ in range(4)))
    assert queue.qsize() == 1
    await queue.done(5)
    await queue.put(update(5))
    assert queue.qsize() == 1


async def test_another_bot_may_use_the_same_numbers(store: Store) -> None:
    await inbox(store).put(update(5))
    other = Inbox(store, 43, Metrics())
    await other.put(update(5))
    assert other.qsize() == 1


async def test_what_people_wrote_is_forgotten_once_handled(store: Store, tmp_path: Path) -> None:
    queue = inbox(store)
    await queue.put(update(5, text="my secret"))
    await queue.done(5)
    from bot.store.models import InboxRow

    async with store.reading() as session:
        assert (await session.get_one(InboxRow, 1)).body == ""


async def test_an_update_that_kills_the_bot_is_put_aside_in_the_end(store: Store) -> None:
    await inbox(store).put(update(5))
    sizes = []
    for _ in range(5):
        queue = inbox(store)
        await queue.replay(BOT)
        sizes.append(queue.qsize())
    assert sizes == [1, 1, 1, 0, 0]


async def test_one_chat_in_order_and_chats_side_by_side(store: Store) -> None:
    processor = InOrder(inbox(store), Metrics())
    seen: list[tuple[int, int]] = []
    most, now = 0, 0

    async def handle(chat: int, number: int) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02 if number % 2 else 0.0)
        seen.append((chat, number))
        now -= 1

    tasks = [
        processor.process_update(update(10 * chat + number, chat), handle(chat, number))
        for number in range(6)
        for chat in range(1, 5)
    ]
    await asyncio.gather(*tasks)
    for chat in range(1, 5):
        assert [number for which, number in seen if which == chat] == list(range(6))
    assert most == 4


async def test_a_flood_in_one_chat_leaves_room_for_others(store: Store) -> None:
    processor = InOrder(inbox(store), Metrics())
    release = asyncio.Event()

    async def stuck() -> None:
        await release.wait()

    async def quick() -> None:
        return

    flood = [asyncio.create_task(processor.process_update(update(n, 1), stuck())) for n in range(1, 301)]
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await processor.process_update(update(999, 2), quick())
    release.set()
    await asyncio.gather(*flood)
