"""Looks for a message that Telegram may have taken without our hearing of it.

A bot can't read its chats. But it can change its own messages, and Telegram says of each number whether there is one to
change, whose it is, and whether anything would change: that is enough to know a message again, and to learn its number.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import structlog
from telegram import Bot, InlineKeyboardMarkup, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, NetworkError

from bot.flood import CHORE
from bot.refusals import UNCHANGED
from bot.sightings import Sightings

REACH = 40  # numbers that are looked at: messages to all chats, from the moment of the sending on
BEYOND = 12  # numbers above the newest that is known

log = structlog.get_logger(__name__)


class Tracer:
    """Finds messages by what they say.

    since: the newest number that was known when the message was sent. known: messages that are certainly others.
    """

    def __init__(self, bot: Bot, sightings: Sightings) -> None:
        self._bot = bot
        self.sightings = sightings

    async def find_text(self, chat_id: int, since: int, text: str, known: Iterable[int]) -> int | None:
        """A text of ours of which nothing is known. It says this text afterwards. Raises TelegramError."""

        async def same(number: int) -> bool:
            await self._bot.edit_message_text(
                text,
                chat_id=chat_id,
                message_id=number,
                rate_limit_args=CHORE,  # type: ignore[call-arg]
            )
            return True

        return await self._find(chat_id, since, known, same)

    async def find_picture(
        self,
        chat_id: int,
        since: int,
        caption: str,
        buttons: InlineKeyboardMarkup | None,
        known: Iterable[int],
        restore: Callable[[Message], Awaitable[None]],
    ) -> int | None:
        """A picture of ours with this caption and these buttons, if any. Raises TelegramError.

        restore: gets another picture that was changed by mistake.
        """

        async def same(number: int) -> bool:
            changed = await self._bot.edit_message_caption(
                chat_id,
                number,
                caption=caption,
                parse_mode=ParseMode.HTML,
                reply_markup=buttons,
                rate_limit_args=CHORE,  # type: ignore[call-arg]
            )
            if isinstance(changed, Message):
                log.warning("another picture was taken for a result, and is restored")
                await restore(changed)
            return False

        return await self._find(chat_id, since, known, same)

    async def _find(
        self, chat_id: int, since: int, known: Iterable[int], same: Callable[[int], Awaitable[bool]]
    ) -> int | None:
        newest = self.sightings.newest(chat_id)
        end = since + REACH if newest <= since else min(since + REACH, newest + BEYOND)
        others = self.sightings.known(chat_id) | set(known)
        for number in range(since + 1, end + 1):
            if number in others:
                continue
            if await self._is(number, same):
                return number
        return None

    async def _is(self, number: int, same: Callable[[int], Awaitable[bool]]) -> bool:
        for last in (False, False, True):  # asking again does no harm
            try:
                return await same(number)
            except BadRequest as error:
                return UNCHANGED in error.message.lower()
            except NetworkError:
                if last:
                    raise
        raise AssertionError("unreachable")
