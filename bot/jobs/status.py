"""One status message per job: queue place, progress and previews while it lasts, gone once the result is there."""

from __future__ import annotations

import asyncio
import contextlib
import time

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputMediaPhoto, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.flood import DROPPABLE
from bot.jobs.forecast import Forecast
from bot.jobs.previews import Preview, Previews
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import resend_button, stop_button
from bot.loops import Loop
from bot.metrics import Metrics
from bot.wording import Voices

EDIT_EVERY = 2.5  # seconds between two edits in one chat, which Telegram still allows
LOOK_EVERY = 0.5  # seconds
WRONG_KIND = ("no text in the message", "no caption in the message")  # it is a photo, or is none

log = structlog.get_logger(__name__)


class StatusBoard:
    """Shows every job's state in its chat, and tells how it ended.

    The status message of a job that has previews turns from a text into a photo with that text under it.
    """

    def __init__(
        self, bot: Bot, queue: SqlQueue, voices: Voices, metrics: Metrics, forecast: Forecast, previews: Previews
    ) -> None:
        self._bot = bot
        self._queue = queue
        self._voices = voices
        self._metrics = metrics
        self._forecast = forecast
        self._previews = previews
        self._shown: dict[int, tuple[str, int]] = {}  # by job: the text, and the number of the preview
        self._photos: set[int] = set()  # jobs whose message is known to be a photo
        self._edited: dict[int, float] = {}
        self._editing: dict[int, asyncio.Task[None]] = {}  # by chat
        self._loop = Loop("status", self._look, LOOK_EVERY)
        self.start = self._loop.start

    async def stop(self) -> None:
        """Stops; the messages stay as they are and are picked up again at the next start."""
        await self._loop.stop()
        if self._editing:
            await asyncio.wait(self._editing.values(), timeout=1.0)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._loop.alive

    async def _look(self) -> None:
        await self._show_waiting()
        for job in await self._queue.untold():
            await self._tell(job)
        await self._queue.recover(everything=False)

    async def _show_waiting(self) -> None:
        waiting = await self._queue.waiting()
        self._metrics.waiting.set(len(waiting))
        jobs = {each.job.id for each in waiting}
        self._shown = {job: what for job, what in self._shown.items() if job in jobs}
        self._photos &= jobs
        moment = time.monotonic()
        self._edited = {chat: at for chat, at in self._edited.items() if moment < at + EDIT_EVERY}
        for each in waiting:
            job = each.job
            if job.status_message_id is None:
                continue
            expected = self._forecast.of(job.order) if job.order.finest else None
            text = self._voices.of(job.order.language).status(job, each.place, expected, resting=self._queue.resting)
            preview = self._previews.of(job.id)
            what = (text, preview.number if preview else 0)
            if job.state != "painting":
                self._shown.setdefault(job.id, what)  # the handler has just sent it
            chat = job.order.chat_id
            if what != self._shown.get(job.id) and chat not in self._edited and chat not in self._editing:
                fresh = preview if what[1] != self._shown.get(job.id, ("", 0))[1] else None
                self._shown[job.id] = what
                self._edited[chat] = moment
                self._editing[chat] = asyncio.create_task(self._edit(job, text, fresh))
                self._editing[chat].add_done_callback(lambda _, chat=chat: self._editing.pop(chat))  # type: ignore[misc]

    async def _edit(self, job: Job, text: str, preview: Preview | None) -> None:
        """Shows the text, with a preview where there is a new one; both may be lost, since others follow."""
        ways = [self._edit_text, self._edit_caption]
        with contextlib.suppress(TelegramError, FileNotFoundError):
            if preview is not None:
                await self._edit_media(job, text, preview)
                self._photos.add(job.id)
                return
            # After a restart nobody knows what the message is.
            for way in reversed(ways) if job.id in self._photos else ways:
                try:
                    await way(job, text)
                except BadRequest as error:
                    if not any(words in error.message.lower() for words in WRONG_KIND):
                        raise
                else:
                    if way == self._edit_caption:
                        self._photos.add(job.id)
                    return

    async def _edit_text(self, job: Job, text: str) -> None:
        await self._bot.edit_message_text(
            text,
            chat_id=job.order.chat_id,
            message_id=job.status_message_id,
            parse_mode=ParseMode.HTML,
            reply_markup=stop_button(job.id, job.order, self._voices.of(job.order.language).texts),
            rate_limit_args=DROPPABLE,  # type: ignore[call-arg]
        )

    async def _edit_caption(self, job: Job, text: str) -> None:
        await self._bot.edit_message_caption(
            job.order.chat_id,
            job.status_message_id,
            caption=text,
            parse_mode=ParseMode.HTML,
            reply_markup=stop_button(job.id, job.order, self._voices.of(job.order.language).texts),
            rate_limit_args=DROPPABLE,  # type: ignore[call-arg]
        )

    async def _edit_media(self, job: Job, text: str, preview: Preview) -> None:
        await self._bot.edit_message_media(
            InputMediaPhoto(preview.path.read_bytes(), caption=text, parse_mode=ParseMode.HTML),
            chat_id=job.order.chat_id,
            message_id=job.status_message_id,
            reply_markup=stop_button(job.id, job.order, self._voices.of(job.order.language).texts),
            rate_limit_args=DROPPABLE,  # type: ignore[call-arg]
        )

    async def _tell(self, job: Job) -> None:
        """Says what a person must know of a job's end, then removes the status message."""
        voice = self._voices.of(job.order.language)
        try:
            if job.state == "failed" and job.error != "undeliverable":
                await self._say(job, voice.failure(job))
            elif job.state == "delivered" and job.error == "unknown":
                await self._say(job, voice.texts("delivery-unknown"), resend_button(job, voice.texts))
        except (Forbidden, BadRequest) as error:
            log.info("nobody there to be told", job=job.id, problem=type(error).__name__)
        except TelegramError as error:
            log.warning("could not tell how a job ended; trying again", job=job.id, problem=type(error).__name__)
            return
        await self._remove(job)
        await self._queue.mark_told(job.id)

    async def _say(self, job: Job, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        reply = None
        if job.order.reply_to is not None:
            reply = ReplyParameters(job.order.reply_to, allow_sending_without_reply=True)
        await self._bot.send_message(
            job.order.chat_id,
            text,
            parse_mode=ParseMode.HTML,
            reply_parameters=reply,
            reply_markup=keyboard,
        )

    async def _remove(self, job: Job) -> None:
        if job.status_message_id is not None:
            with contextlib.suppress(TelegramError):
                await self._bot.delete_message(job.order.chat_id, job.status_message_id)
