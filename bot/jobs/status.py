"""Each job's progress in its chat: a draft for quick pictures, else a message that is gone once the result is there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputMediaPhoto
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.flood import CHORE, DROPPABLE
from bot.jobs.forecast import Forecast
from bot.jobs.previews import Preview, Previews
from bot.jobs.queue import Job, Waiting
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.tracing import Tracer
from bot.keyboards import resend_button, stop_button
from bot.loops import Loop
from bot.replies import reply_to
from bot.wording import Voices

EDIT_EVERY = 2.5  # seconds between two edits in one chat, which Telegram still allows
EDIT_GROUP_EVERY = 6.0  # in a group it counts 20 messages a minute, answers and results among them
LOOK_EVERY = 0.5  # seconds
TELL_AGAIN = 2.0  # seconds before a chat is told again what it could not be told
WRONG_KIND = ("no text in the message", "no caption in the message")  # it is a photo, or is none

log = structlog.get_logger(__name__)


class StatusBoard:
    """Shows every job's state in its chat, and tells how it ended.

    The status message of a job that has previews turns from a text into a photo with that text under it. held: whether
    nothing can be painted now.
    """

    def __init__(
        self,
        bot: Bot,
        queue: SqlQueue,
        voices: Voices,
        forecast: Forecast,
        previews: Previews,
        signs: Signs,
        tracer: Tracer,
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._bot = bot
        self._queue = queue
        self._voices = voices
        self._forecast = forecast
        self._previews = previews
        self._signs = signs
        self._tracer = tracer
        self._held = held
        self._shown: dict[int, tuple[str, int]] = {}  # by job: the text, and the number of the preview
        self._photos: set[int] = set()  # jobs whose message is known to be a photo
        self._edited: dict[int, float] = {}
        self._editing: dict[int, asyncio.Task[None]] = {}  # by chat
        self._telling: dict[int, asyncio.Task[None]] = {}  # by chat
        self._not_before: dict[int, float] = {}  # by chat, after a failure
        self._loop = Loop("status", self._look, LOOK_EVERY)
        self.start = self._loop.start

    async def stop(self) -> None:
        """Stops; the messages stay as they are and are picked up again at the next start."""
        await self._loop.stop()
        if under_way := [*self._editing.values(), *self._telling.values()]:
            await asyncio.wait(under_way, timeout=1.0)
        await self._signs.stop()

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._loop.alive

    async def _look(self) -> None:
        await self._show_waiting()
        await self._tell_all()
        await self._queue.recover(everything=False)

    async def _tell_all(self) -> None:
        """One job's end in each chat at a time, so that a chat that has to wait holds up no other."""
        moment = time.monotonic()
        self._not_before = {chat: until for chat, until in self._not_before.items() if moment < until}
        busy = set(self._telling)  # before the look: what ends during it may stand in its answer still
        for job in await self._queue.untold():
            chat = job.order.chat_id
            if chat not in busy and chat not in self._telling and chat not in self._not_before:
                self._telling[chat] = asyncio.create_task(self._tell(job), name=f"end-of-{job.id}")
                self._telling[chat].add_done_callback(partial(self._told, chat))

    def _told(self, chat: int, task: asyncio.Task[None]) -> None:
        self._telling.pop(chat)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._not_before[chat] = time.monotonic() + TELL_AGAIN
            log.warning("could not tell how a job ended; trying again", problem=type(error).__name__)

    async def _show_waiting(self) -> None:
        waiting = await self._queue.waiting()
        jobs = {each.job.id for each in waiting}
        self._shown = {job: what for job, what in self._shown.items() if job in jobs}
        self._photos &= jobs
        self._signs.forget_all_but(jobs)
        ready, followed = self._forecast.ready(waiting), _last_of_each_album(waiting)
        moment = time.monotonic()
        self._edited = {chat: until for chat, until in self._edited.items() if moment < until}
        for each in waiting:
            job = each.job
            if job.state == "painting":
                self._signs.paints(job.order)
            text = self._text_of(each, ready.get(job.id))
            if job.status_message_id is not None:
                self._show(job, text, moment)
            elif job.id in followed:
                self._signs.follow(job, text)

    def _text_of(self, each: Waiting, ready: float | None) -> str:
        voice = self._voices.of(each.job.order.language)
        if self._held():
            return voice.texts("status-held")
        expected = self._forecast.of(each.job.order) if each.job.order.finest else None
        return voice.status(each.job, each.place, expected, ready, resting=self._queue.resting)

    def _show(self, job: Job, text: str, moment: float) -> None:
        """Edits a status message that says something else, as often as Telegram lets a chat be edited."""
        preview = self._previews.of(job.id)
        what = (text, preview.number if preview else 0)
        if job.state != "painting" and not self._held():
            self._shown.setdefault(job.id, what)  # the handler has just sent it
        chat, shown = job.order.chat_id, self._shown.get(job.id, ("", 0))
        if what == shown or chat in self._edited or chat in self._editing:
            return
        self._shown[job.id] = what
        self._edited[chat] = moment + (EDIT_EVERY if job.order.private else EDIT_GROUP_EVERY)
        self._editing[chat] = asyncio.create_task(self._edit(job, text, preview if what[1] != shown[1] else None))
        self._editing[chat].add_done_callback(lambda _: self._editing.pop(chat))

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
        """Removes the status message, then says what a person must know of a job's end. May fail, to be done again."""
        voice = self._voices.of(job.order.language)
        await self._signs.end(job)
        try:
            await self._remove(job)
            if job.state == "failed" and job.error != "undeliverable":
                await self._say(job, voice.failure(job))
            elif job.state == "delivered" and job.error == "unknown" and await self._speaks_for_its_album(job):
                await self._say(job, voice.texts("delivery-unknown"), resend_button(job, voice.texts))
            elif job.state == "delivered" and job.error == "internal":  # before; now it was asked for again
                await self._say(job, voice.texts("again-refused"))
        except (Forbidden, BadRequest) as error:
            log.info("nobody there to be told", job=job.id, problem=type(error).__name__)
        except ChatMigrated as error:
            await self._queue.move_chat(job.order.chat_id, error.new_chat_id)
            return
        if job.error != "undeliverable":
            await self._signs.done(job.order)
        await self._queue.mark_told(job.id)

    async def _speaks_for_its_album(self, job: Job) -> bool:
        """An album is sent at once, so one question about it will do."""
        sent = [each for each in await self._queue.album(job) if each.result is not None]
        return not sent or sent[0].id == job.id

    async def _say(self, job: Job, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        await self._bot.send_message(
            job.order.chat_id,
            text,
            parse_mode=ParseMode.HTML,
            message_thread_id=job.order.thread,
            reply_parameters=reply_to(job.order),
            reply_markup=keyboard,
        )

    async def _remove(self, job: Job) -> None:
        chat, number = job.order.chat_id, job.status_message_id
        try:
            if job.status_since is not None:
                others = [each.job for each in await self._queue.waiting() if each.job.order.chat_id == chat]
                known = [other.status_message_id for other in others if other.status_message_id is not None]
                number = await self._tracer.find_text(
                    chat, job.status_since, self._voices.of(job.order.language).texts("status-next"), known
                )
                log.info("looked for a status message", job=job.id, found=number is not None)
            if number is not None:
                await self._bot.delete_message(chat, number, rate_limit_args=CHORE)  # type: ignore[call-arg]
        except (Forbidden, BadRequest) as error:
            log.info("no status message to remove", job=job.id, problem=type(error).__name__)


def _last_of_each_album(waiting: Sequence[Waiting]) -> set[int]:
    """The jobs whose progress is shown: of an album that of the last one, of others each."""
    jobs = sorted((each.job for each in waiting), key=lambda job: job.id)
    return set({(job.order.chat_id, job.order.album or str(job.id)): job.id for job in jobs}.values())
