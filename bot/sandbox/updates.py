"""The queue of updates: numbered, kept until confirmed, fetched by one poller at a time or pushed to a webhook."""

import asyncio
import contextlib
from collections.abc import Callable

from bot.sandbox.ledger import Ledger
from bot.sandbox.records import Counters, Update
from bot.sandbox.refusals import OTHER_GET_UPDATES, WEBHOOK_ACTIVE, conflict
from bot.sandbox.shapes import Json

MAX_LIMIT = 100
MAX_TIMEOUT = 50
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


def update_json(update: Update) -> Json:
    """Update."""
    return {"update_id": update.id, update.kind: update.body}


class Updates:
    """Pending updates, oldest first. confirmed(chat, message): called when the bot has taken in a message."""

    def __init__(self, ledger: Ledger, counters: Counters, confirmed: Callable[[int, int], None]) -> None:
        self._ledger = ledger
        self._counters = counters
        self._confirmed = confirmed
        self._pending = {update.id: update for update in ledger.all(Update)}
        self._poll: asyncio.Future[str] | None = None  # the long poll that waits; its result: why it ends
        self.added = asyncio.Event()  # for the webhook

    def add(self, kind: str, body: Json, chat: int, about: int | None = None) -> None:
        """Queues an update, unless the bot asked not to get its kind."""
        allowed = self._counters.allowed_updates
        if (allowed and kind not in allowed) or (not allowed and kind in NOT_BY_DEFAULT):
            return
        self._counters.update += 1
        update = Update(self._counters.update, kind, body, chat, about)
        self._pending[update.id] = update
        self._ledger.put(update.id, update)
        self._ledger.put("counters", self._counters)
        self.added.set()
        self._end_poll("")

    def pending(self) -> list[Update]:
        """What the bot has not confirmed yet."""
        return list(self._pending.values())

    def confirm(self, update: Update) -> None:
        """Forgets an update that the bot has taken in."""
        if self._pending.pop(update.id, None) is not None:
            self._ledger.drop(Update, update.id)
            if update.about is not None:
                self._confirmed(update.chat, update.about)

    def drop_all(self) -> None:
        """drop_pending_updates."""
        for update in self.pending():
            self.confirm(update)

    def allow(self, kinds: list[str]) -> None:
        """allowed_updates, from now on; empty: all but NOT_BY_DEFAULT."""
        self._counters.allowed_updates = kinds
        self._ledger.put("counters", self._counters)

    async def fetch(self, offset: int, limit: int, timeout: float) -> list[Update]:
        """getUpdates. A newer call ends an older one that still waits, with 409."""
        if self._counters.hook is not None:
            raise conflict(WEBHOOK_ACTIVE)
        self._end_poll(OTHER_GET_UPDATES)
        for update in self.pending() if offset >= 0 else self.pending()[:offset]:
            if update.id < offset or offset < 0:
                self.confirm(update)
        limit = min(limit, MAX_LIMIT) if limit > 0 else MAX_LIMIT
        if not self._pending and timeout > 0:
            await self._wait(min(timeout, MAX_TIMEOUT))
        return self.pending()[:limit]

    def end_poll_for_webhook(self) -> None:
        """A webhook was set while a poll waits."""
        self._end_poll("terminated by setWebhook request")

    def close(self) -> None:
        """Lets a waiting poll go, with what there is."""
        self._end_poll("")

    async def _wait(self, seconds: float) -> None:
        mine: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = mine
        try:
            with contextlib.suppress(TimeoutError):
                if reason := await asyncio.wait_for(mine, seconds):
                    raise conflict(reason)
        finally:
            if self._poll is mine:
                self._poll = None

    def _end_poll(self, reason: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)
