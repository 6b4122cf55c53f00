"""The whole bot, put together: settings → store → runners → application, and back down in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from telegram import Update
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder, Updater

from bot.catalogue import Catalogue
from bot.conversation import build_conversation, outside_handlers
from bot.conversation.albums import Albums
from bot.conversation.commands import introduce
from bot.conversation.desk import Desk
from bot.conversation.groups import GroupHandler
from bot.conversation.own_pictures import Pictures
from bot.conversation.persistence import StatePersistence
from bot.conversation.privacy import Privacy
from bot.conversation.saved import SavedStyles
from bot.conversation.taps import Taps
from bot.conversation.wishes import Wishes
from bot.errors import ErrorDesk
from bot.flood import ChatLimiter
from bot.health import HealthServer
from bot.inbox import SIDE_BY_SIDE, Inbox, InOrder
from bot.jobs.bounds import Bounds
from bot.jobs.courier import Courier
from bot.jobs.eraser import Eraser
from bot.jobs.forecast import Forecast
from bot.jobs.inputs import Inputs, sweep_folder
from bot.jobs.painter import Painter
from bot.jobs.previews import Previews
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.status import StatusBoard
from bot.jobs.studio import Studio
from bot.jobs.tracing import Tracer
from bot.loops import Loop, finish
from bot.metrics import Metrics
from bot.operator import FIRST, Operating
from bot.operator.crier import Crier
from bot.request import PatientRequest, PollRequest
from bot.settings import Settings
from bot.sightings import Sightings
from bot.store import Store
from bot.store.deliveries import newest_message
from bot.store.updates import forget_done
from bot.texts import GREETING
from bot.vitals import Vitals
from bot.webhook import Webhook
from bot.wording import Voices

ALLOWED_UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
SWEEP_EVERY = 600.0  # seconds
INBOX_MEMORY = timedelta(hours=48)  # Telegram repeats an update for 24 hours
RECONNECT = 3.0  # seconds between tries to reach Telegram at start

Part = Painter | Courier | StatusBoard | Studio | Crier | Loop
AnyApplication = Application[Any, Any, Any, Any, Any, Any]

log = structlog.get_logger(__name__)


class StartError(Exception):
    """The bot can't start; the message is one line for the operator."""


