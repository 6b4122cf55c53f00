"""One status message per job: queue place and progress while it lasts, gone once the result is there."""

from __future__ import annotations

import asyncio
import contextlib
import time

import structlog
from telegram import Bot, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.flood import DROPPABLE
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import resend_button
from bot.loops import Loop
from bot.metrics import Metrics
from bot.wording import Wording

EDIT_EVERY = 2.5  # seconds between two edits in one chat, which Telegram still allows
LOOK_EVERY = 0.5  # seconds

log = structlog.get_logger(__name__)


class StatusBoard:
    """Shows every job's state in its chat, and tells how it ended."""

    def __init__(self, bot: Bot, queue: SqlQueue, wording: Wording, metrics: Metrics) -> None:
        self._bot = bot
        self._queue = queue
        self._wording = wording
        self._metrics = metrics
        self._shown: dict[int, str] = {}
        self._edited: dict[int, float] = {}
        self._editing: set[asyncio.Task[None]] = set()
        self._loop = Loop("status", self._look, LOOK_EVERY)
        self.start = self._loop.start

    async def stop(self) -> None:
        """Stops; the messages stay as they are and are picked up again at the next start."""
        await self._loop.stop()
        if self._editing:
            await asyncio.wait(self._editing, timeout=1.0)

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
        self._shown = {job: text for job, text in self._shown.items() if job in jobs}
        moment = time.monotonic()
        self._edited = {chat: at for chat, at in self._edited.items() if moment < at + EDIT_EVERY}
        for each in waiting:
            job = each.job
            if job.status_message_id is None:
                continue
            text = self._wording.status(job, each.place)
            if job.state != "painting":
                self._shown.setdefault(job.id, text)  # the handler has just sent it
            shown = self._shown.get(job.id)
            if text != shown and job.order.chat_id not in self._edited:
                self._shown[job.id] = text
                self._edited[job.order.chat_id] = moment
                task = asyncio.create_task(self._edit(job, text))
                self._editing.add(task)
                task.add_done_callback(self._editing.discard)

    async def _edit(self, job: Job, text: str) -> None:
        with contextlib.suppress(TelegramError):  # progress may be lost
            await self._bot.edit_message_text(
                text,
                chat_id=job.order.chat_id,
                message_id=job.status_message_id,
                parse_mode=ParseMode.HTML,
                rate_limit_args=DROPPABLE,  # type: ignore[call-arg]
            )

    async def _tell(self, job: Job) -> None:
        """Says what a person must know of a job's end, then removes the status message."""
        try:
            if job.state == "failed" and job.error != "undeliverable":
                await self._say(job, self._wording.failure(job))
            elif job.state == "delivered" and job.error == "unknown":
                await self._say(job, self._wording.texts("delivery-unknown"), resend=True)
        except (Forbidden, BadRequest) as error:
            log.info("nobody there to be told", job=job.id, problem=type(error).__name__)
        except TelegramError as error:
            log.warning("could not tell how a job ended; trying again", job=job.id, problem=type(error).__name__)
            return
        await self._remove(job)
        await self._queue.mark_told(job.id)

    async def _say(self, job: Job, text: str, *, resend: bool = False) -> None:
        reply = None
        if job.order.reply_to is not None:
            reply = ReplyParameters(job.order.reply_to, allow_sending_without_reply=True)
        await self._bot.send_message(
            job.order.chat_id,
            text,
            parse_mode=ParseMode.HTML,
            reply_parameters=reply,
            reply_markup=resend_button(job, self._wording.texts) if resend else None,
        )

    async def _remove(self, job: Job) -> None:
        if job.status_message_id is not None:
            with contextlib.suppress(TelegramError):
                await self._bot.delete_message(job.order.chat_id, job.status_message_id)
