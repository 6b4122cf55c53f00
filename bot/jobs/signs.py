"""What Telegram can show beside messages: reactions, "sending a photo…", and drafts that tell of progress.

None of it is worth waiting for. What the Bot API server does not know, or a chat does not allow, is not tried again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Coroutine
from typing import Any

import structlog
from telegram.constants import ChatAction, ParseMode, ReactionEmoji
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.flood import DROPPABLE
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.orders import Order
from bot.store.models import FINAL_STATES, WAITING_STATES

RECEIVED = ReactionEmoji.EYES
ACT_EVERY = 4.5  # seconds; Telegram shows it for 5
DRAFT_EVERY = 2.5  # seconds between two texts of one draft
REFRESH = 10.0  # seconds; Telegram shows a draft for 30, and for less where another message of the bot comes
SETTLE = 2.0  # seconds for what is on its way when a job ends
REMEMBERED = 1000  # jobs that have ended
OF_THE_MESSAGE = "message to react not found"  # the person has deleted it

log = structlog.get_logger(__name__)


class Signs:
    """Signs of life in the chats of jobs.

    with_drafts: whether progress of quick pictures is shown as drafts where it can be.
    """

    def __init__(self, bot: ExtBot[Any], queue: SqlQueue, *, with_drafts: bool) -> None:
        self._bot = bot
        self._queue = queue
        self._with_drafts = with_drafts
        self._unknown: set[str] = set()
        self._refused: set[tuple[str, int]] = set()
        self._drafts: dict[int, tuple[int, str, float]] = {}  # by job: chat, text, and when it was shown
        self._acted: dict[int, float] = {}  # by chat
        self._over: deque[int] = deque(maxlen=REMEMBERED)
        self._tasks: dict[tuple[str, int], asyncio.Task[bool]] = {}

    async def stop(self) -> None:
        """Ends with what is on its way."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=SETTLE)

    async def received(self, job: Job) -> None:
        """The photo's message says that it is being worked on."""
        await self._react(job.order, RECEIVED)
        now = await self._queue.find(job.id)
        if now is None or now.state in FINAL_STATES:  # its end was told before the mark was there
            await self.done(job.order)

    async def done(self, order: Order) -> None:
        """Takes the mark away from the photo's message, unless another job of the same photo is under way."""
        others = [each.job.order for each in await self._queue.waiting()]
        if (order.chat_id, order.reply_to) not in [(other.chat_id, other.reply_to) for other in others]:
            await self._react(order, None)

    def shows_drafts(self, order: Order) -> bool:
        """Whether the progress of this order is shown as a draft: quick ones, in private chats that take it."""
        return self._with_drafts and order.private and not order.finest and self._possible("draft", order.chat_id)

    async def show(self, job: Job, text: str) -> bool:
        """Shows the progress of a job as a draft; False where its chat takes none."""
        return self.shows_drafts(job.order) and await self._spawn(("draft", job.id), self._draft(job, text))

    async def _draft(self, job: Job, text: str) -> bool:
        self._drafts[job.id] = (job.order.chat_id, text, time.monotonic())
        now = await self._queue.find(job.id)
        if now is None or now.state not in WAITING_STATES or job.id in self._over:
            return True
        return await self._try(
            "draft",
            job.order.chat_id,
            self._bot.send_message_draft(
                job.order.chat_id,
                job.id,
                text,
                message_thread_id=job.order.thread,
                parse_mode=ParseMode.HTML,
                rate_limit_args=DROPPABLE,
            ),
        )

    def follow(self, job: Job, text: str) -> None:
        """Shows its progress anew where it has changed, or would go away; waits for nothing."""
        if not self.shows_drafts(job.order):
            return
        _, shown, since = self._drafts.get(job.id, (0, "", float("-inf")))
        if time.monotonic() >= since + (REFRESH if text == shown else DRAFT_EVERY):
            self._spawn(("draft", job.id), self._draft(job, text))

    def paints(self, order: Order) -> None:
        """A picture for this chat is being painted; waits for nothing."""
        moment = time.monotonic()
        if self._possible("action", order.chat_id) and moment >= self._acted.get(order.chat_id, 0.0) + ACT_EVERY:
            self._acted[order.chat_id] = moment
            self._spawn(("action", order.chat_id), self._act(order))

    def forget_all_but(self, jobs: set[int]) -> None:
        """These jobs are under way, no others."""
        self._drafts = {job: shown for job, shown in self._drafts.items() if job in jobs}
        moment = time.monotonic()
        self._acted = {chat: at for chat, at in self._acted.items() if moment < at + ACT_EVERY}

    async def end(self, job: Job) -> None:
        """The job is over: nothing tells of its progress any more once this returns, lest it comes after the result."""
        self._over.append(job.id)
        keys = (("draft", job.id), ("action", job.order.chat_id))
        under_way = [self._tasks[key] for key in keys if key in self._tasks]
        if under_way:
            await asyncio.wait(under_way, timeout=SETTLE)

    def swept(self, chat_id: int) -> None:
        """A message came into this chat, which takes drafts away: those of other jobs are to be shown again."""
        self._drafts = {job: shown for job, shown in self._drafts.items() if shown[0] != chat_id}

    async def _react(self, order: Order, emoji: str | None) -> None:
        if order.reply_to is not None and self._possible("reaction", order.chat_id):
            request = self._bot.set_message_reaction(
                order.chat_id,
                order.reply_to,
                emoji,
                rate_limit_args=DROPPABLE,
            )
            await self._try("reaction", order.chat_id, request)

    async def _act(self, order: Order) -> bool:
        request = self._bot.send_chat_action(
            order.chat_id,
            ChatAction.UPLOAD_PHOTO,
            message_thread_id=order.thread,
            rate_limit_args=DROPPABLE,
        )
        return await self._try("action", order.chat_id, request)

    def _possible(self, what: str, chat_id: int) -> bool:
        return what not in self._unknown and (what, chat_id) not in self._refused

    async def _try(self, what: str, chat_id: int, request: Awaitable[object]) -> bool:
        """Makes the request; False where that is not possible here, which is remembered."""
        try:
            await request
        except InvalidToken:  # what the library makes of 404
            self._unknown.add(what)
            log.info("the Bot API server does not know this", what=what)
        except BadRequest as error:
            if OF_THE_MESSAGE in error.message.lower():
                return True
            self._refused.add((what, chat_id))
            log.info("a chat does not take this", what=what, problem=error.message)
        except TelegramError:
            return True  # the next one may go through
        else:
            return True
        return False

    def _spawn(self, key: tuple[str, int], work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        """Starts the work; where such is under way already, that one goes on instead."""
        if key in self._tasks:
            work.close()
        else:
            self._tasks[key] = asyncio.create_task(work, name=f"{key[0]}-{key[1]}")
            self._tasks[key].add_done_callback(lambda _: self._tasks.pop(key))
        return self._tasks[key]
