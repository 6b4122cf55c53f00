"""/privacy, /export and /delete_me: what is kept of a person, to see it and to be rid of it."""

from __future__ import annotations

import asyncio
import json

from telegram import CallbackQuery, InputFile, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ConversationHandler

from bot.conversation.desk import Context, Desk, State
from bot.conversation.updates import chat_of, person_of
from bot.jobs.courier import UPLOAD_SECONDS
from bot.jobs.eraser import Eraser
from bot.keyboards import delete_buttons
from bot.refusals import UNCHANGED
from bot.store.exporting import all_about
from bot.store.models import now


class Privacy:
    """Says what is kept, and deletes it once the person has said so twice."""

    def __init__(self, desk: Desk, eraser: Eraser, retention_hours: float) -> None:
        self._desk = desk
        self._eraser = eraser
        self._hours = f"{retention_hours:g}"

    async def privacy(self, update: Update, _: Context) -> State:
        """What is kept, for how long, and who sees it."""
        await self._desk.say(update, "privacy", hours=self._hours)
        return None

    async def export(self, update: Update, _: Context) -> State:
        """All that the database has about the person, as one file."""
        async with self._desk.store.reading() as session:
            about = await all_about(session, person_of(update).id)
        if about is None:
            await self._desk.say(update, "export-nothing")
            return None
        document = await asyncio.to_thread(json.dumps, about, ensure_ascii=False, indent=1)
        await chat_of(update).send_document(
            InputFile(document.encode(), filename=f"my-data-in-atelier-{now():%Y-%m-%d}.json"),
            caption=self._desk.texts(update)("export"),
            parse_mode=ParseMode.HTML,
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
        )
        return None

    async def delete_me(self, update: Update, _: Context) -> State:
        """Asks once; the answer is a tap."""
        await self._desk.say(update, "delete-ask", delete_buttons(person_of(update).id, self._desk.texts(update)))
        return None

    async def delete_all(self, update: Update, query: CallbackQuery) -> State:
        """Yes: everything goes. Tapped again, it says the same."""
        await self._eraser.erase(person_of(update).id, update.update_id)
        await self._settle(update, query, "deleted")
        return ConversationHandler.END

    async def keep_all(self, update: Update, query: CallbackQuery) -> State:
        """No: nothing changes."""
        await self._settle(update, query, "delete-kept")
        return None

    async def _settle(self, update: Update, query: CallbackQuery, key: str) -> None:
        """Puts the answer in the question's place, which takes the buttons away."""
        try:
            await query.edit_message_text(self._desk.texts(update)(key), parse_mode=ParseMode.HTML)
        except BadRequest as error:
            if UNCHANGED not in error.message.lower():  # the question is gone, or too old
                await self._desk.say(update, key)
