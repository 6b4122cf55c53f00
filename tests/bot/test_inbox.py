"""Nothing that Telegram handed over is lost, twice or out of order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telegram import Bot, Chat, Message, Update, User

from bot import inbox as inboxes
from bot.inbox import MAX_TRIES, MAX_UNCERTAIN, Inbox, InOrder
from bot.metrics import Metrics
from bot.store import Store

BOT = Bot("42:made-up-token-of-a-test")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Troubles pass at once."""
    monkeypatch.setattr(inboxes, "PAUSES", (0.001,))


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
    await inbox(store).put(update(6))
    for _ in range(MAX_TRIES):
        queue = inbox(store)
        assert await queue.replay(BOT) == queue.qsize() == 2
        await queue.begin(5)  # the other one only waits, which does not count
    queue = inbox(store)
    await queue.replay(BOT)
    assert [each.update_id for each in (await queue.get(),) if isinstance(each, Update)] == [6]
    assert queue.empty()


class Handling:
    """A handler that meets so many troubles first."""

    def __init__(self, store: Store, troubles: int, certain: bool = True) -> None:
        self.inbox = inbox(store)
        self.processor = InOrder(self.inbox, Metrics())
        self.processor.handle = self.handle
        self.seen: list[int] = []
        self._troubles = troubles
        self._certain = certain

    async def handle(self, handled: object) -> None:
        """Handles an update."""
        assert isinstance(handled, Update)
        self.seen.append(handled.update_id)
        if self._troubles:
            self._troubles -= 1
            self.processor.again(handled, certain=self._certain)

    async def process(self, *updates: Update) -> None:
        """Handles them side by side, as far as that goes."""
        for each in updates:
            await self.inbox.put(each)
        await asyncio.gather(*(self.processor.process_update(each, self.handle(each)) for each in updates))


async def test_what_failed_for_a_while_is_done_again_before_the_next(store: Store, quick: None) -> None:
    handling = Handling(store, troubles=20)
    await handling.process(update(5), update(6))
    assert handling.seen == [5] * 21 + [6]
    assert await inbox(store).replay(BOT) == 0


async def test_an_answer_that_may_have_arrived_is_not_repeated_for_ever(store: Store, quick: None) -> None:
    handling = Handling(store, troubles=20, certain=False)
    await handling.process(update(5))
    assert handling.seen == [5] * MAX_UNCERTAIN


async def test_what_fails_while_the_bot_stops_is_left_to_the_next_start(store: Store) -> None:
    handling = Handling(store, troubles=1)
    handling.processor.stop()
    await handling.process(update(5))
    assert handling.seen == [5]
    assert await inbox(store).replay(BOT) == 1


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
