"""Updates are stored before Telegram is told that they arrived, and handled in order per chat.

The library confirms an update once its queue took it, before any handler ran: polling asks for the next number after
`put` returned, the webhook answers 200 then. So `Inbox.put` stores first, and what was not handled runs again at the
next start. Handlers are therefore written so that running twice does no harm.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bind_contextvars
from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from bot.flood import counting_waits
from bot.metrics import Metrics
from bot.store import Store
from bot.store.updates import count_try, mark_done, store_update, undone_updates

MAX_TRIES = 3  # an update that kills the bot so often is put aside
SIDE_BY_SIDE = 256  # chats that are handled at the same time

log = structlog.get_logger(__name__)


class Inbox(asyncio.Queue[object]):
    """The update queue of the application. Updates of our own making carry the number 0 and are not stored."""

    def __init__(self, store: Store, bot_id: int, metrics: Metrics) -> None:
        super().__init__()
        self._store = store
        self._bot_id = bot_id
        self._metrics = metrics

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
            async with self._store.writing() as session:
                await count_try(session, self._bot_id, each.update_id)
            await super().put(Update.de_json(json.loads(each.body), bot))
        return len(stored)

    async def done(self, update_id: int) -> None:
        """The update was handled."""
        async with self._store.writing() as session:
            await mark_done(session, self._bot_id, update_id)

    async def _keep(self, update: Update) -> bool:
        while True:
            try:
                async with self._store.writing() as session:
                    return await store_update(session, self._bot_id, update.update_id, update.to_json())
            except SQLAlchemyError:
                log.exception("an update can't be stored; trying again", update=update.update_id)
                await asyncio.sleep(1.0)


class InOrder(BaseUpdateProcessor):
    """One chat's updates one after the other, different chats side by side."""

    def __init__(self, inbox: Inbox, metrics: Metrics) -> None:
        super().__init__(1_000_000)  # those that wait for their chat's turn must not take the others' places
        self._inbox = inbox
        self._metrics = metrics
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self._turns: dict[int, tuple[asyncio.Lock, int]] = {}
        self.write_through: Callable[[], Awaitable[None]] | None = None

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Waits for the chat's turn, handles, stores the conversation's state, marks the update done."""
        key = _chat_of(update)
        lock, users = self._turns.get(key, (asyncio.Lock(), 0))
        self._turns[key] = (lock, users + 1)
        bind_contextvars(update=update.update_id if isinstance(update, Update) else 0, who=key)  # each has its own task
        arrived = time.perf_counter()
        try:
            async with lock, self._slots:
                started = time.perf_counter()
                self._metrics.turn_seconds.observe(started - arrived)
                with counting_waits() as waits:
                    await self._handle(update, coroutine)
                held = sum(waits)
                seconds = time.perf_counter() - started - held
                self._metrics.handling_seconds.observe(seconds)
                self._metrics.held_seconds.observe(held)
                log.debug("handled", seconds=round(seconds, 4), waited=round(started - arrived, 4), held=round(held, 4))
        finally:
            lock, users = self._turns.pop(key)
            if users > 1:
                self._turns[key] = (lock, users - 1)

    async def _handle(self, update: object, coroutine: Awaitable[Any]) -> None:
        await coroutine
        if self.write_through is not None:
            await self.write_through()
        if isinstance(update, Update) and update.update_id:
            await self._inbox.done(update.update_id)


def _chat_of(update: object) -> int:
    if not isinstance(update, Update):
        return 0
    if update.effective_chat is not None:
        return update.effective_chat.id
    return update.effective_user.id if update.effective_user is not None else 0
