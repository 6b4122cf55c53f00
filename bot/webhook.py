"""Where Telegram calls us: the answer is 200 once the update is stored.

In place of the library's own receiver, which compares the secret byte by byte and takes bodies of any size.
"""

from __future__ import annotations

import hmac
import json
from http import HTTPStatus
from json import JSONDecodeError

import structlog
import tornado.httpserver
import tornado.web
from telegram import Bot, Update
from telegram.error import TelegramError

from bot.inbox import Inbox

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 2**20  # bytes of a body: updates take a few kilobytes

log = structlog.get_logger(__name__)


class Webhook:
    """A small server with one address. Telegram sends again what was not answered by 200."""

    def __init__(self, inbox: Inbox, bot: Bot, path: str, secret: str) -> None:
        receiver = {"inbox": inbox, "bot": bot, "secret": secret.encode()}
        self._application = tornado.web.Application(
            [(f"/{path.strip('/')}/?", _Receiver, receiver)], log_function=lambda _: None
        )
        self._server: tornado.httpserver.HTTPServer | None = None

    @property
    def alive(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    def start(self, host: str, port: int) -> None:
        """Listens. Raises OSError where the port is taken."""
        self._server = self._application.listen(port, host, max_body_size=LARGEST, max_buffer_size=LARGEST)

    async def stop(self) -> None:
        """Takes nothing more, and ends once what was taken is answered."""
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()
            self._server = None


class _Receiver(tornado.web.RequestHandler):
    def initialize(self, inbox: Inbox, bot: Bot, secret: bytes) -> None:
        self._inbox = inbox
        self._bot = bot
        self._secret = secret

    def prepare(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._secret):
            raise tornado.web.HTTPError(HTTPStatus.FORBIDDEN)

    async def post(self) -> None:
        try:
            update = Update.de_json(json.loads(self.request.body), self._bot)
        except (JSONDecodeError, UnicodeDecodeError, TypeError, KeyError, AttributeError, ValueError, TelegramError):
            log.warning("a call is no update")
            raise tornado.web.HTTPError(HTTPStatus.BAD_REQUEST) from None
        await self._inbox.put(update)

    def write_error(self, status_code: int, **_: object) -> None:
        self.finish(HTTPStatus(status_code).phrase)

    def log_exception(self, *_: object) -> None:
        """An update that can't be read is logged by `post`, without its words."""
