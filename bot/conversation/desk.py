"""What every handler needs at hand, and the one place where an order becomes a job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from telegram import CallbackQuery, Chat, InlineKeyboardMarkup, InputFile, Message, ReplyParameters, Update, User
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.catalogue import Catalogue
from bot.conversation.tongues import Tongues
from bot.jobs.forecast import Forecast
from bot.jobs.queue import Painted, QueueFull
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import preset_grid, stop_button
from bot.orders import Order
from bot.store import Store
from bot.store.drafts import Chosen
from bot.texts import Texts
from bot.wording import Voices, Wording

Context = ContextTypes.DEFAULT_TYPE
State = str | int | None
"""A state's name, ConversationHandler.END, or None to stay."""

log = structlog.get_logger(__name__)


@dataclass
class Pictures:
    """The bot's own pictures; once sent, Telegram has them under a file_id."""

    sheet: Path
    greeting: Path

    def __post_init__(self) -> None:
        self._ids: dict[Path, str] = {}

    def ready(self, path: Path) -> str | InputFile | None:
        """What to send for this picture; None where it is missing."""
        if path in self._ids:
            return self._ids[path]
        return InputFile(path.read_bytes(), filename=path.name) if path.is_file() else None

    def remember(self, path: Path, message: Message) -> None:
        """Keeps the file_id of a picture that was sent."""
        if message.photo:
            self._ids[path] = message.photo[-1].file_id


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
    ) -> None:
        self.store = store
        self.queue = queue
        self.voices = voices
        self.catalogue = catalogue
        self.tongues = Tongues()
        self.pictures = pictures
        self._results = results
        self._forecast = forecast

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
        return await chat_of(update).send_message(
            self.texts(update)(key, **values), parse_mode=ParseMode.HTML, reply_markup=keyboard
        )

    async def tell(self, update: Update, said: str, key: str | None = None) -> None:
        """Answers with a text that was made already, and the one of this key after it."""
        text = f"{said} {self.texts(update)(key)}" if key else said
        await chat_of(update).send_message(text, parse_mode=ParseMode.HTML)

    async def show_picture(
        self, update: Update, path: Path, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> Message:
        """Sends one of the bot's own pictures with a text under it; only the text where there is no picture."""
        chat = chat_of(update)
        picture = self.pictures.ready(path)
        if picture is None:
            return await chat.send_message(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
        message = await chat.send_photo(picture, caption=text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
        self.pictures.remember(path, message)
        return message

    async def ask_for_style(self, update: Update, draft: Chosen, key: str, said: str = "") -> None:
        """Shows all presets on one picture, with a button for each; `said` comes before the text of the key."""
        keyboard = preset_grid(draft.id, 0, self.catalogue.shown)
        text = f"{said} {self.texts(update)(key)}".strip()
        await self.show_picture(update, self.pictures.sheet, text, keyboard)

    async def place(self, update: Update, order: Order, origin: str | None = None) -> bool:
        """Makes the order a job and shows its status message; False where the queue is full (and says so)."""
        order = replace(
            order,
            as_file=order.as_file or order.content.sent_as_file,
            language=self.tongues.of(update.effective_user),
        )
        try:
            enqueued = await self.queue.enqueue(order, origin or origin_of(update))
        except QueueFull as full:
            await self.say(update, f"queue-full-{full.whose}", limit=full.limit)
            return False
        if not enqueued.fresh:
            job = await self.queue.find(enqueued.job_id)
            if job is not None and job.state in ("queued", "leased", "painting") and job.status_message_id:
                await self.say(update, "already-painting-finest" if order.finest else "already-painting")
            return True
        await self._show_status(update, order, enqueued.job_id)
        return True

    async def _show_status(self, update: Update, order: Order, job_id: int) -> None:
        waiting = {each.job.id: each for each in await self.queue.waiting()}
        if job_id not in waiting:
            return  # it was quicker than we are
        expected = self._forecast.of(order) if order.finest else None
        voice = self.voice(update)
        text = voice.status(waiting[job_id].job, waiting[job_id].place, expected, resting=self.queue.resting)
        stop = stop_button(job_id, order, voice.texts)
        reply = None
        if order.reply_to is not None:
            reply = ReplyParameters(order.reply_to, allow_sending_without_reply=True)
        try:
            message = await chat_of(update).send_message(
                text, parse_mode=ParseMode.HTML, reply_parameters=reply, reply_markup=stop
            )
        except TelegramError as error:
            log.info("no status message", job=job_id, problem=type(error).__name__)
            return  # the picture comes without it
        job = await self.queue.attach_status(job_id, message.message_id)
        if job is not None and job.state in ("delivered", "failed", "cancelled"):
            await message.delete()  # the end was told before the message was known


def chat_of(update: Update) -> Chat:
    """The chat of an update that has one."""
    if update.effective_chat is None:
        raise ValueError("an update without a chat")
    return update.effective_chat


def person_of(update: Update) -> User:
    """The person behind an update that has one."""
    if update.effective_user is None:
        raise ValueError("an update without a person")
    return update.effective_user


def message_of(update: Update) -> Message:
    """The message of an update that has one."""
    if update.message is None:
        raise ValueError("an update without a message")
    return update.message


def origin_of(update: Update) -> str:
    """Names the update, so that handling it twice makes one job."""
    return f"update:{update.get_bot().id}:{update.update_id}"


Handlers = list[Any]  # the library's handlers are generic in types that we don't use
