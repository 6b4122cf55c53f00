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
from bot.jobs.limits import FINEST_COUNTS
from bot.jobs.queue import Enqueued, Painted, QueueFull, Waiting
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import again_button, preset_grid, stop_button
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
        signs: Signs,
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
        """Makes the order a job and shows how far it is; False where it is refused for now (and says so, with a button
        that tries it again)."""
        order = replace(
            order,
            as_file=order.as_file or order.content.sent_as_file,
            language=self.tongues.of(update.effective_user),
        )
        try:
            enqueued = await self.queue.enqueue(order, origin or origin_of(update))
        except QueueFull as full:
            keyboard = again_button(full.job_id, self.texts(update))
            await chat_of(update).send_message(
                await self.refusal(update, full), parse_mode=ParseMode.HTML, reply_markup=keyboard
            )
            return False
        await self.welcome(update, order, enqueued)
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
        waiting = await self.queue.waiting()
        each = next((each for each in waiting if each.job.id == enqueued.job_id), None)
        if each is None:
            return  # it was quicker than we are
        if not enqueued.fresh and not enqueued.replayed:
            await self.say(update, "already-painting-finest" if order.finest else "already-painting")
        elif each.job.status_message_id is None:
            await self._show_status(update, each, self._forecast.ready(waiting).get(each.job.id))
            await self.signs.received(each.job)

    async def _show_status(self, update: Update, each: Waiting, ready: float | None) -> None:
        job, order = each.job, each.job.order
        expected = self._forecast.of(order) if order.finest else None
        voice = self.voice(update)
        text = voice.status(job, each.place, expected, ready)
        if await self.signs.show(job, text):
            return
        reply = None
        if order.reply_to is not None:
            reply = ReplyParameters(order.reply_to, allow_sending_without_reply=True)
        try:
            message = await chat_of(update).send_message(
                text,
                parse_mode=ParseMode.HTML,
                reply_parameters=reply,
                reply_markup=stop_button(job.id, order, voice.texts),
            )
        except TelegramError as error:
            log.info("no status message", job=job.id, problem=type(error).__name__)
            return  # the picture comes without it
        shown = await self.queue.attach_status(job.id, message.message_id)
        if shown is not None and shown.state in ("delivered", "failed", "cancelled"):
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
