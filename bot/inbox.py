"""Updates are stored before Telegram is told that they arrived, and handled in order per chat.

The library confirms an update once its queue took it, before any handler ran: polling asks for the next number after
`put` returned, the webhook answers 200 then. So `Inbox.put` stores first, and what was not handled runs again at the
next start. Handlers are therefore written so that running twice does no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bind_contextvars
from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from bot.flood import counting_waits
from bot.metrics import Metrics
from bot.sightings import Sightings
from bot.store import Store
from bot.store.insisting import insist
from bot.store.updates import count_try, mark_done, store_update, undone_updates

MAX_TRIES = 10  # an update during whose handling the bot died so often is put aside
SIDE_BY_SIDE = 256  # chats that are handled at the same time
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before a handling that failed is done again
MAX_UNCERTAIN = 5  # handlings of one update in which an answer of ours may have arrived without our knowing

log = structlog.get_logger(__name__)


class Inbox(asyncio.Queue[object]):
    """The update queue of the application. Updates of our own making carry the number 0 and are not stored."""

    def __init__(self, store: Store, bot_id: int, metrics: Metrics) -> None:
        super().__init__()
        self._store = store
        self._bot_id = bot_id
        self._metrics = metrics
        self._replayed: set[int] = set()

    async def put(self, item: object) -> None:
        """Stores an update, then queues it; one that was received before is dropped.

        Never fails: while the database can't be written it waits, and Telegram keeps the rest.
        """
        if isinstance(item, Update) and item.update_id:
            self._metrics.updates.inc()
            if not await self._keep(item):
                return
        await super().put(item)

    async def replay(self, bot: Bot) -> int:
        """Queues what an earlier run received and did not finish; answers how many."""
        async with self._store.reading() as session:
            stored = await undone_updates(session, self._bot_id)
        for each in stored:
            if each.tries >= MAX_TRIES:
                log.error("an update could not be handled and is put aside", update=each.update_id, tries=each.tries)
                await self.done(each.update_id)
                continue
            self._replayed.add(each.update_id)
            await super().put(Update.de_json(json.loads(each.body), bot))
        return len(stored)

    async def begin(self, update_id: int) -> None:
        """Handling starts. One that an earlier run did not finish is counted, since it may be what ended that run."""
        if update_id in self._replayed:
            self._replayed.discard(update_id)

            async def count() -> None:
                async with self._store.writing() as session:
                    await count_try(session, self._bot_id, update_id)

            await insist(count, "a try")

    async def done(self, update_id: int, also: Callable[[AsyncSession], Awaitable[None]] | None = None) -> None:
        """The update was handled. also: what is stored in the same transaction; number 0 is of our own making."""

        async def store() -> None:
            async with self._store.writing() as session:
                if also is not None:
                    await also(session)
                if update_id:
                    await mark_done(session, self._bot_id, update_id)

        await insist(store, "a handled update")

    async def _keep(self, update: Update) -> bool:
        async def store() -> bool:
            async with self._store.writing() as session:
                return await store_update(session, self._bot_id, update.update_id, update.to_json())

        return await insist(store, "an update")


class InOrder(BaseUpdateProcessor):
    """One chat's updates one after the other, different chats side by side.

    A handling that failed for a reason that passes is done again, while its chat waits; handlers are written for that.
    handle: what handles an update again. collect: called after a handling. write: stores what was collected of a chat,
    in the transaction which stores that the update is done.
    """

    def __init__(self, inbox: Inbox, metrics: Metrics, sightings: Sightings | None = None) -> None:
        super().__init__(1_000_000)  # those that wait for their chat's turn must not take the others' places
        self._inbox = inbox
        self._metrics = metrics
        self._sightings = sightings
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self._turns: dict[int, tuple[asyncio.Lock, int]] = {}
        self._failed: dict[int, bool] = {}  # by update object: whether it is certain that nothing was sent
        self._stopping = asyncio.Event()
        self.handle: Callable[[object], Awaitable[None]] | None = None
        self.collect: Callable[[], Awaitable[None]] | None = None
        self.write: Callable[[AsyncSession, int], Awaitable[None]] | None = None

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    def stop(self) -> None:
        """From now on nothing is done again; the next start does."""
        self._stopping.set()

    def again(self, update: object, *, certain: bool) -> None:
        """The handling of this update failed and is to be done again. certain: nothing of ours can have arrived."""
        self._failed[id(update)] = certain

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Waits for the chat's turn, handles, stores that the update is done and where the conversation stands."""
        key = _chat_of(update)
        lock, users = self._turns.get(key, (asyncio.Lock(), 0))
        self._turns[key] = (lock, users + 1)
        bind_contextvars(update=update.update_id if isinstance(update, Update) else 0, who=key)  # each has its own task
        arrived = time.perf_counter()
        try:
            async with lock:
                waited = time.perf_counter() - arrived
                self._metrics.turn_seconds.observe(waited)
                if not await self._handled(update, coroutine, waited):
                    return
                if self.collect is not None:
                    await self.collect()
                number, write = update.update_id if isinstance(update, Update) else 0, self.write
                await self._inbox.done(number, None if write is None else lambda session: write(session, key))
        finally:
            lock, users = self._turns.pop(key)
            if users > 1:
                self._turns[key] = (lock, users - 1)

    async def _handled(self, update: object, coroutine: Awaitable[Any], waited: float) -> bool:
        """False where the bot stops before it could be handled."""
        if isinstance(update, Update):
            await self._inbox.begin(update.update_id)
            if self._sightings is not None and update.effective_message is not None:
                self._sightings.note(_chat_of(update), update.effective_message.message_id)
        failures, uncertain = 0, 0
        while True:
            async with self._slots:
                started = time.perf_counter()
                with counting_waits() as waits:
                    await coroutine
                held = sum(waits)
                seconds = time.perf_counter() - started - held
                self._metrics.handling_seconds.observe(seconds)
                self._metrics.held_seconds.observe(held)
                log.debug("handled", seconds=round(seconds, 4), waited=round(waited, 4), held=round(held, 4))
            certain = self._failed.pop(id(update), None)
            if certain is None or self.handle is None:
                return True
            uncertain += not certain
            if uncertain >= MAX_UNCERTAIN:
                log.error("an answer could not be sent", tries=failures + 1)
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PAUSES[min(failures, len(PAUSES) - 1)])
            if self._stopping.is_set():
                return False
            failures += 1
            coroutine = self.handle(update)


def _chat_of(update: object) -> int:
    if not isinstance(update, Update):
        return 0
    if update.effective_chat is not None:
        return update.effective_chat.id
    return update.effective_user.id if update.effective_user is not None else 0
