"""Albums: they arrive as single messages without a count or an end, so the bot waits for a second of silence."""

from __future__ import annotations

import asyncio
import json
import time

from telegram import Bot, Message, Update
from telegram.ext import BaseHandler, ContextTypes

from bot.conversation.desk import State
from bot.store import Store
from bot.store.albums import Part, first_parts

SILENCE = 1.0  # seconds without another part: the album is complete
LONGEST = 5.0  # seconds after the first part at most
MARK = "atelier_album"  # in an update of our own making: this album is complete


class Albums:
    """Waits for albums to become complete, then puts an update of our own into the queue, which is handled in the
    chat's order like any other."""

    def __init__(self, store: Store, updates: asyncio.Queue[object]) -> None:
        self._store = store
        self._updates = updates
        self._timers: dict[tuple[int, str], tuple[float, asyncio.TimerHandle]] = {}

    def heard(self, part: Part, bot: Bot) -> None:
        """A part arrived: wait a little longer for the next."""
        key = (part.chat_id, part.group_id)
        moment = time.monotonic()
        first, timer = self._timers.get(key, (moment, None))
        if timer is not None:
            timer.cancel()
        pause = max(0.0, min(SILENCE, first + LONGEST - moment))
        handle = asyncio.get_running_loop().call_later(pause, self._complete, part, bot)
        self._timers[key] = (first, handle)

    async def resume(self, bot: Bot) -> None:
        """Goes on with albums that were arriving when the bot stopped."""
        async with self._store.reading() as session:
            for part in await first_parts(session):
                self.heard(part, bot)

    def stop(self) -> None:
        """Stops waiting; the parts are stored."""
        for _, timer in self._timers.values():
            timer.cancel()

    def _complete(self, part: Part, bot: Bot) -> None:
        self._timers.pop((part.chat_id, part.group_id), None)
        message = Message.de_json(json.loads(part.body), bot)
        self._updates.put_nowait(_marked(message, part.group_id, bot))


def _marked(message: Message, group_id: str, bot: Bot) -> Update:
    update = Update(update_id=0, message=message, api_kwargs={MARK: group_id})
    update.set_bot(bot)
    return update


def complete_album(update: object) -> str | None:
    """The album that this update says is complete."""
    if not isinstance(update, Update):
        return None
    group = update.api_kwargs.get(MARK)
    return str(group) if group is not None else None


class AlbumHandler(BaseHandler[Update, ContextTypes.DEFAULT_TYPE, State]):
    """Handles complete albums."""

    def check_update(self, update: object) -> bool:
        """Whether this update speaks of one."""
        return complete_album(update) is not None
