"""Taps under results and status messages: variations, the file, another style, saving and keeping a style."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update

from bot.conversation.again import try_again
from bot.conversation.desk import Desk, State
from bot.conversation.states import STYLE
from bot.conversation.updates import person_of
from bot.jobs.queue import Job
from bot.keyboards import colour_buttons, keep_no_more_button, result_buttons
from bot.orders import STRENGTHS, STROKES, Order, StyleKind, step_from
from bot.store.deliveries import request_delivery, was_sent
from bot.store.drafts import open_draft
from bot.store.styles import NAME_LENGTH, TooManyStyles, keep_for_photos, save_style, saved_styles
from bot.taps import Act, Tap
from bot.wording import shortened
from stylize import Colours

KEPT_FOR = 10  # photos


class Results:
    """Handlers of taps that speak of a job. What is done with one picture of an album is done with all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def tapped(self, update: Update, query: CallbackQuery, job: Job, tap: Tap) -> State:
        """Does what the tap asks of a job of this person."""
        match tap.act:
            case Act.ANOTHER:
                return await self._another(update, query, job)
            case Act.STRONGER | Act.SOFTER:
                strength = step_from(STRENGTHS, job.order.strength, 1 if tap.act is Act.STRONGER else -1)
                end = "strongest" if tap.act is Act.STRONGER else "softest"
                change = (lambda order: replace(order, strength=strength)) if strength else None
                await self._vary(update, query, job, change, end)
            case Act.BROADER | Act.FINER:
                size = step_from(STROKES, job.order.stroke_size, 1 if tap.act is Act.BROADER else -1)
                end = "broadest" if tap.act is Act.BROADER else "finest"
                change = (lambda order: replace(order, stroke_size=size)) if size else None
                await self._vary(update, query, job, change, end)
            case Act.COLOURS if not tap.argument:
                await self._desk.answer(query)
                await self._desk.show_buttons(query, colour_buttons(job, self._desk.texts(query)))
            case Act.COLOURS:
                await self._colours(update, query, job, tap.argument)
            case Act.BACK:
                await self._desk.answer(query)
                await self._desk.show_buttons(query, self._buttons(query, job))
            case Act.FINEST:
                await self._finest(update, query, job)
            case Act.STOP:
                stopped = await self._desk.queue.cancel_job(job.id)
                await self._desk.answer(query, "stopped" if stopped else "stopped-late")
            case Act.FILE:
                await self._file(update, query, job)
            case Act.RESEND:
                await self._resend(query, job)
            case Act.RETRY:
                return await try_again(self._desk, update, query, job)
            case Act.AGAIN:
                await self._again(update, query, job)
            case Act.SAVE:
                await self._save(update, query, job)
            case Act.KEEP:
                await self._keep(update, query, job)
        return None

    async def _another(self, update: Update, query: CallbackQuery, job: Job) -> State:
        await self._desk.answer(query)
        first, *more = [each.order.content for each in await self._desk.queue.album(job)]
        order = job.order
        async with self._desk.store.writing() as session:
            draft = await open_draft(
                session, order.chat_id, order.user_id, content=first, more=more, message_id=order.reply_to
            )
        await self._desk.ask_for_style(update, draft, "choose-another")
        return STYLE

    async def _vary(
        self, update: Update, query: CallbackQuery, job: Job, change: Callable[[Order], Order] | None, end: str
    ) -> None:
        """Paints a variation of a result; `end` is said where there is none any more."""
        await self._desk.answer(query, None if change else end)
        if change:
            jobs = await self._desk.queue.album(job)
            await self._desk.place(update, [change(each.order) for each in jobs])

    async def _colours(self, update: Update, query: CallbackQuery, job: Job, choice: str) -> None:
        """Brings the usual buttons back and paints with the colours chosen."""
        known = choice in list(Colours)
        change = None
        if known and choice != job.order.colours:

            def change(order: Order) -> Order:
                finest = order.finest and choice != Colours.ONLY  # without strokes there is nothing to paint finely
                return replace(order, colours=Colours(choice), finest=finest)

        await self._desk.show_buttons(query, self._buttons(query, job))
        await self._vary(update, query, job, change, "colours-worn" if known else "tap-stale")

    async def _finest(self, update: Update, query: CallbackQuery, job: Job) -> None:
        """The same picture painted with more care; how long that takes, its status message says."""
        if job.order.colours == Colours.ONLY:
            await self._desk.answer(query, "tap-stale")
            return
        await self._desk.answer(query)
        jobs = await self._desk.queue.album(job)
        await self._desk.place(update, [_measured(each, replace(each.order, finest=True)) for each in jobs])

    async def _file(self, update: Update, query: CallbackQuery, job: Job) -> None:
        """The stored result where it is in full size already, else painted anew."""
        result = job.result
        if (
            job.order.album
            or result is None
            or max(result.width, result.height) < result.full_side
            or not self._desk.stored(result)
        ):
            await self._vary(update, query, job, lambda order: replace(order, as_file=True, size=0), "tap-stale")
            return
        async with self._desk.store.writing() as session:
            delivery, fresh = await request_delivery(session, job.id, as_file=True)
        await self._desk.answer(query, "file-coming" if fresh or delivery.state != "sent" else "file-there")

    async def _resend(self, query: CallbackQuery, job: Job) -> None:
        await self._desk.answer(query, "file-coming")
        jobs = await self._desk.queue.album(job)
        async with self._desk.store.writing() as session:
            for each in jobs:
                if each.result is not None:
                    await request_delivery(session, each.id, each.order.as_file)

    async def _again(self, update: Update, query: CallbackQuery, job: Job) -> None:
        """The result once more: from Telegram or our disk where one of them has it, else painted anew."""
        stored = job.result is not None and self._desk.stored(job.result)
        async with self._desk.store.writing() as session:
            known = stored or await was_sent(session, job.id, job.order.as_file)
            if known:
                await request_delivery(session, job.id, job.order.as_file, again=True)
        await self._desk.answer(query, "again-coming" if known else "again-painting")
        if not known:
            await self._desk.place(update, [job.order])

    async def _save(self, update: Update, query: CallbackQuery, job: Job) -> None:
        person, voice, style = person_of(update), self._desk.voice(update), job.order.style
        async with self._desk.store.writing() as session:
            name = shortened(voice.title(style), NAME_LENGTH)
            if style.kind is StyleKind.PICTURE:
                name = f"{name} {len(await saved_styles(session, person.id)) + 1}"
            try:
                saved = await save_style(session, person.id, style, name)
            except TooManyStyles:
                saved = None
        if saved is None:
            await self._desk.answer(query, "saved-too-many")
        else:
            await self._desk.answer(query, "saved", name=saved.name)

    async def _keep(self, update: Update, query: CallbackQuery, job: Job) -> None:
        await self._desk.answer(query)
        person = person_of(update)
        async with self._desk.store.writing() as session:
            await keep_for_photos(session, person.id, job.order.style, KEPT_FOR)
        voice = self._desk.voice(update)
        button = keep_no_more_button(person.id, voice.texts)
        await self._desk.say(update, "kept", button, count=KEPT_FOR, title=voice.title(job.order.style))

    def _buttons(self, query: CallbackQuery, job: Job) -> InlineKeyboardMarkup:
        as_file = isinstance(query.message, Message) and query.message.document is not None
        return result_buttons(job, as_file, self._desk.texts(query))


def _measured(job: Job, order: Order) -> Order:
    """A file's size Telegram does not tell; by now we know it, and an estimate needs it."""
    if order.content.width or job.result is None:
        return order
    return replace(order, content=replace(order.content, width=job.result.width, height=job.result.height))
