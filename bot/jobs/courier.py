"""Brings results to their chats. The sending is stored before it is tried, its outcome after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from functools import partial
from pathlib import Path

import structlog
from PIL import Image
from telegram import Bot, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.flood import seconds_of
from bot.jobs.queue import Job, Painted
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import result_buttons
from bot.loops import PATIENCE, Loop
from bot.metrics import Metrics
from bot.orders import Order
from bot.request import nothing_sent
from bot.store import Store
from bot.store.deliveries import Delivery, finish_sending, open_deliveries, start_sending
from bot.store.people import mark_blocked
from bot.wording import Voices

PHOTO_BYTES = 10_000_000  # what sendPhoto takes
PHOTO_SIDES = 10_000  # px, width and height together
PHOTO_RATIO = 20
MAX_SENDINGS = 8  # then a result counts as undeliverable
LOOK_EVERY = 0.2  # seconds
UPLOAD_SECONDS = 120.0
SETTLE_SECONDS = 10.0  # for what is on its way to a person who is being forgotten

log = structlog.get_logger(__name__)


class Courier:
    """Sends what is to be sent, chat after chat in order, many chats at once."""

    def __init__(
        self, bot: Bot, store: Store, queue: SqlQueue, voices: Voices, metrics: Metrics, results: Path
    ) -> None:
        self._bot = bot
        self._store = store
        self._queue = queue
        self._voices = voices
        self._metrics = metrics
        self._results = results
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._loop = Loop("courier", self._look, LOOK_EVERY)
        self.start = self._loop.start  # sendings that a crash interrupted are done again: their answer is lost

    async def stop(self) -> None:
        """Stops after the sendings that are under way, or at once where they take long."""
        await self._loop.stop()
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=PATIENCE)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._loop.alive

    async def settle(self, chats: Collection[int]) -> None:
        """Waits a while until nothing is on its way to these chats; what was deleted before is not sent afterwards."""
        sendings = {self._busy[chat] for chat in chats if chat in self._busy}
        if sendings:
            await asyncio.wait(sendings, timeout=SETTLE_SECONDS)

    async def _look(self) -> None:
        async with self._store.reading() as session:
            deliveries = await open_deliveries(session)
        for delivery in deliveries:
            job = await self._queue.find(delivery.job_id)
            if job is None or job.order.chat_id in self._busy:
                continue
            task = asyncio.create_task(self._deliver(delivery, job), name=f"delivery-{delivery.id}")
            self._busy[job.order.chat_id] = task
            task.add_done_callback(partial(self._free, job.order.chat_id))

    def _free(self, chat_id: int, _: asyncio.Task[None]) -> None:
        self._busy.pop(chat_id, None)
        self._loop.wake()

    async def _deliver(self, delivery: Delivery, job: Job) -> None:
        if delivery.state == "sending":
            log.warning("a sending was interrupted and is done again", job=job.id)
        if delivery.attempts >= MAX_SENDINGS or job.result is None:
            await self._finish(delivery, "failed")
            return
        async with self._store.writing() as session:
            if not await start_sending(session, delivery):
                return
        try:
            message = await self._send(delivery, job, job.result)
        except Forbidden:
            if job.order.chat_id == job.order.user_id:  # else it is a group that the bot was taken out of
                async with self._store.writing() as session:
                    await mark_blocked(session, job.order.user_id)
            await self._finish(delivery, "failed")
        except ChatMigrated as error:
            await self._queue.move_chat(job.order.chat_id, error.new_chat_id)
            await self._finish(delivery, "pending")
        except RetryAfter as error:
            await self._finish(delivery, "pending")
            await asyncio.sleep(seconds_of(error))
        except (BadRequest, FileNotFoundError) as error:
            log.error("a result is refused", job=job.id, problem=str(error))
            await self._finish(delivery, "failed")
        except NetworkError as error:
            certain = nothing_sent(error)
            log.warning("a sending failed", job=job.id, problem=type(error).__name__, nothing_sent=certain)
            await self._finish(delivery, "pending" if certain else "unknown")
            if certain:
                await asyncio.sleep(min(30.0, 2.0**delivery.attempts))
        except TelegramError as error:
            log.error("a result can't be sent", job=job.id, problem=str(error))
            await self._finish(delivery, "failed")
        else:
            attachment = message.document or (message.photo[-1] if message.photo else None)
            file_id = attachment.file_id if attachment is not None else ""
            await self._finish(delivery, "sent", message.message_id, file_id)

    async def _finish(self, delivery: Delivery, state: str, message_id: int | None = None, file_id: str = "") -> None:
        self._metrics.deliveries.labels(state).inc()
        async with self._store.writing() as session:
            await finish_sending(session, delivery.id, state, message_id, file_id)

    async def _send(self, delivery: Delivery, job: Job, result: Painted) -> Message:
        order = job.order
        path = self._results / result.file
        as_document = delivery.as_file or not fits_a_photo(path)
        reply = None
        if order.reply_to is not None:
            reply = ReplyParameters(order.reply_to, allow_sending_without_reply=True)
        voice = self._voices.of(order.language)
        caption = voice.caption(order, result)
        buttons = result_buttons(job, as_document, voice.texts)
        if as_document:
            await self._show_upload(order)
            return await self._bot.send_document(
                order.chat_id,
                delivery.file_id or path,
                filename=voice.file_name(order),
                caption=caption,
                parse_mode=ParseMode.HTML,
                message_thread_id=order.thread,
                reply_parameters=reply,
                reply_markup=buttons,
                disable_content_type_detection=True,
                write_timeout=UPLOAD_SECONDS,
                read_timeout=UPLOAD_SECONDS,
            )
        return await self._bot.send_photo(
            order.chat_id,
            delivery.file_id or path,
            caption=caption,
            parse_mode=ParseMode.HTML,
            message_thread_id=order.thread,
            reply_parameters=reply,
            reply_markup=buttons,
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
        )

    async def _show_upload(self, order: Order) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(order.chat_id, ChatAction.UPLOAD_DOCUMENT, message_thread_id=order.thread)


def fits_a_photo(path: Path) -> bool:
    """Whether Telegram takes this picture as a photo; otherwise it has to go as a file."""
    with Image.open(path) as picture:
        width, height = picture.size
    return (
        path.stat().st_size <= PHOTO_BYTES
        and width + height <= PHOTO_SIDES
        and max(width, height) <= PHOTO_RATIO * min(width, height)
    )
