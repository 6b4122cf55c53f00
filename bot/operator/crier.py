"""Sends broadcasts, one person after the other. A sending is stored before it is tried, its outcome after."""

from __future__ import annotations

import asyncio

import structlog
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.flood import BROADCAST, seconds_of
from bot.loops import Loop
from bot.operator.barred import Barred
from bot.request import nothing_sent
from bot.store import Store
from bot.store.broadcasts import (
    Cry,
    end_broadcast,
    finish_receiver,
    mark_broadcast_told,
    next_receiver,
    resume_broadcasts,
    running_broadcast,
    untold_broadcasts,
)
from bot.store.people import mark_blocked
from bot.texts import Texts

REPORTS = {
    "running": "operator-broadcast-running",
    "finished": "operator-broadcast-finished",
    "stopped": "operator-broadcast-stopped",
}
LOOK_EVERY = 5.0  # seconds
PAUSE = 5.0  # seconds after a sending that the network did not take

log = structlog.get_logger(__name__)


class Crier:
    """What a crash interrupted goes on at the next start; nobody gets a text twice but who was being sent it."""

    def __init__(self, bot: Bot, store: Store, barred: Barred, texts: Texts) -> None:
        self._bot = bot
        self._store = store
        self._barred = barred
        self._texts = texts
        self._stopping = False
        self._loop = Loop("broadcast", self._look, LOOK_EVERY)
        self.start, self.wake = self._loop.start, self._loop.wake

    async def load(self) -> None:
        """Takes up what an earlier run left."""
        async with self._store.writing() as session:
            await resume_broadcasts(session)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._loop.alive

    async def stop(self) -> None:
        """Stops after the sending that is under way."""
        self._stopping = True
        await self._loop.stop()

    async def _look(self) -> None:
        async with self._store.reading() as session:
            cry = await running_broadcast(session)
        if cry is not None:
            await self._cry(cry)
        async with self._store.reading() as session:
            ended = await untold_broadcasts(session)
        for each in ended:
            await self._tell(each)

    async def _cry(self, cry: Cry) -> None:
        while not self._stopping:
            async with self._store.writing() as session:
                person = await next_receiver(session, cry.id, self._barred.people)
                if person is None:
                    await end_broadcast(session, cry.id, "finished")
                    return
            state, pause = await self._send(person, cry.body)
            async with self._store.writing() as session:
                await finish_receiver(session, cry.id, person, state)
                if state == "blocked":
                    await mark_blocked(session, person)
            if pause:
                await asyncio.sleep(pause)

    async def _send(self, person: int, body: str) -> tuple[str, float]:
        """The outcome, and for how many seconds to wait after it."""
        try:
            await self._bot.send_message(
                person,
                body,
                parse_mode=ParseMode.HTML,
                rate_limit_args=BROADCAST,  # type: ignore[call-arg]
            )
        except Forbidden:
            return "blocked", 0.0
        except BadRequest as error:
            log.info("a broadcast is refused", problem=error)
            return "failed", 0.0
        except RetryAfter as error:
            return "waiting", seconds_of(error)
        except NetworkError as error:
            return ("waiting", PAUSE) if nothing_sent(error) else ("unknown", PAUSE)
        except TelegramError as error:
            log.error("a broadcast can't be sent", problem=error)
            return "failed", 0.0
        return "sent", 0.0

    async def _tell(self, cry: Cry) -> None:
        try:
            await self._bot.send_message(cry.operator_id, report(cry, self._texts), parse_mode=ParseMode.HTML)
        except (Forbidden, BadRequest):
            log.info("the operator can't be told how a broadcast ended")
        except TelegramError:
            return  # the next round tries again
        async with self._store.writing() as session:
            await mark_broadcast_told(session, cry.id)


def report(cry: Cry, texts: Texts) -> str:
    """How far a broadcast is, or how it ended."""
    numbers = {state: cry.counts[state] for state in ("sent", "blocked", "failed", "unknown")}
    return texts(REPORTS[cry.state], total=cry.counts.total(), **numbers)