class Bot:
    """One running bot at one Bot API server."""

    def __init__(self, settings: Settings, token: str, api_base: str, store: Store) -> None:
        from stylize import all_presets, preview_sheet

        self._settings = settings
        self._store = store
        self.metrics = Metrics()
        catalogue = Catalogue(all_presets(), settings.data_dir / "presets")
        voices = Voices(catalogue)
        self._results = settings.data_dir / "results"
        self.bounds = Bounds(
            settings.max_side,
            settings.photo_side,
            settings.job_seconds,
            settings.queue_per_user,
            settings.queue_total,
            settings.daily_quota,
        )
        self._queue = SqlQueue(store, self.bounds, self.metrics)
        self._sightings = Sightings()
        bot_id = int(token.partition(":")[0])
        self._inbox = Inbox(store, bot_id, self.metrics)
        self._processor = InOrder(self._inbox, self.metrics, self._sightings)
        self._states = StatePersistence(store)
        self._limiter = ChatLimiter(self.metrics, self._sightings)
        self._polling = PollRequest()
        self._request = PatientRequest(
            connection_pool_size=SIDE_BY_SIDE,
            pool_timeout=30.0,
            connect_timeout=10.0,
            read_timeout=20.0,
            media_write_timeout=120.0,
        )
        self._application = self._build(token, api_base)
        self._processor.handle = self._application.process_update
        self._processor.collect, self._processor.write = self._application.update_persistence, self._states.write
        bot = self._application.bot
        self._albums = Albums(store, self._inbox)
        pictures = Pictures(preview_sheet(), GREETING)
        self.forecast, previews = Forecast(self.bounds, len(settings.devices)), Previews()
        signs = Signs(bot, self._queue, with_drafts=settings.progress == "drafts")
        self._desk = Desk(
            store, self._queue, voices, catalogue, pictures, self._results, self.forecast, signs, self._sightings
        )
        self._inputs = Inputs(bot, settings.data_dir / "inputs")
        self._operating = Operating(
            settings, bot, store, self._queue, self.bounds, catalogue, pictures, self._inputs, voices, self._warm
        )
        self._painters = [
            Painter(
                self._queue,
                self._inputs,
                self._results,
                self.metrics,
                self.forecast,
                previews,
                self.bounds,
                device,
                catalogue,
                None if number else self._operating.studio,
            )
            for number, device in enumerate(settings.devices)
        ]
        tracer = Tracer(bot, self._sightings)
        self._courier = Courier(
            bot, store, self._queue, voices, self.metrics, signs, self._results, tracer, self._desk.ask_again
        )
        self._board = StatusBoard(
            bot, self._queue, voices, self.forecast, previews, signs, tracer, self._nothing_can_be_painted
        )
        self._eraser = Eraser(bot, store, self._queue, self._courier, settings.data_dir / "inputs", self._results)
        sweep = Loop("sweep", self._sweep, SWEEP_EVERY)
        self._parts: tuple[Part, ...] = (self._courier, self._board, *self._operating.parts, sweep)
        self._webhook = None
        if settings.webhook_url:
            self._webhook = Webhook(self._inbox, bot, urlsplit(settings.webhook_url).path, settings.secret)
        self._vitals = Vitals(
            store,
            bot_id,
            self.metrics,
            self._parts,
            self._painters,
            self._hears,
            None if self._webhook else self._polling,
        )
        privacy = Privacy(self._desk, self._eraser, settings.retention_hours)
        saved, wishes = SavedStyles(self._desk), Wishes(self._desk, self.bounds)
        taps = Taps(self._desk, privacy, saved, wishes)
        conversation = build_conversation(self._desk, self._albums, privacy, saved, wishes, taps)
        self._application.add_handler(self._operating.gate, group=FIRST)
        operating = self._operating.panel.handlers()
        for handler in [*operating, GroupHandler(self._desk, taps), conversation, *outside_handlers(self._desk)]:
            self._application.add_handler(handler)
        self._application.add_error_handler(ErrorDesk(self._desk, self.metrics, self._processor.again).handle)

    def _build(self, token: str, api_base: str) -> AnyApplication:
        return (
            ApplicationBuilder()
            .token(token)
            .base_url(f"{api_base}/bot")
            .base_file_url(f"{api_base}/file/bot")
            .request(self._request)
            .get_updates_request(self._polling)
            .update_queue(self._inbox)
            .concurrent_updates(self._processor)
            .persistence(self._states)
            .rate_limiter(self._limiter)
            .job_queue(None)
            .build()
        )

    def _hears(self) -> bool:
        updater = self._application.updater
        return self._webhook.alive if self._webhook is not None else updater is not None and updater.running

    def _nothing_can_be_painted(self) -> bool:
        return bool(self._painters) and all(painter.held for painter in self._painters)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Runs from here to the end of the block. Raises StartError."""
        async with AsyncExitStack() as stack:
            await self._start_health(stack)
            await self._operating.load()
            stack.push_async_callback(self._stop, *self._painters)
            for painter in self._painters:  # first: they warm up while Telegram is asked who we are
                painter.start()
            await self._reach_telegram()
            stack.push_async_callback(self._application.shutdown)
            await self._greet_telegram()
            await self._desk.tongues.load(self._store)
            recovered = await self._queue.recover(everything=True)
            async with self._store.reading() as session:
                self._sightings.begin_at(await newest_message(session))
            await self._application.start()
            stack.push_async_callback(self._in_time, "handling", self._application.stop)
            replayed = await self._inbox.replay(self._application.bot)
            await self._albums.resume(self._application.bot)
            if recovered or replayed:
                log.info("going on where it stopped", jobs=len(recovered), updates=replayed)
            for part in self._parts:
                part.start()
            stack.push_async_callback(self._stop, *self._painters, *self._parts)
            await self._listen(stack)
            stack.callback(self._hurry)
            yield

    def _hurry(self) -> None:
        """First of all: whoever waits for Telegram or to do something again, gives up; the next start goes on."""
        self._albums.stop()
        self._limiter.stop()
        self._request.stop()
        self._processor.stop()

    @staticmethod
    async def _stop(*parts: Part) -> None:
        """All at once: each may take some seconds to end what it is at."""
        await asyncio.gather(*(part.stop() for part in parts))

    async def _in_time(self, name: str, stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await finish(asyncio.create_task(stop(), name=name))

    async def _reach_telegram(self) -> None:
        while True:
            try:
                await self._application.initialize()
                return
            except InvalidToken as error:
                await self._application.shutdown()
                raise StartError(
                    "Telegram does not know this TELEGRAM_BOT_TOKEN; copy it anew from @BotFather"
                ) from error
            except (NetworkError, RetryAfter) as error:
                log.warning("Telegram can't be reached; trying again", problem=error, seconds=RECONNECT)
                await asyncio.sleep(RECONNECT)

    async def _greet_telegram(self) -> None:
        try:
            await introduce(self._application.bot, self._desk.voices)
            await self._operating.panel.introduce(self._application.bot)
        except TelegramError as error:  # the bot works without a menu
            log.warning("the bot's commands and description were not taken", problem=error)

    async def _listen(self, stack: AsyncExitStack) -> None:
        try:
            if self._webhook is not None:
                await self._be_called(self._webhook, stack)
            else:
                await self._poll(stack)
        except TelegramError as error:
            raise StartError(f"Telegram refuses to send updates: {error}") from error

    async def _poll(self, stack: AsyncExitStack) -> None:
        updater: Updater | None = self._application.updater
        if updater is None:
            raise StartError("the application was built without an updater")
        await updater.start_polling(allowed_updates=ALLOWED_UPDATES, bootstrap_retries=-1, timeout=30)
        stack.push_async_callback(updater.stop)

    async def _be_called(self, webhook: Webhook, stack: AsyncExitStack) -> None:
        settings = self._settings
        try:
            webhook.start(settings.webhook_listen, settings.webhook_port)
        except OSError as error:
            raise StartError(f"Port {settings.webhook_port} is taken; set WEBHOOK_PORT to another one") from error
        stack.push_async_callback(webhook.stop)
        await self._application.bot.set_webhook(
            settings.webhook_url, allowed_updates=ALLOWED_UPDATES, secret_token=settings.secret
        )

    async def _start_health(self, stack: AsyncExitStack) -> None:
        settings = self._settings
        if not settings.health_port:
            return
        server = HealthServer(self._vitals.healthy, self._vitals.ready, self._vitals.refresh, self.metrics.registry)
        try:
            server.start(settings.health_host, settings.health_port)
        except OSError as error:
            raise StartError(f"Port {settings.health_port} is taken; set HEALTH_PORT to another one") from error
        stack.push_async_callback(server.stop)

    def _warm(self) -> dict[str, bool]:
        return {painter.name: painter.ready.is_set() for painter in self._painters}

    async def _sweep(self) -> None:
        hours = self._settings.retention_hours
        gone = self._inputs.sweep(hours) + sweep_folder(self._results, hours)
        gone += await self._eraser.sweep_leftovers(hours)
        await self._operating.studio.sweep()
        async with self._store.writing() as session:
            await forget_done(session, INBOX_MEMORY)
        if gone:
            log.info("old pictures deleted", files=gone)


@contextlib.contextmanager
def sole_owner(folder: Path) -> Any:
    """Holds the data folder for this process. Raises StartError where another bot has it or it can't be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "atelier.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(f"Can't write to DATA_DIR {folder}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StartError(f"Another bot is already running with DATA_DIR {folder}") from error
    try:
        yield
    finally:
        os.close(handle)
