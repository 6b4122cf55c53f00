"""Brings results to their chats. The sending is stored before it is tried, its outcome after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from PIL import Image
from telegram import Bot, InputMediaDocument, InputMediaPhoto, Message
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.flood import RESULT, seconds_of
from bot.jobs.queue import Job
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.tracing import Tracer
from bot.keyboards import result_buttons
from bot.loops import PATIENCE, Loop
from bot.metrics import Metrics
from bot.orders import Order
from bot.replies import reply_to
from bot.request import nothing_sent
from bot.store import Store
from bot.store.deliveries import Delivery, Sent, finish_sending, messages_of, open_deliveries, start_sending
from bot.store.insisting import PASSING, insist
from bot.store.people import mark_blocked
from bot.wording import Voices

PHOTO_BYTES = 10_000_000  # what sendPhoto takes
PHOTO_SIDES = 10_000  # px, width and height together
PHOTO_RATIO = 20
MAX_SENDINGS = 8  # begun and never ended: then the person is asked
LOOK_EVERY = 0.2  # seconds
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before a chat's next sending, by failures in a row
UPLOAD_SECONDS = 120.0
SETTLE_SECONDS = 10.0  # for what is on its way to a person who is being forgotten

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Parcel:
    """A result and its sending."""

    delivery: Delivery
    job: Job


class Courier:
    """Sends what is to be sent, chat after chat in order, many chats at once."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        queue: SqlQueue,
        voices: Voices,
        metrics: Metrics,
        signs: Signs,
        results: Path,
        tracer: Tracer,
        restore: Callable[[Message], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._store = store
        self._queue = queue
        self._voices = voices
        self._metrics = metrics
        self._signs = signs
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

    async def settle(self, chats: Collection[int]) -> None:
        """Waits a while until nothing is on its way to these chats; what was deleted before is not sent afterwards."""
        sendings = {self._busy[chat] for chat in chats if chat in self._busy}
        if sendings:
            await asyncio.wait(sendings, timeout=SETTLE_SECONDS)

    async def _look(self) -> None:
        busy = set(self._busy)  # before the look: a sending that ends during it may still stand in its answer
        async with self._store.reading() as session:
            deliveries = await open_deliveries(session, busy)
        together: dict[tuple[int, str], list[Parcel]] = {}
        for delivery in deliveries:
            job = await self._queue.find(delivery.job_id)
            if job is not None:
                album = f"{job.order.album} {delivery.as_file}" if job.order.album else str(delivery.id)
                together.setdefault((job.order.chat_id, album), []).append(Parcel(delivery, job))
        if self._stopping.is_set():
            return
        for (chat_id, _), parcels in together.items():
            if chat_id not in self._busy:
                task = asyncio.create_task(self._deliver(parcels), name=f"delivery-{parcels[0].delivery.id}")
                self._busy[chat_id] = task
                task.add_done_callback(partial(self._free, chat_id))

    def _free(self, chat_id: int, _: asyncio.Task[None]) -> None:
        self._busy.pop(chat_id, None)
        self._loop.wake()

    async def _deliver(self, parcels: list[Parcel]) -> None:
        """Sends one result, or all of an album at once."""
        job = parcels[0].job
        try:
            if any(parcel.job.result is None for parcel in parcels):
                await self._finish(parcels, "failed", error="internal")
            elif parcels[0].delivery.state == "sending":
                await self._go_on(parcels)
            else:
                await self._begin(parcels)
        except FileNotFoundError:
            log.error("a result is no longer there", job=job.id)
            await self._finish(parcels, "failed", error="internal")
        except RetryAfter as error:
            await self._pause(job, seconds_of(error))
        except (NetworkError, *PASSING) as error:
            log.warning("a delivery has to wait", job=job.id, problem=type(error).__name__)
            await self._pause(job)
        except Forbidden:
            await self._finish(parcels, "failed")
            if job.order.private:  # else it is a group that the bot was taken out of
                async with self._store.writing() as session:
                    await mark_blocked(session, job.order.user_id)
        except ChatMigrated as error:
            await self._queue.move_chat(job.order.chat_id, error.new_chat_id)
            await self._finish(parcels, "pending")
        except TelegramError as error:
            log.error("a result can't be sent", job=job.id, problem=error)
            await self._finish(parcels, "failed", error="internal")
        except Exception:
            log.exception("a delivery failed and is tried again", job=job.id)
            await self._pause(job)

    async def _go_on(self, parcels: list[Parcel]) -> None:
        """A sending that the end of an earlier run interrupted: it is done again, unless the picture is there."""
        delivery, job = parcels[0].delivery, parcels[0].job
        there = await self._find(delivery.since, parcels)
        log.warning("a sending was interrupted", job=job.id, arrived=bool(there))
        if there:
            await self._finish(parcels, "sent", there)
        elif delivery.attempts >= MAX_SENDINGS:
            await self._finish(parcels, "unknown")
        else:
            await self._begin(parcels)

    async def _begin(self, parcels: list[Parcel]) -> None:
        job = parcels[0].job
        since = self._tracer.sightings.newest(job.order.chat_id)
        async with self._store.writing() as session:
            if not all([await start_sending(session, parcel.delivery, since) for parcel in parcels]):
                return
        for parcel in parcels:
            await self._signs.end(parcel.job)
        try:
            with self._metrics.counting_failures():
                sent = await self._send(parcels)
        except RetryAfter as error:
            await self._finish(parcels, "pending")
            await self._pause(job, seconds_of(error))
        except BadRequest as error:
            log.error("a result is refused", job=job.id, problem=error)
            await self._finish(parcels, "failed", error="internal")
        except NetworkError as error:
            certain = nothing_sent(error)
            log.warning("a sending failed", job=job.id, problem=type(error).__name__, nothing_sent=certain)
            if certain:
                await self._finish(parcels, "pending")
                await self._pause(job)
            else:
                await self._settle_unknown(since, parcels)
        else:
            self._failures.pop(job.order.chat_id, None)
            self._signs.swept(job.order.chat_id)
            await self._finish(parcels, "sent", sent)
            if len(parcels) > 1:
                await self._offer(job)

    async def _settle_unknown(self, since: int, parcels: list[Parcel]) -> None:
        there: list[Sent] = []
        with contextlib.suppress(TelegramError):
            there = await self._find(since, parcels)
        log.info("looked for a picture", job=parcels[0].job.id, arrived=bool(there))
        if not there and self._stopping.is_set():
            return  # cut off by ourselves: the next start looks again
        await self._finish(parcels, "sent" if there else "unknown", there)

    async def _find(self, since: int | None, parcels: list[Parcel]) -> list[Sent]:
        """The messages with these results, where they are there: those of an album follow each other."""
        if not since:  # nothing to begin from
            return []
        job = parcels[0].job
        async with self._store.reading() as session:
            known = await messages_of(session, job.order.chat_id)
        as_documents = any(self._goes_as_document(parcel) for parcel in parcels)
        voice = self._voices.of(job.order.language)
        caption = voice.caption(job.order, job.result)
        buttons = result_buttons(job, as_documents, voice.texts) if len(parcels) == 1 else None
        first = await self._tracer.find_picture(job.order.chat_id, since, caption, buttons, known, self._restore)
        if first is None:
            return []
        return [Sent(first + index, parcel.delivery.file_id, as_documents) for index, parcel in enumerate(parcels)]

    async def _pause(self, job: Job, seconds: float = 0.0) -> None:
        """Holds this chat's sendings up, longer from failure to failure."""
        failures = self._failures.get(job.order.chat_id, 0)
        self._failures[job.order.chat_id] = failures + 1
        pause = seconds or PAUSES[min(failures, len(PAUSES) - 1)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)

    async def _finish(
        self, parcels: Sequence[Parcel], state: str, sent: Sequence[Sent] = (), error: str = "undeliverable"
    ) -> None:
        self._metrics.deliveries.labels(state).inc(len(parcels))

        async def store() -> None:
            async with self._store.writing() as session:
                for index, parcel in enumerate(parcels):
                    await finish_sending(session, parcel.delivery.id, state, sent[index] if sent else None, error)

        await insist(store, "how a sending ended")
        for delivery in (parcel.delivery for parcel in parcels):
            if state == "sent":
                log.info("sent", job=delivery.job_id, attempts=delivery.attempts + 1, as_file=delivery.as_file)
            elif state == "failed":
                self._metrics.failures.labels(error).inc()
                log.info("failed", job=delivery.job_id, error=error)

    async def _send(self, parcels: Sequence[Parcel]) -> list[Sent]:
        if len(parcels) == 1:
            return [_sent(await self._send_one(parcels[0]))]
        return [_sent(message) for message in await self._send_album(parcels)]

    async def _send_one(self, parcel: Parcel) -> Message:
        delivery, order = parcel.delivery, parcel.job.order
        voice = self._voices.of(order.language)
        as_document = self._goes_as_document(parcel)
        caption = voice.caption(order, parcel.job.result)
        buttons = result_buttons(parcel.job, as_document, voice.texts)
        if as_document:
            await self._show_upload(order)
            return await self._bot.send_document(
                order.chat_id,
                delivery.file_id or self._file_of(parcel),
                filename=voice.file_name(order),
                caption=caption,
                parse_mode=ParseMode.HTML,
                message_thread_id=order.thread,
                reply_parameters=reply_to(order),
                reply_markup=buttons,
                disable_content_type_detection=True,
                write_timeout=UPLOAD_SECONDS,
                read_timeout=UPLOAD_SECONDS,
                rate_limit_args=RESULT,  # type: ignore[call-arg]
            )
        return await self._bot.send_photo(
            order.chat_id,
            delivery.file_id or self._file_of(parcel),
            caption=caption,
            parse_mode=ParseMode.HTML,
            message_thread_id=order.thread,
            reply_parameters=reply_to(order),
            reply_markup=buttons,
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
            rate_limit_args=RESULT,  # type: ignore[call-arg]
        )

    async def _send_album(self, parcels: Sequence[Parcel]) -> Sequence[Message]:
        """Photos where all can go as photos, else files: Telegram mixes them in no album. The caption is under the
        first, where apps show it as the album's."""
        order, result = parcels[0].job.order, parcels[0].job.result
        voice = self._voices.of(order.language)
        as_documents = any(self._goes_as_document(parcel) for parcel in parcels)
        captions = [voice.caption(order, result), *[None] * (len(parcels) - 1)]
        media: list[InputMediaDocument | InputMediaPhoto] = []
        for index, (parcel, caption) in enumerate(zip(parcels, captions, strict=True), start=1):
            data = parcel.delivery.file_id or self._file_of(parcel).read_bytes()
            if as_documents:
                name = f"{index}-{voice.file_name(parcel.job.order)}"
                media.append(InputMediaDocument(data, filename=name, caption=caption, parse_mode=ParseMode.HTML))
            else:
                media.append(InputMediaPhoto(data, caption=caption, parse_mode=ParseMode.HTML))
        return await self._bot.send_media_group(
            order.chat_id,
            media,
            message_thread_id=order.thread,
            reply_parameters=reply_to(order),
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
            rate_limit_args=RESULT,  # type: ignore[call-arg]
        )

    async def _offer(self, job: Job) -> None:
        """Albums can't have buttons, so a message after it has them; it may be lost."""
        order, texts = job.order, self._voices.of(job.order.language).texts
        with contextlib.suppress(TelegramError):
            await self._bot.send_message(
                order.chat_id,
                texts("album-done"),
                message_thread_id=order.thread,
                reply_markup=result_buttons(job, True, texts),
            )

    def _file_of(self, parcel: Parcel) -> Path:
        return self._results / (parcel.job.result.file if parcel.job.result else "")

    def _goes_as_document(self, parcel: Parcel) -> bool:
        if parcel.delivery.file_id:
            return parcel.delivery.document
        return parcel.delivery.as_file or not fits_a_photo(self._file_of(parcel))

    async def _show_upload(self, order: Order) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(order.chat_id, ChatAction.UPLOAD_DOCUMENT, message_thread_id=order.thread)


def _sent(message: Message) -> Sent:
    attachment = message.document or (message.photo[-1] if message.photo else None)
    return Sent(message.message_id, attachment.file_id if attachment else "", message.document is not None)


def fits_a_photo(path: Path) -> bool:
    """Whether Telegram takes this picture as a photo; otherwise it has to go as a file."""
    with Image.open(path) as picture:
        width, height = picture.size
    return (
        path.stat().st_size <= PHOTO_BYTES
        and width + height <= PHOTO_SIDES
        and max(width, height) <= PHOTO_RATIO * min(width, height)
    )
