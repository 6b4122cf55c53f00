"""Brings results to their chats. The sending is stored before it is tried, its outcome after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog
from PIL import Image
from telegram import Bot, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.flood import RESULT, seconds_of
from bot.jobs.queue import Job, Painted
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.tracing import Tracer
from bot.keyboards import result_buttons
from bot.loops import PATIENCE, Loop
from bot.metrics import Metrics
from bot.request import nothing_sent
from bot.store import Store
from bot.store.deliveries import Delivery, finish_sending, messages_of, open_deliveries, start_sending
from bot.store.insisting import PASSING, insist
from bot.store.people import mark_blocked
from bot.wording import Wording

PHOTO_BYTES = 10_000_000  # what sendPhoto takes
PHOTO_SIDES = 10_000  # px, width and height together
PHOTO_RATIO = 20
MAX_SENDINGS = 8  # begun and never ended: then the person is asked
LOOK_EVERY = 0.2  # seconds
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before a chat's next sending, by failures in a row
UPLOAD_SECONDS = 120.0
SETTLE_SECONDS = 10.0  # for what is on its way to a person who is being forgotten

log = structlog.get_logger(__name__)


class Courier:
    """Sends what is to be sent, chat after chat in order, many chats at once."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        queue: SqlQueue,
        wording: Wording,
        metrics: Metrics,
        results: Path,
        tracer: Tracer,
        restore: Callable[[Message], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._store = store
        self._queue = queue
        self._wording = wording
        self._metrics = metrics
        self._results = results
        self._tracer = tracer
        self._restore = restore
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._failures: dict[int, int] = {}  # in a row, by chat
        self._stopping = asyncio.Event()
        self._loop = Loop("courier", self._look, LOOK_EVERY)
        self.start = self._loop.start

    async def stop(self) -> None:
        """Stops after the sendings that are under way, or at once where they take long."""
        self._stopping.set()
        await self._loop.stop()
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=PATIENCE)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._loop.alive

    async def settle(self, chat_id: int) -> None:
        """Waits a while until nothing is on its way to this chat; what was deleted before is not sent afterwards."""
        sending = self._busy.get(chat_id)
        if sending is not None:
            await asyncio.wait({sending}, timeout=SETTLE_SECONDS)

    async def _look(self) -> None:
        busy = set(self._busy)  # before the look: a sending that ends during it may still stand in its answer
        async with self._store.reading() as session:
            deliveries = await open_deliveries(session, busy)
        for delivery in deliveries:
            job = await self._queue.find(delivery.job_id)
            if self._stopping.is_set():
                return
            if job is None or job.order.chat_id in self._busy:
                continue
            task = asyncio.create_task(self._deliver(delivery, job), name=f"delivery-{delivery.id}")
            self._busy[job.order.chat_id] = task
            task.add_done_callback(partial(self._free, job.order.chat_id))

    def _free(self, chat_id: int, _: asyncio.Task[None]) -> None:
        self._busy.pop(chat_id, None)
        self._loop.wake()

    async def _deliver(self, delivery: Delivery, job: Job) -> None:
        try:
            if job.result is None:
                await self._finish(delivery, "failed", error="internal")
            elif delivery.state == "sending":
                await self._go_on(delivery, job, job.result)
            else:
                await self._begin(delivery, job, job.result)
        except FileNotFoundError:
            log.error("a result is no longer there", job=job.id)
            await self._finish(delivery, "failed", error="internal")
        except RetryAfter as error:
            await self._pause(job, seconds_of(error))
        except (NetworkError, *PASSING) as error:
            log.warning("a delivery has to wait", job=job.id, problem=type(error).__name__)
            await self._pause(job)
        except Forbidden:
            await self._finish(delivery, "failed")
            async with self._store.writing() as session:
                await mark_blocked(session, job.order.user_id)
        except TelegramError as error:
            log.error("a result can't be sent", job=job.id, problem=str(error))
            await self._finish(delivery, "failed", error="internal")
        except Exception:
            log.exception("a delivery failed and is tried again", job=job.id)
            await self._pause(job)

    async def _go_on(self, delivery: Delivery, job: Job, result: Painted) -> None:
        """A sending that the end of an earlier run interrupted: it is done again, unless the picture is there."""
        there = await self._find(delivery.since, job, result, delivery.as_file)
        log.warning("a sending was interrupted", job=job.id, arrived=there is not None)
        if there is not None:
            await self._finish(delivery, "sent", there)
        elif delivery.attempts >= MAX_SENDINGS:
            await self._finish(delivery, "unknown")
        else:
            await self._begin(delivery, job, result)

    async def _begin(self, delivery: Delivery, job: Job, result: Painted) -> None:
        since = self._tracer.sightings.newest
        async with self._store.writing() as session:
            if not await start_sending(session, delivery, since):
                return
        try:
            message = await self._send(delivery, job, result)
        except RetryAfter as error:
            await self._finish(delivery, "pending")
            await self._pause(job, seconds_of(error))
        except BadRequest as error:
            log.error("a result is refused", job=job.id, problem=str(error))
            await self._finish(delivery, "failed", error="internal")
        except NetworkError as error:
            certain = nothing_sent(error)
            log.warning("a sending failed", job=job.id, problem=type(error).__name__, nothing_sent=certain)
            if certain:
                await self._finish(delivery, "pending")
                await self._pause(job)
            else:
                await self._settle_unknown(delivery, since, job, result)
        else:
            self._failures.pop(job.order.chat_id, None)
            attachment = message.document or (message.photo[-1] if message.photo else None)
            file_id = attachment.file_id if attachment is not None else ""
            await self._finish(delivery, "sent", message.message_id, file_id)

    async def _settle_unknown(self, delivery: Delivery, since: int, job: Job, result: Painted) -> None:
        there = None
        with contextlib.suppress(TelegramError):
            there = await self._find(since, job, result, delivery.as_file)
        log.info("looked for a picture", job=job.id, arrived=there is not None)
        if there is None and self._stopping.is_set():
            return  # cut off by ourselves: the next start looks again
        await self._finish(delivery, "unknown" if there is None else "sent", there)

    async def _find(self, since: int | None, job: Job, result: Painted, as_file: bool) -> int | None:
        """The message with this result, where it is there."""
        if since is None:
            return None
        async with self._store.reading() as session:
            known = await messages_of(session, job.order.chat_id)
        as_document = as_file or not fits_a_photo(self._results / result.file)
        caption = self._wording.caption(job.order, result)
        buttons = result_buttons(job, as_document, self._wording.texts)
        return await self._tracer.find_picture(job.order.chat_id, since, caption, buttons, known, self._restore)

    async def _pause(self, job: Job, seconds: float = 0.0) -> None:
        """Holds this chat's sendings up, longer from failure to failure."""
        failures = self._failures.get(job.order.chat_id, 0)
        self._failures[job.order.chat_id] = failures + 1
        pause = seconds or PAUSES[min(failures, len(PAUSES) - 1)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)

    async def _finish(
        self,
        delivery: Delivery,
        state: str,
        message_id: int | None = None,
        file_id: str = "",
        error: str = "undeliverable",
    ) -> None:
        self._metrics.deliveries.labels(state).inc()

        async def store() -> None:
            async with self._store.writing() as session:
                await finish_sending(session, delivery.id, state, message_id, file_id, error)

        await insist(store, "how a sending ended")

    async def _send(self, delivery: Delivery, job: Job, result: Painted) -> Message:
        order = job.order
        path = self._results / result.file
        as_document = delivery.as_file or not fits_a_photo(path)
        reply = None
        if order.reply_to is not None:
            reply = ReplyParameters(order.reply_to, allow_sending_without_reply=True)
        caption = self._wording.caption(order, result)
        buttons = result_buttons(job, as_document, self._wording.texts)
        if as_document:
            await self._show_upload(order.chat_id)
            return await self._bot.send_document(
                order.chat_id,
                delivery.file_id or path,
                filename=self._wording.file_name(order),
                caption=caption,
                parse_mode=ParseMode.HTML,
                reply_parameters=reply,
                reply_markup=buttons,
                disable_content_type_detection=True,
                write_timeout=UPLOAD_SECONDS,
                read_timeout=UPLOAD_SECONDS,
                rate_limit_args=RESULT,  # type: ignore[call-arg]
            )
        return await self._bot.send_photo(
            order.chat_id,
            delivery.file_id or path,
            caption=caption,
            parse_mode=ParseMode.HTML,
            reply_parameters=reply,
            reply_markup=buttons,
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
            rate_limit_args=RESULT,  # type: ignore[call-arg]
        )

    async def _show_upload(self, chat_id: int) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(chat_id, ChatAction.UPLOAD_DOCUMENT)


def fits_a_photo(path: Path) -> bool:
    """Whether Telegram takes this picture as a photo; otherwise it has to go as a file."""
    with Image.open(path) as picture:
        width, height = picture.size
    return (
        path.stat().st_size <= PHOTO_BYTES
        and width + height <= PHOTO_SIDES
        and max(width, height) <= PHOTO_RATIO * min(width, height)
    )
