"""What every handler needs at hand, and the one place where an order becomes a job."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import ContextTypes

from bot.catalogue import Catalogue
from bot.conversation.own_pictures import Pictures
from bot.conversation.tongues import Tongues
from bot.conversation.updates import answering, chat_of, in_group, origin_of, person_of, thread_of
from bot.grids import Shelf
from bot.jobs.forecast import Forecast
from bot.jobs.limits import FINEST_COUNTS
from bot.jobs.queue import Enqueued, Painted, QueueFull, Waiting
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import retry_button, stop_button
from bot.orders import Media, Order, Style
from bot.replies import reply_to
from bot.request import nothing_sent
from bot.sightings import Sightings
from bot.store import Store
from bot.store.drafts import Chosen, newest_draft
from bot.store.models import FINAL_STATES
from bot.store.models import User as UserRow
from bot.store.preferences import preferences_of
from bot.store.styles import saved_styles
from bot.texts import Texts, language_for, plain
from bot.wording import Voices, Wording
from stylize import LONGEST_SENTENCE, Colours, Objection

Context = ContextTypes.DEFAULT_TYPE
State = str | int | None
"""A state's name, ConversationHandler.END, or None to stay."""


log = structlog.get_logger(__name__)


class Desk:
    """Store, queue and words, and the answers that several handlers share."""

    def __init__(
        self,
        store: Store,
        queue: SqlQueue,
        voices: Voices,
        catalogue: Catalogue,
        pictures: Pictures,
        results: Path,
        forecast: Forecast,
        signs: Signs,
        sightings: Sightings,
    ) -> None:
        self.store = store
        self.queue = queue
        self.voices = voices
        self.catalogue = catalogue
        self.tongues = Tongues()
        self.pictures = pictures
        self.signs = signs
        self._results = results
        self._forecast = forecast
        self._sightings = sightings

    def stored(self, result: Painted) -> bool:
        """Whether the file of a result is still kept."""
        return (self._results / result.file).is_file()

    def voice(self, of: Update | CallbackQuery) -> Wording:
        """The words for whoever is behind an update or a tap."""
        person = of.effective_user if isinstance(of, Update) else of.from_user
        return self.voices.of(self.tongues.of(person))

    def texts(self, of: Update | CallbackQuery) -> Texts:
        """The texts for whoever is behind an update or a tap."""
        return self.voice(of).texts

    async def say(
        self, update: Update, key: str, keyboard: InlineKeyboardMarkup | None = None, **values: str | int
    ) -> Message:
        """Answers in the update's chat."""
        return await self._send(update, self.texts(update)(key, **values), keyboard)

    async def tell(self, update: Update, said: str, key: str | None = None) -> None:
        """Answers with a text that was made already, and the one of this key after it."""
        await self._send(update, f"{said} {self.texts(update)(key)}" if key else said)

    def objection(self, update: Update, objection: Objection, sentence: str) -> str:
        """What speaks against painting by this sentence, and what to do instead."""
        return self.texts(update)(f"sentence-{objection}", length=len(sentence), limit=LONGEST_SENTENCE)

    async def show_picture(
        self,
        update: Update,
        path: Path,
        text: str,
        keyboard: InlineKeyboardMarkup | None = None,
        about: int | None = None,
    ) -> Message:
        """Sends one of the bot's own pictures with a text under it; only the text where there is no picture."""
        picture = self.pictures.ready(path)
        if picture is None:
            return await self._send(update, text, keyboard, about)
        message = await chat_of(update).send_photo(
            picture,
            caption=text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            message_thread_id=thread_of(update),
            reply_parameters=answering(update, about),
        )
        self.pictures.remember(path, message)
        return message

    async def _send(
        self, update: Update, text: str, keyboard: InlineKeyboardMarkup | None = None, about: int | None = None
    ) -> Message:
        return await chat_of(update).send_message(
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            message_thread_id=thread_of(update),
            reply_parameters=answering(update, about),
        )

    async def shelf(self, draft: Chosen) -> Shelf:
        """All styles that the person of this draft can choose from."""
        async with self.store.reading() as session:
            saved = await saved_styles(session, draft.user_id)
        return Shelf(draft.id, self.catalogue.shown, saved)

    async def ask_for_style(self, update: Update, draft: Chosen, key: str, said: str = "") -> None:
        """Shows all presets on one picture, with a button for each; `said` comes before the text of the key."""
        keyboard = (await self.shelf(draft)).grid(0, self.voice(update))
        text = f"{said} {self.question(update, key)}".strip()
        await self.show_picture(update, self.pictures.sheet, text, keyboard, draft.message_id)

    def question(self, update: Update, key: str) -> str:
        """The text of this key, which asks for a style; groups have one of their own."""
        return self.texts(update)("choose-in-group" if in_group(update) else key)

    async def answer(self, query: CallbackQuery, key: str | None = None, **values: str | int) -> None:
        """Answers a tap, in words that show for a moment where there is a key."""
        with contextlib.suppress(BadRequest):  # too old to be answered, or handled once already
            await query.answer(plain(self.texts(query)(key, **values)) if key else None)

    async def show_buttons(self, query: CallbackQuery, keyboard: InlineKeyboardMarkup) -> None:
        """Puts other buttons under the message that was tapped."""
        with contextlib.suppress(BadRequest):  # the same buttons again, or a message too old to be edited
            await query.edit_message_reply_markup(keyboard)

    async def paint(
        self, update: Update, photos: Sequence[Media], style: Style, reply_to: int | None, origin: str | None = None
    ) -> bool:
        """Places an order for these photos as the person likes their pictures; several come back as an album."""
        chat, person = chat_of(update), person_of(update)
        async with self.store.reading() as session:
            likes = await preferences_of(session, person.id)
        order = Order(
            chat.id,
            person.id,
            photos[0],
            style,
            strength=likes.strength,
            colours=likes.colours,
            finest=likes.finest and likes.colours != Colours.ONLY,
            size=likes.size,
            as_file=likes.as_file,
            reply_to=reply_to,
        )
        return await self.place(update, [replace(order, content=photo) for photo in photos], origin)

    async def place(self, update: Update, orders: Sequence[Order], origin: str | None = None) -> bool:
        """Makes the orders jobs and shows how far they are; False where they are refused for now (and says so, with a
        button that tries it again)."""
        origin = origin or origin_of(update)
        album = origin if len(orders) > 1 else ""
        language = self.tongues.of(update.effective_user)
        orders = [
            replace(
                order,
                as_file=order.as_file or order.content.sent_as_file,
                album=album,
                thread=order.thread or thread_of(update),
                language=language,
            )
            for order in orders
        ]
        try:
            enqueued = (await self.queue.enqueue_album(orders, origin))[-1]
        except QueueFull as full:
            await self._send(update, await self.refusal(update, full), retry_button(full.job_id, self.texts(update)))
            return False
        await self.welcome(update, orders[-1], enqueued)
        return True

    async def refusal(self, update: Update, full: QueueFull) -> str:
        """Why an order is refused, and when to try it again."""
        voice, refusal = self.voice(update), full.refusal
        match refusal.whose:
            case "user":
                return voice.texts("queue-full-user", limit=refusal.limit)
            case "day":
                duration = voice.duration(refusal.seconds)
                return voice.texts("queue-full-day", limit=refusal.limit, finest=FINEST_COUNTS, duration=duration)
        waiting = await self.queue.waiting()
        ready = self._forecast.ready(waiting)
        if not ready or len(ready) < len(waiting):
            return voice.texts("queue-full-total")
        return voice.texts("queue-full-total-for", duration=voice.duration(max(ready.values())))

    async def welcome(self, update: Update, order: Order, enqueued: Enqueued) -> None:
        """Shows how far the job of an order is, and marks its photo as received."""
        if enqueued.repeated:  # this update was handled before, to the point where the job was made
            await self._tidy(update, enqueued.job_id)
            return
        waiting = await self.queue.waiting()
        each = next((each for each in waiting if each.job.id == enqueued.job_id), None)
        if not enqueued.fresh:
            if each is not None:
                await self.say(update, "already-painting-finest" if order.finest else "already-painting")
            return
        place = each.place if each is not None else 0
        job_id, method = enqueued.job_id, order.method
        log.info("taken", job=job_id, who=order.user_id, place=place, method=method, style=order.style.kind)
        if each is not None:  # else it was quicker than we are
            await self._show_status(update, each, self._forecast.ready(waiting).get(job_id))
            await self.signs.received(each.job)

    async def _show_status(self, update: Update, each: Waiting, ready: float | None) -> None:
        job, order = each.job, each.job.order
        expected = self._forecast.of(order) if order.finest else None
        voice = self.voice(update)
        text = voice.status(job, each.place, expected, ready, resting=self.queue.resting)
        if await self.signs.show(job, text):
            return
        await self.queue.expect_status(job.id, self._sightings.newest(order.chat_id))
        try:
            message = await update.get_bot().send_message(
                order.chat_id,
                text,
                parse_mode=ParseMode.HTML,
                message_thread_id=order.thread,
                reply_parameters=reply_to(order),
                reply_markup=stop_button(job.id, order, voice.texts),
            )
        except TelegramError as error:
            log.info("no status message", job=job.id, problem=type(error).__name__)
            if not isinstance(error, NetworkError) or nothing_sent(error):
                await self.queue.attach_status(job.id, None)
            return  # the picture comes without it
        if await self.queue.attach_status(job.id, message.message_id) is None:
            await message.delete()  # the person was forgotten meanwhile
        await self._tidy(update, job.id)

    async def _tidy(self, update: Update, job_id: int) -> None:
        """Removes the status message of a job whose end was told before the message was known."""
        job = await self.queue.find(job_id)
        if job is None or job.status_message_id is None or job.state not in FINAL_STATES:
            return
        with contextlib.suppress(BadRequest):
            await chat_of(update).delete_message(job.status_message_id)
        await self.queue.attach_status(job_id, None)

    async def _language_of(self, user_id: int) -> str:
        """For somebody from whom there is no update at hand."""
        async with self.store.reading() as session:
            user = await session.get(UserRow, user_id)
        return language_for((user.chosen_language or user.language) if user is not None else None)

    async def ask_again(self, message: Message) -> None:
        """Makes a picture of ours the question for a style again, after it was taken for something else."""
        async with self.store.reading() as session:
            draft = await newest_draft(session, message.chat.id, message.chat.id)
        if draft is not None:
            voice = self.voices.of(await self._language_of(draft.user_id))
            keyboard = (await self.shelf(draft)).grid(0, voice)
            await message.edit_caption(voice.texts("choose-style"), parse_mode=ParseMode.HTML, reply_markup=keyboard)


Handlers = list[Any]  # the library's handlers are generic in types that we don't use
