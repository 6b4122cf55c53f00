"""Tells the operator how far the code of a new preset is."""

from __future__ import annotations

import contextlib

import structlog
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.catalogue import Catalogue
from bot.flood import DROPPABLE
from bot.store import Store
from bot.store.tuning import Tuning, mark_told, show_tuning, untold_tunings
from bot.texts import Texts

log = structlog.get_logger(__name__)


class Tidings:
    """One message that counts up, and a new one at the end."""

    def __init__(self, bot: Bot, store: Store, catalogue: Catalogue, texts: Texts) -> None:
        self._bot = bot
        self._store = store
        self._catalogue = catalogue
        self._texts = texts
        self._shown: dict[str, str] = {}

    async def tell(self) -> None:
        """Whatever is new."""
        async with self._store.reading() as session:
            untold = await untold_tunings(session)
        for each in untold:
            try:
                await self._tell(each)
            except (Forbidden, BadRequest):  # nobody there, or the message is gone
                if each.progress >= 1 or each.given_up:
                    await self._done(each)
            except TelegramError as error:
                log.info("the operator can't be told now", problem=type(error).__name__)

    async def _tell(self, tuning: Tuning) -> None:
        preset = self._catalogue.named(tuning.name)
        title = preset.title if preset else tuning.name
        if tuning.progress >= 1 or tuning.given_up:
            ready = tuning.progress >= 1
            text = self._texts("operator-preset-ready" if ready else "operator-preset-as-it-is", title=title)
            await self._bot.send_message(tuning.operator_id, text, parse_mode=ParseMode.HTML)
            await self._done(tuning)
            return
        text = self._texts("operator-preset-tuning", title=title, percent=round(tuning.progress * 100))
        if self._shown.get(tuning.name) == text:
            return
        self._shown[tuning.name] = text
        if tuning.message_id is None:
            message = await self._bot.send_message(tuning.operator_id, text, parse_mode=ParseMode.HTML)
            async with self._store.writing() as session:
                await show_tuning(session, tuning.name, message.message_id)
            return
        await self._bot.edit_message_text(
            text,
            chat_id=tuning.operator_id,
            message_id=tuning.message_id,
            parse_mode=ParseMode.HTML,
            rate_limit_args=DROPPABLE,  # type: ignore[call-arg]
        )

    async def _done(self, tuning: Tuning) -> None:
        self._shown.pop(tuning.name, None)
        async with self._store.writing() as session:
            await mark_told(session, tuning.name)
        if tuning.message_id is not None:
            with contextlib.suppress(TelegramError):
                await self._bot.delete_message(tuning.operator_id, tuning.message_id)
