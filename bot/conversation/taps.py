"""Taps on inline buttons: the grid of presets and the buttons under results."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest
from telegram.ext import ConversationHandler

from bot.conversation.desk import Context, Desk, State, chat_of, person_of
from bot.conversation.privacy import Privacy
from bot.conversation.states import PHOTO, STYLE
from bot.jobs.queue import Job
from bot.keyboards import colour_buttons, preset_grid, result_buttons
from bot.orders import STRENGTHS, STROKES, Order, Style, step_from
from bot.store.deliveries import request_delivery
from bot.store.drafts import Chosen, last_photo, newest_draft, open_draft
from bot.taps import Act, NotATap, Tap
from stylize import Colours


class Taps:
    """Every tap is answered once; a stale or foreign one gets a sentence and changes nothing."""

    def __init__(self, desk: Desk, privacy: Privacy) -> None:
        self._desk = desk
        self._privacy = privacy

    async def tapped(self, update: Update, _: Context) -> State:
        """Finds out what the tap is about and checks that it still holds."""
        query = update.callback_query
        if query is None:
            raise ValueError("an update without a tap")
        try:
            tap = Tap.decode(query.data or "")
        except NotATap:
            return await self._refuse(query, "tap-stale")
        if tap.act.on_person:
            return await self._on_person(update, query, tap)
        if tap.act.on_job:
            return await self._on_job(update, query, tap)
        return await self._on_draft(update, query, tap)

    async def _on_person(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        if tap.id != person_of(update).id:
            return await self._refuse(query, "tap-foreign")
        await self._answer(query)  # first: deleting waits for a picture that is being sent
        if tap.act is Act.KEEP_ALL:
            return await self._privacy.keep_all(update, query)
        return await self._privacy.delete_all(update, query)

    async def _on_draft(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        async with self._desk.store.reading() as session:
            draft = await newest_draft(session, chat_of(update).id, person_of(update).id)
        if draft is None or draft.id != tap.id:
            return await self._refuse(query, "tap-stale")
        match tap.act:
            case Act.PAGE:
                await self._answer(query)
                page = int(tap.argument) if tap.argument.isdecimal() else 0
                await self._show(query, preset_grid(draft.id, page, self._desk.catalogue.shown))
                return None
            case Act.PRESET:
                return await self._preset(update, query, draft, tap.argument)
            case _:
                return await self._last_photo(update, query, draft)

    async def _preset(self, update: Update, query: CallbackQuery, draft: Chosen, name: str) -> State:
        preset = self._desk.catalogue.named(name) if self._desk.catalogue.offers(name) else None
        if preset is None:
            return await self._refuse(query, "tap-preset-gone")
        await self._answer(query)
        chat, person = chat_of(update), person_of(update)
        if draft.content is None:
            async with self._desk.store.writing() as session:
                await open_draft(session, chat.id, person.id, style=Style.preset(name))
            await self._desk.say(update, "preset-kept", title=preset.title)
            return PHOTO
        order = Order(chat.id, person.id, draft.content, Style.preset(name), reply_to=draft.message_id)
        return ConversationHandler.END if await self._desk.place(update, order) else None

    async def _last_photo(self, update: Update, query: CallbackQuery, draft: Chosen) -> State:
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.reading() as session:
            before = await last_photo(session, chat.id, person.id)
        if before is None or draft.style is None:
            return await self._refuse(query, "tap-stale")
        await self._answer(query)
        content, message_id = before
        order = Order(chat.id, person.id, content, draft.style, reply_to=message_id)
        return ConversationHandler.END if await self._desk.place(update, order) else None

    async def _on_job(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        job = await self._desk.queue.find(tap.id)
        if job is None or job.order.chat_id != chat_of(update).id:
            return await self._refuse(query, "tap-stale")
        if job.order.user_id != person_of(update).id:
            return await self._refuse(query, "tap-foreign")
        match tap.act:
            case Act.ANOTHER:
                return await self._another(update, query, job)
            case Act.STRONGER | Act.SOFTER:
                strength = step_from(STRENGTHS, job.order.strength, 1 if tap.act is Act.STRONGER else -1)
                end = "strongest" if tap.act is Act.STRONGER else "softest"
                await self._vary(update, query, replace(job.order, strength=strength) if strength else None, end)
            case Act.BROADER | Act.FINER:
                size = step_from(STROKES, job.order.stroke_size, 1 if tap.act is Act.BROADER else -1)
                end = "broadest" if tap.act is Act.BROADER else "finest"
                await self._vary(update, query, replace(job.order, stroke_size=size) if size else None, end)
            case Act.COLOURS if not tap.argument:
                await self._answer(query)
                await self._show(query, colour_buttons(job, self._desk.texts(query)))
            case Act.COLOURS:
                await self._colours(update, query, job, tap.argument)
            case Act.BACK:
                await self._answer(query)
                await self._show(query, self._result_buttons(query, job))
            case Act.FINEST:
                await self._finest(update, query, job)
            case Act.STOP:
                stopped = await self._desk.queue.cancel_job(job.id)
                await self._answer(query, "stopped" if stopped else "stopped-late")
            case Act.FILE:
                await self._file(update, query, job)
            case Act.RESEND:
                await self._answer(query, "file-coming")
                async with self._desk.store.writing() as session:
                    await request_delivery(session, job.id, job.order.as_file)
        return None

    async def _another(self, update: Update, query: CallbackQuery, job: Job) -> State:
        await self._answer(query)
        async with self._desk.store.writing() as session:
            draft = await open_draft(
                session, job.order.chat_id, job.order.user_id, content=job.order.content, message_id=job.order.reply_to
            )
        await self._desk.ask_for_style(update, draft, "choose-another")
        return STYLE

    async def _vary(self, update: Update, query: CallbackQuery, order: Order | None, end: str) -> None:
        """Paints a variation of a result; `end` is said where there is none any more."""
        await self._answer(query, None if order else end)
        if order:
            await self._desk.place(update, order)

    async def _colours(self, update: Update, query: CallbackQuery, job: Job, choice: str) -> None:
        """Paints with the colours chosen and brings the usual buttons back."""
        known = choice in list(Colours)
        order = None
        if known and choice != job.order.colours:
            finest = job.order.finest and choice != Colours.ONLY  # without strokes there is nothing to paint finely
            order = replace(job.order, colours=Colours(choice), finest=finest)
        await self._vary(update, query, order, "colours-worn" if known else "tap-stale")
        await self._show(query, self._result_buttons(query, job))

    async def _finest(self, update: Update, query: CallbackQuery, job: Job) -> None:
        """The same picture painted with more care; how long that takes, its status message says."""
        if job.order.colours == Colours.ONLY:
            await self._refuse(query, "tap-stale")
            return
        await self._answer(query)
        content, result = job.order.content, job.result
        if not content.width and result is not None:  # a file, whose size Telegram does not tell and we know by now
            content = replace(content, width=result.width, height=result.height)
        await self._desk.place(update, replace(job.order, content=content, finest=True))

    def _result_buttons(self, query: CallbackQuery, job: Job) -> InlineKeyboardMarkup:
        as_file = isinstance(query.message, Message) and query.message.document is not None
        return result_buttons(job, as_file, self._desk.texts(query))

    async def _show(self, query: CallbackQuery, keyboard: InlineKeyboardMarkup) -> None:
        with contextlib.suppress(BadRequest):  # the same buttons again, or a message too old to be edited
            await query.edit_message_reply_markup(keyboard)

    async def _file(self, update: Update, query: CallbackQuery, job: Job) -> None:
        """The stored result where it is in full size already, else painted anew."""
        result = job.result
        if result is None or max(result.width, result.height) < result.full_side or not self._desk.stored(result):
            await self._answer(query)
            await self._desk.place(update, replace(job.order, as_file=True))
            return
        async with self._desk.store.writing() as session:
            delivery, fresh = await request_delivery(session, job.id, as_file=True)
        await self._answer(query, "file-coming" if fresh or delivery.state != "sent" else "file-there")

    async def _refuse(self, query: CallbackQuery, key: str) -> State:
        await self._answer(query, key)
        return None

    async def _answer(self, query: CallbackQuery, key: str | None = None) -> None:
        with contextlib.suppress(BadRequest):  # too old to be answered, or handled once already
            await query.answer(self._desk.texts(query)(key) if key else None)
