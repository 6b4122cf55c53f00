"""Taps in the grid of styles: a preset, a saved style, a random one, a mix of several."""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Sequence

from telegram import CallbackQuery, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ConversationHandler

from bot.conversation.desk import Desk, State
from bot.conversation.states import PHOTO
from bot.conversation.updates import chat_of, person_of
from bot.mixes import STEP, even, shifted
from bot.orders import MIXED, Style
from bot.store.drafts import Chosen, last_photo, open_draft, set_mix
from bot.store.styles import saved_style
from bot.taps import Act, Tap

MIX_STEP = re.compile(r"(\d{1,3})([gps+\-!x])(.*)")
"""A step of the mixer: the page that is shown, what to do, and with what."""


class Choosing:
    """Handlers of taps that speak of a draft; what is chosen is painted, or waits for its photo."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def tapped(self, update: Update, query: CallbackQuery, draft: Chosen, tap: Tap) -> State:
        """Does what the tap asks of the person's newest draft."""
        match tap.act:
            case Act.PAGE:
                return await self._page(update, query, draft, tap.argument)
            case Act.MINE:
                return await self._mine(update, query, draft)
            case Act.MIX:
                return await self._mix(update, query, draft, tap.argument)
            case Act.LAST_PHOTO:
                return await self._last_photo(update, query, draft)
            case Act.RANDOM:
                # The same tap handled again, after a crash, must choose the same.
                style: Style | None = Style.preset(random.Random(query.id).choice(self._desk.catalogue.shown).name)
            case Act.PRESET:
                style = self._preset(tap.argument)
            case _:
                style = await self._saved(update, tap.argument)
        if style is None:
            await self._desk.answer(query, "tap-preset-gone")
            return None
        await self._desk.answer(query)
        return await self._take(update, draft, style)

    def _preset(self, name: str) -> Style | None:
        return Style.preset(name) if self._desk.catalogue.offers(name) else None

    async def _saved(self, update: Update, number: str) -> Style | None:
        async with self._desk.store.reading() as session:
            saved = await saved_style(session, person_of(update).id, int(number) if number.isdecimal() else 0)
        return saved.style if saved is not None else None

    async def _take(self, update: Update, draft: Chosen, style: Style) -> State:
        """Paints the photos that wait in this style, or keeps the style for the next photo."""
        chat, person = chat_of(update), person_of(update)
        if draft.photos:
            placed = await self._desk.paint(update, draft.photos, style, draft.message_id)
            return ConversationHandler.END if placed else None
        async with self._desk.store.writing() as session:
            await open_draft(session, chat.id, person.id, style=style)
        await self._desk.say(update, "preset-kept", title=self._desk.voice(update).title(style))
        return PHOTO

    async def _page(self, update: Update, query: CallbackQuery, draft: Chosen, page: str) -> State:
        await self._desk.answer(query)
        shelf, voice = await self._desk.shelf(draft), self._desk.voice(update)
        await self._desk.show_buttons(query, shelf.grid(int(page) if page.isdecimal() else 0, voice))
        return None

    async def _mine(self, update: Update, query: CallbackQuery, draft: Chosen) -> State:
        await self._desk.answer(query)
        shelf = await self._desk.shelf(draft)
        await self._desk.show_buttons(query, shelf.own(self._desk.voice(update)))
        return None

    async def _last_photo(self, update: Update, query: CallbackQuery, draft: Chosen) -> State:
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.reading() as session:
            before = await last_photo(session, chat.id, person.id)
        if before is None or draft.style is None:
            await self._desk.answer(query, "tap-stale")
            return None
        await self._desk.answer(query)
        content, message_id = before
        placed = await self._desk.paint(update, [content], draft.style, message_id)
        return ConversationHandler.END if placed else None

    async def _mix(self, update: Update, query: CallbackQuery, draft: Chosen, step: str) -> State:
        """One step of putting a mix together: the draft's row has it, so it outlives restarts."""
        read = MIX_STEP.fullmatch(step)
        if read is None:
            await self._desk.answer(query, "tap-stale")
            return None
        page, what, argument = int(read[1]), read[2], read[3]
        if what == "!" and draft.mix:
            await self._desk.answer(query)
            return await self._take(update, draft, Style.mix(draft.mix) if len(draft.mix) > 1 else draft.mix[0][0])
        parts: Sequence[tuple[Style, int]] | None = draft.mix
        if what in "ps":
            style = self._preset(argument) if what == "p" else await self._saved(update, argument)
            parts = picked(draft.mix, style) if style is not None else None
        elif what in "+-" and argument.isdecimal() and int(argument) < len(draft.mix):
            shares = shifted([share for _, share in draft.mix], int(argument), STEP if what == "+" else -STEP)
            parts = [(style, share) for (style, _), share in zip(draft.mix, shares, strict=True)]
        if parts is None:
            await self._desk.answer(query, "mix-full", limit=MIXED)
            return None
        await self._desk.answer(query)
        async with self._desk.store.writing() as session:
            await set_mix(session, draft.id, parts)
        await self._show_mix(update, query, draft, page, None if what == "x" else parts)
        return None

    async def _show_mix(
        self, update: Update, query: CallbackQuery, draft: Chosen, page: int, parts: Sequence[tuple[Style, int]] | None
    ) -> None:
        """The mixer with what is picked so far, or the usual grid again where there are no parts at all."""
        voice, shelf = self._desk.voice(update), await self._desk.shelf(draft)
        if parts is None:
            text = self._desk.question(update, "choose-style" if draft.photos else "choose-preset-first")
            keyboard = shelf.grid(0, voice)
        else:
            text = voice.texts("mix-choose", limit=MIXED)
            if parts:
                text += "\n\n" + voice.mixture(parts)
            keyboard = shelf.mixer(page, parts, voice)
        with contextlib.suppress(BadRequest):  # nothing has changed, or the message is too old to be edited
            if query.message is not None and getattr(query.message, "photo", None):
                await query.edit_message_caption(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
            else:
                await query.edit_message_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)


def picked(parts: Sequence[tuple[Style, int]], style: Style) -> Sequence[tuple[Style, int]] | None:
    """The parts with this style, or without it where it was among them, in equal shares; None for one too many."""
    styles = [part for part, _ in parts if part.digest != style.digest]
    if len(styles) == len(parts):
        if style.parts or len(parts) >= MIXED:
            return None
        styles.append(style)
    return list(zip(styles, even(len(styles)), strict=True)) if styles else []
