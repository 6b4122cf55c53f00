"""The last net: what a handler did not expect becomes a short code for the person and a traceback in the log."""

from __future__ import annotations

import contextlib
import secrets
from typing import Protocol

import structlog
from telegram import Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.conversation.desk import Context, Desk
from bot.conversation.updates import in_group
from bot.metrics import Metrics
from bot.refusals import UNCHANGED
from bot.request import nothing_sent
from bot.store.insisting import PASSING
from bot.store.people import mark_blocked

HARMLESS = (
    UNCHANGED,
    "query is too old",
    "message to edit not found",
    "message to delete not found",
    "not enough rights to send",  # a group whose members may write, but not the bot
    "message thread not found",  # a topic that was deleted
    "topic_closed",
)

log = structlog.get_logger(__name__)


class Again(Protocol):
    """Asks for an update to be handled again; see `InOrder.again`."""

    def __call__(self, update: object, *, certain: bool) -> None:
        """certain: nothing of ours can have arrived."""


class ErrorDesk:
    """The application's error handler."""

    def __init__(self, desk: Desk, metrics: Metrics, again: Again) -> None:
        self._desk = desk
        self._metrics = metrics
        self._again = again

    async def handle(self, update: object, context: Context) -> None:
        """Sorts Telegram's refusals and what passes from faults of ours; the person hears of the latter."""
        error = context.error
        match error:
            case None | Conflict():
                log.warning("another program fetches this bot's updates")
                return
            case Forbidden():
                await self._note_blocked(update)
                return
            case ChatMigrated():
                await self._move(update, error.new_chat_id)
                return
            case BadRequest() if any(words in error.message.lower() for words in HARMLESS):
                return
            case RetryAfter():
                log.warning("Telegram wants no more answers now; trying again later")
                self._later(update, certain=True)
                return
            case NetworkError() if not isinstance(error, BadRequest):
                log.warning("the network failed; trying again", problem=type(error).__name__)
                self._later(update, certain=nothing_sent(error))
                return
            case _ if isinstance(error, PASSING):
                log.warning("the database failed; trying again", problem=type(error).__name__)
                self._later(update, certain=True)
                return
        code = secrets.token_hex(3).upper()
        self._metrics.errors.inc()
        log.error("a handler failed", code=code, exc_info=error)
        if isinstance(update, Update) and update.effective_chat is not None:
            with contextlib.suppress(TelegramError):
                await self._desk.say(update, "error-internal", code=code)

    async def _move(self, update: object, new_chat_id: int) -> None:
        if isinstance(update, Update) and update.effective_chat is not None:
            await self._desk.queue.move_chat(update.effective_chat.id, new_chat_id)

    def _later(self, update: object, *, certain: bool) -> None:
        if update is not None:  # else it failed to fetch updates, which goes on by itself
            self._again(update, certain=certain)

    async def _note_blocked(self, update: object) -> None:
        if isinstance(update, Update) and update.effective_user is not None and not in_group(update):
            async with self._desk.store.writing() as session:
                await mark_blocked(session, update.effective_user.id)
