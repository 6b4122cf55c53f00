"""Telegram's flood limits, chat by chat.

The library's stock limiter stops the whole bot for one 429; here only the chat that got it waits.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from telegram._utils.types import JSONDict
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.metrics import Metrics

DROPPABLE = "droppable"
"""As `rate_limit_args`: this request is not worth waiting for (progress edits); it raises RetryAfter at once."""

LAST = "last"
"""As `rate_limit_args`: this request leaves room in every second for all others (broadcasts)."""

MAX_RETRIES = 5
PER_SECOND = 28  # of 30 that Telegram allows over all chats
SPARED = 10  # of these, for others than the last
COUNTED = ("send", "edit", "copy", "forward")  # beginnings of the methods that count

log = structlog.get_logger(__name__)


class ChatLimiter(BaseRateLimiter[str]):
    """Waits per chat after a 429, and spreads everything over the second."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._not_before: dict[int | str, float] = {}
        self._sent: deque[float] = deque(maxlen=PER_SECOND)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | JSONDict | list[JSONDict]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> bool | JSONDict | list[JSONDict]:
        """Makes the request when its chat may be written to. Raises RetryAfter after the last try."""
        chat = data.get("chat_id")
        droppable = rate_limit_args == DROPPABLE
        for attempt in range(MAX_RETRIES + 1):
            if chat is not None:
                await self._wait_for_chat(chat, droppable)
                if endpoint.startswith(COUNTED):
                    await self._wait_for_slot(PER_SECOND - SPARED if rate_limit_args == LAST else PER_SECOND)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._metrics.flood_waits.inc()
                seconds = seconds_of(error)
                log.info("told to slow down", endpoint=endpoint, seconds=seconds)
                if chat is None or droppable or attempt == MAX_RETRIES:
                    self._hold(chat, seconds)
                    raise
                self._hold(chat, seconds)
        raise AssertionError("unreachable")

    def _hold(self, chat: int | str | None, seconds: float) -> None:
        if chat is not None:
            self._not_before[chat] = max(self._not_before.get(chat, 0.0), time.monotonic() + seconds + 0.1)

    async def _wait_for_chat(self, chat: int | str, droppable: bool) -> None:
        while (pause := self._not_before.get(chat, 0.0) - time.monotonic()) > 0:
            if droppable:
                raise RetryAfter(int(pause) + 1)
            await asyncio.sleep(pause)
        self._not_before.pop(chat, None)

    async def _wait_for_slot(self, slots: int) -> None:
        while len(self._sent) >= slots and (pause := self._sent[-slots] + 1.0 - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        self._sent.append(time.monotonic())


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()
