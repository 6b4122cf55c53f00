"""Flood control, chat by chat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.flood import DROPPABLE, LAST, PER_SECOND, SPARED, ChatLimiter
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


async def test_the_last_leave_room_in_every_second_for_others() -> None:
    limiter = ChatLimiter(Metrics())
    for chat in range(PER_SECOND - SPARED):
        await send(limiter, refusing(0), chat, LAST)
    waits = asyncio.create_task(send(limiter, refusing(0), 98, LAST))
    started = time.monotonic()
    for chat in range(SPARED):
        await send(limiter, refusing(0), 200 + chat)
    assert time.monotonic() - started < 0.3
    assert not waits.done()
    await waits
