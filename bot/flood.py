"""Telegram's flood limits, chat by chat.

The library's stock limiter stops the whole bot for one 429; here only the chat that got it waits. Where many want to
send at once, results go before answers, and answers before what can wait; progress does not wait, it is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from telegram._utils.types import JSONDict
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.metrics import Metrics
from bot.sightings import Sightings

DROPPABLE = "droppable"
"""As `rate_limit_args`: not worth waiting for (progress, signs of life); it raises RetryAfter at once."""
RESULT = "result"
"""As `rate_limit_args`: a picture that somebody has waited for; it goes before everything else."""
CHORE = "chore"
"""As `rate_limit_args`: it is needed, but nobody waits for it."""

BROADCAST = "broadcast"
"""As `rate_limit_args`: it goes last, and leaves room in every second for all others."""

RANKS = {RESULT: 0, None: 1}
LAST = 2
MAX_RETRIES = 5
PER_SECOND = 28  # of 30 that Telegram allows over all chats
KEPT_FREE = 8  # of these for what is no progress
SPARED = 10  # of these for what is no broadcast
PER_GROUP, GROUP_SECONDS = 20, 60.0  # that Telegram allows to one group
GROUPS = 1000  # that are remembered before those which are quiet are forgotten
LOOK_EVERY = 0.05  # seconds
COUNTED = ("send", "edit", "copy", "forward")  # beginnings of the methods that count
FREE = ("sendChatAction",)

_held: ContextVar[list[float]] = ContextVar("held")

log = structlog.get_logger(__name__)


class Gate:
    """Lets so many through in so many seconds; of those who wait the lowest rank goes first, then who came first."""

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._passed: deque[float] = deque(maxlen=count)
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        """Whether somebody who came now would go through at once."""
        return not self._waiting and self._pause() <= 0

    @property
    def room(self) -> int:
        """How many who came now would go through at once."""
        since = time.monotonic() - self._seconds
        return (self._passed.maxlen or 0) - sum(moment > since for moment in self._passed)

    @property
    def idle(self) -> bool:
        """Whether it has forgotten everybody, so that a new one would do as well."""
        return not self._waiting and (not self._passed or self._passed[-1] + self._seconds < time.monotonic())

    async def enter(self, rank: int) -> None:
        """Waits until it is one's turn."""
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._arrivals), place))
        self._let_in()
        await place

    def _pause(self) -> float:
        full = len(self._passed) == self._passed.maxlen
        return self._passed[0] + self._seconds - time.monotonic() if full else 0.0

    def _let_in(self) -> None:
        while self._waiting:
            if (pause := self._pause()) > 0:
                if self._timer is None:
                    self._timer = asyncio.get_running_loop().call_later(pause, self._tick)
                return
            _, _, place = heapq.heappop(self._waiting)
            if not place.done():  # who waited may have been cancelled
                self._passed.append(time.monotonic())
                place.set_result(None)

    def _tick(self) -> None:
        self._timer = None
        self._let_in()


class ChatLimiter(BaseRateLimiter[str]):
    """Waits per chat after a 429, spreads everything over the second and what goes to a group over the minute."""

    def __init__(self, metrics: Metrics, sightings: Sightings | None = None) -> None:
        self._metrics = metrics
        self._sightings = sightings
        self._not_before: dict[int | str, float] = {}
        self._all = Gate(PER_SECOND, 1.0)
        self._groups: dict[int | str, Gate] = {}
        self._stopping = asyncio.Event()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    def stop(self) -> None:
        """Nobody waits any more after a 429: such requests fail at once."""
        self._stopping.set()

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
                with _held_back():
                    await self._wait_for_chat(chat, droppable)
                    if endpoint.startswith(COUNTED) and endpoint not in FREE:
                        await self._wait_for_turn(chat, rate_limit_args)
            try:
                answer = await callback(*args, **kwargs)
            except RetryAfter as error:
                self._metrics.flood_waits.inc()
                seconds = seconds_of(error)
                log.info("told to slow down", endpoint=endpoint, seconds=seconds)
                self._hold(chat, seconds)
                if chat is None or droppable or attempt == MAX_RETRIES:
                    raise
            else:
                if self._sightings is not None:
                    self._sightings.note_answer(answer)
                return answer
        raise AssertionError("unreachable")

    def _hold(self, chat: int | str | None, seconds: float) -> None:
        if chat is not None:
            self._not_before[chat] = max(self._not_before.get(chat, 0.0), time.monotonic() + seconds + 0.1)

    async def _wait_for_chat(self, chat: int | str, droppable: bool) -> None:
        while (pause := self._not_before.get(chat, 0.0) - time.monotonic()) > 0:
            if droppable or self._stopping.is_set():
                raise RetryAfter(int(pause) + 1)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        self._not_before.pop(chat, None)

    async def _wait_for_turn(self, chat: int | str, kind: str | None) -> None:
        gates = [self._all]
        if str(chat).startswith("-"):
            gates.insert(0, self._gate_of(chat))
        if kind == DROPPABLE and not (self._all.room > KEPT_FREE and all(gate.open for gate in gates)):
            raise RetryAfter(1)
        while kind == BROADCAST and self._all.room <= SPARED:
            await asyncio.sleep(LOOK_EVERY)
        for gate in gates:
            await gate.enter(RANKS.get(kind, LAST))

    def _gate_of(self, group: int | str) -> Gate:
        if group not in self._groups and len(self._groups) >= GROUPS:
            self._groups = {name: gate for name, gate in self._groups.items() if not gate.idle}
        return self._groups.setdefault(group, Gate(PER_GROUP, GROUP_SECONDS))


@contextmanager
def counting_waits() -> Iterator[list[float]]:
    """Notes for how many seconds each message of this block was held back."""
    before = _held.set([])
    try:
        yield _held.get()
    finally:
        _held.reset(before)


@contextmanager
def _held_back() -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        _held.get([]).append(time.monotonic() - began)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()
