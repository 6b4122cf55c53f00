"""Flood control, chat by chat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot import flood
from bot.flood import BROADCAST, CHORE, DROPPABLE, KEPT_FREE, PER_SECOND, RESULT, SPARED, ChatLimiter, Gate
from bot.metrics import Metrics


def refusing(times: int, seconds: int = 1) -> Callable[..., Coroutine[Any, Any, bool]]:
    """A call that Telegram refuses so many times."""
    left = times

    async def call() -> bool:
        nonlocal left
        if left:
            left -= 1
            raise RetryAfter(seconds)
        return True

    return call


async def send(limiter: ChatLimiter, call: Callable[..., Any], chat: int, how: str | None = None) -> object:
    """Sends a message through the limiter."""
    return await limiter.process_request(call, (), {}, "sendMessage", {"chat_id": chat}, how)


async def test_only_the_chat_that_was_refused_waits() -> None:
    limiter = ChatLimiter(Metrics())
    slow = asyncio.create_task(send(limiter, refusing(1), 1))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    assert await send(limiter, refusing(0), 2)
    assert time.monotonic() - started < 0.1
    assert not slow.done()
    assert await slow
    assert time.monotonic() - started > 0.9


async def test_progress_is_dropped_instead_of_waiting() -> None:
    limiter = ChatLimiter(Metrics())
    with pytest.raises(RetryAfter):
        await send(limiter, refusing(1), 1, DROPPABLE)
    started = time.monotonic()
    with pytest.raises(RetryAfter):
        await send(limiter, refusing(0), 1, DROPPABLE)
    assert time.monotonic() - started < 0.1


async def test_all_chats_together_stay_under_telegrams_rate() -> None:
    limiter = ChatLimiter(Metrics())
    started = time.monotonic()
    await asyncio.gather(*(send(limiter, refusing(0), chat) for chat in range(PER_SECOND + 5)))
    assert 0.9 < time.monotonic() - started < 1.6


async def test_it_gives_up_in_the_end() -> None:
    limiter = ChatLimiter(Metrics())
    with pytest.raises(RetryAfter):
        await send(limiter, refusing(100, seconds=0), 1)


async def test_progress_leaves_room_for_what_matters() -> None:
    limiter = ChatLimiter(Metrics())
    dropped = 0
    for chat in range(PER_SECOND):
        try:
            await send(limiter, refusing(0), chat, DROPPABLE)
        except RetryAfter:
            dropped += 1
    assert dropped == KEPT_FREE
    started = time.monotonic()
    for chat in range(KEPT_FREE):
        assert await send(limiter, refusing(0), chat)
    assert time.monotonic() - started < 0.1


async def test_results_go_before_answers_and_answers_before_chores() -> None:
    limiter, turns = ChatLimiter(Metrics()), []

    def noting(kind: str | None) -> Callable[..., Coroutine[Any, Any, bool]]:
        async def call() -> bool:
            turns.append(kind)
            return True

        return call

    for chat in range(PER_SECOND):
        await send(limiter, refusing(0), chat)
    kinds = (CHORE, None, RESULT, None, RESULT)
    waiting = [asyncio.create_task(send(limiter, noting(kind), 100 + n, kind)) for n, kind in enumerate(kinds)]
    await asyncio.sleep(0.1)
    with pytest.raises(RetryAfter):  # progress does not wait
        await send(limiter, refusing(0), 99, DROPPABLE)
    await asyncio.gather(*waiting)
    assert turns == [RESULT, RESULT, None, None, CHORE]


async def test_a_group_gets_so_many_in_a_while_and_other_chats_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "PER_GROUP", 3)
    monkeypatch.setattr(flood, "GROUP_SECONDS", 0.5)
    limiter = ChatLimiter(Metrics())
    started = time.monotonic()
    in_group = [asyncio.create_task(send(limiter, refusing(0), -77)) for _ in range(5)]
    await asyncio.gather(*(send(limiter, refusing(0), chat) for chat in (-78, 5, 5, 5, 5)))
    assert time.monotonic() - started < 0.3
    assert sum(task.done() for task in in_group) == 3
    await asyncio.gather(*in_group)
    assert 0.5 <= time.monotonic() - started < 0.9


async def test_who_gives_up_waiting_takes_no_place() -> None:
    gate = Gate(1, 0.2)
    await gate.enter(0)
    gone = asyncio.create_task(gate.enter(0))
    await asyncio.sleep(0)
    gone.cancel()
    started = time.monotonic()
    await gate.enter(1)
    assert time.monotonic() - started < 0.3


async def test_when_the_bot_stops_nobody_waits() -> None:
    limiter = ChatLimiter(Metrics())
    waiting = asyncio.create_task(send(limiter, refusing(1, seconds=30), 1))
    await asyncio.sleep(0.05)
    limiter.stop()
    with pytest.raises(RetryAfter):
        await asyncio.wait_for(waiting, 1)


async def test_broadcasts_leave_room_in_every_second_for_others() -> None:
    limiter = ChatLimiter(Metrics())
    for chat in range(PER_SECOND - SPARED):
        await send(limiter, refusing(0), chat, BROADCAST)
    waits = asyncio.create_task(send(limiter, refusing(0), 98, BROADCAST))
    started = time.monotonic()
    for chat in range(SPARED):
        await send(limiter, refusing(0), 200 + chat)
    assert time.monotonic() - started < 0.3
    assert not waits.done()
    await waits
