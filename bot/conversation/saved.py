"""Saved styles: renaming and deleting them, and the end of keeping one for the next photos."""

from __future__ import annotations

import contextlib

from telegram import CallbackQuery, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ConversationHandler

from bot.conversation.desk import Context, Desk, State
from bot.conversation.states import NAME, STYLE
from bot.conversation.updates import chat_of, message_of, person_of
from bot.store.drafts import newest_draft, open_draft
from bot.store.styles import NAME_LENGTH, keep_for_photos, rename_style, saved_style
from bot.taps import Act, Tap
from bot.wording import shortened


class SavedStyles:
    """Handlers of taps that speak of a saved style, and of the words that name one."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def tapped(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        """Rename or delete: only the person's own, only what is still saved."""
        person = person_of(update)
        async with self._desk.store.reading() as session:
            saved = await saved_style(session, person.id, tap.id)
        if saved is None:
            await self._desk.answer(query, "tap-stale")
            return None
        if tap.act is Act.RENAME:
            await self._desk.answer(query)
            chat = chat_of(update)
            async with self._desk.store.writing() as session:
                before = await newest_draft(session, chat.id, person.id)
                await open_draft(
                    session,
                    chat.id,
                    person.id,
                    content=before.content if before else None,
                    more=before.more if before else (),
                    message_id=before.message_id if before else None,
                    style=saved.style,
                    naming=True,
                )
            await self._desk.say(update, "rename-ask", name=saved.name)
            return NAME
        async with self._desk.store.writing() as session:
            await rename_style(session, person.id, saved.id, "")
            draft = await newest_draft(session, chat_of(update).id, person.id)
        await self._desk.answer(query, "unsaved", name=saved.name)
        if draft is not None:
            shelf, voice = await self._desk.shelf(draft), self._desk.voice(update)
            await self._desk.show_buttons(query, shelf.own(voice) if shelf.saved else shelf.grid(0, voice))
        return None

    async def named(self, update: Update, _: Context) -> State:
        """Words while a style waits for its name; a photo that waited before waits again."""
        name = shortened(message_of(update).text or "", NAME_LENGTH)
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.writing() as session:
            draft = await newest_draft(session, chat.id, person.id)
            if draft is None or draft.style_id is None or not draft.naming:
                renamed, after = False, None
            else:
                renamed = await rename_style(session, person.id, draft.style_id, name)
                after = await open_draft(
                    session,
                    chat.id,
                    person.id,
                    content=draft.content,
                    more=draft.more,
                    message_id=draft.message_id,
                )
        text = self._desk.texts(update)("renamed", name=name) if renamed else self._desk.texts(update)("tap-stale")
        if after is not None and after.photos:
            await self._desk.ask_for_style(update, after, "choose-style", text)
            return STYLE
        await self._desk.tell(update, text)
        return ConversationHandler.END

    async def keep_no_more(self, update: Update, query: CallbackQuery) -> State:
        """The next photos are asked about again."""
        async with self._desk.store.writing() as session:
            await keep_for_photos(session, person_of(update).id, None, 0)
        with contextlib.suppress(BadRequest):
            await query.edit_message_text(self._desk.texts(update)("kept-no-more"), parse_mode=ParseMode.HTML)
        return None
