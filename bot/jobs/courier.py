"""Brings results to their chats. The sending is stored before it is tried, its outcome after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from PIL import Image
from telegram import Bot, InputMediaDocument, InputMediaPhoto, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.flood import seconds_of
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.keyboards import result_buttons
from bot.loops import PATIENCE, Loop
from bot.metrics import Metrics
from bot.orders import Order
from bot.request import nothing_sent
from bot.store import Store
from bot.store.deliveries import Delivery, Sent, finish_sending, open_deliveries, start_sending
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


@dataclass(frozen=True)
class Parcel:
    """A result and its sending."""

    delivery: Delivery
    job: Job


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

    async def settle(self, chat_id: int) -> None:
        """Waits a while until nothing is on its way to this chat; what was deleted before is not sent afterwards."""
        sending = self._busy.get(chat_id)
        if sending is not None:
            await asyncio.wait({sending}, timeout=SETTLE_SECONDS)

    async def _look(self) -> None:
        async with self._store.reading() as session:
            deliveries = await open_deliveries(session)
        together: dict[tuple[int, str], list[Parcel]] = {}
        for delivery in deliveries:
            job = await self._queue.find(delivery.job_id)
            if job is not None:
                album = f"{job.order.album} {delivery.as_file}" if job.order.album else str(delivery.id)
                together.setdefault((job.order.chat_id, album), []).append(Parcel(delivery, job))
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
        parcels = await self._begun(parcels)
        if not parcels:
            return
        job, attempts = parcels[0].job, max(parcel.delivery.attempts for parcel in parcels)
        try:
            sent = await self._send(parcels)
        except Forbidden:
            async with self._store.writing() as session:
                await mark_blocked(session, job.order.user_id)
            await self._finish(parcels, "failed")
        except RetryAfter as error:
            await self._finish(parcels, "pending")
            await asyncio.sleep(seconds_of(error))
        except (BadRequest, FileNotFoundError) as error:
            log.error("a result is refused", job=job.id, problem=str(error))
            await self._finish(parcels, "failed")
        except NetworkError as error:
            certain = nothing_sent(error)
            log.warning("a sending failed", job=job.id, problem=type(error).__name__, nothing_sent=certain)
            await self._finish(parcels, "pending" if certain else "unknown")
            if certain:
                await asyncio.sleep(min(30.0, 2.0**attempts))
        except TelegramError as error:
            log.error("a result can't be sent", job=job.id, problem=str(error))
            await self._finish(parcels, "failed")
        else:
            await self._finish(parcels, "sent", sent)
            if len(parcels) > 1:
                await self._offer(job)

    async def _begun(self, parcels: list[Parcel]) -> list[Parcel]:
        """Those whose sending starts now."""
        begun = []
        for parcel in parcels:
            delivery, job = parcel.delivery, parcel.job
            if delivery.state == "sending":
                log.warning("a sending was interrupted and is done again", job=job.id)
            if delivery.attempts >= MAX_SENDINGS or job.result is None:
                await self._finish([parcel], "failed")
                continue
            async with self._store.writing() as session:
                if await start_sending(session, delivery):
                    begun.append(parcel)
        return begun

    async def _finish(self, parcels: Sequence[Parcel], state: str, sent: Sequence[Sent] = ()) -> None:
        self._metrics.deliveries.labels(state).inc(len(parcels))
        async with self._store.writing() as session:
            for index, parcel in enumerate(parcels):
                await finish_sending(session, parcel.delivery.id, state, sent[index] if sent else None)

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
            await self._show_upload(order.chat_id)
            return await self._bot.send_document(
                order.chat_id,
                delivery.file_id or self._file_of(parcel),
                filename=voice.file_name(order),
                caption=caption,
                parse_mode=ParseMode.HTML,
                reply_parameters=_reply_to(order),
                reply_markup=buttons,
                disable_content_type_detection=True,
                write_timeout=UPLOAD_SECONDS,
                read_timeout=UPLOAD_SECONDS,
            )
        return await self._bot.send_photo(
            order.chat_id,
            delivery.file_id or self._file_of(parcel),
            caption=caption,
            parse_mode=ParseMode.HTML,
            reply_parameters=_reply_to(order),
            reply_markup=buttons,
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
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
            reply_parameters=_reply_to(order),
            write_timeout=UPLOAD_SECONDS,
            read_timeout=UPLOAD_SECONDS,
        )

    async def _offer(self, job: Job) -> None:
        """Albums can't have buttons, so a message after it has them; it may be lost."""
        texts = self._voices.of(job.order.language).texts
        with contextlib.suppress(TelegramError):
            await self._bot.send_message(
                job.order.chat_id, texts("album-done"), reply_markup=result_buttons(job, True, texts)
            )

    def _file_of(self, parcel: Parcel) -> Path:
        return self._results / (parcel.job.result.file if parcel.job.result else "")

    def _goes_as_document(self, parcel: Parcel) -> bool:
        if parcel.delivery.file_id:
            return parcel.delivery.document
        return parcel.delivery.as_file or not fits_a_photo(self._file_of(parcel))

    async def _show_upload(self, chat_id: int) -> None:
        with contextlib.suppress(TelegramError):
            await self._bot.send_chat_action(chat_id, ChatAction.UPLOAD_DOCUMENT)


def _reply_to(order: Order) -> ReplyParameters | None:
    if order.reply_to is None:
        return None
    return ReplyParameters(order.reply_to, allow_sending_without_reply=True)


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
