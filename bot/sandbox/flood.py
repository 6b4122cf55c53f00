"""Telegram's flood control as far as known: 1 message a second per chat, 30 overall, 20 a minute per group.

Telegram publishes no exact numbers (core.telegram.org/bots/faq#my-bot-is-hitting-limits); bursts are let through.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.refusals import too_many_requests
from bot.sandbox.wire import Call

_FREE = frozenset({"sendchataction", "sendmessagedraft"})


@dataclass(frozen=True)
class Limits:
    """Messages per second and how many may come at once."""

    chat_rate: float = 1.0
    chat_burst: int = 4
    group_rate: float = 20 / 60
    group_burst: int = 20
    all_rate: float = 30.0
    all_burst: int = 30


@dataclass
class _Bucket:
    """Fills by `rate` per second up to `burst`; once empty it refuses until the wait it named is over."""

    rate: float
    burst: int
    level: float
    at: float
    shut_until: float = 0.0

    def wait(self, now: float, cost: int) -> int:
        """Seconds until `cost` messages are free, 0 if they are now."""
        if now < self.shut_until:
            return math.ceil(self.shut_until - now)
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        missing = min(cost, self.burst) - self.level
        if missing <= 1e-9:
            return 0
        seconds = math.ceil(missing / self.rate)
        self.shut_until = now + seconds
        return seconds


class Flood:
    """Counts messages and edits; off until switched on. clock: seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.limits: Limits | None = None
        self._buckets: dict[str, _Bucket] = {}

    def switch(self, limits: Limits | None) -> None:
        """On with these limits, or off."""
        self.limits = limits
        self._buckets.clear()

    def check(self, call: Call) -> None:
        """Raises 429 if this call comes too soon."""
        name = call.method.lower()
        if self.limits is None or name in _FREE or not name.startswith(("send", "edit", "copy", "forward")):
            return
        chat = call.text("chat_id")
        items = call.json("media", "media") if name == "sendmediagroup" else None
        cost = len(items) if isinstance(items, list) and items else 1
        limits, now = self.limits, self._clock()
        group = chat.startswith("-")
        rate, burst = (limits.group_rate, limits.group_burst) if group else (limits.chat_rate, limits.chat_burst)
        buckets = [self._bucket(chat, rate, burst, now), self._bucket("", limits.all_rate, limits.all_burst, now)]
        seconds = max(bucket.wait(now, cost) for bucket in buckets)
        if seconds:
            raise too_many_requests(seconds)
        for bucket in buckets:
            bucket.level -= cost

    def _bucket(self, name: str, rate: float, burst: int, now: float) -> _Bucket:
        return self._buckets.setdefault(name, _Bucket(rate, burst, burst, now))
