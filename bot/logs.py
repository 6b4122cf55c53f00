"""The log: one line per event. The token is never in it, nor what people write or are called; people are hashes."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, WrappedLogger
from telegram import TelegramObject
from telegram.error import NetworkError

from bot.tracebacks import summary_of, trace_of

HIDDEN = "‹token›"
QUIET = ("httpx", "httpcore", "aiosqlite", "telegram", "apscheduler", "tornado.access", "uvicorn.access", "alembic")
PEOPLE = ("who", "user", "user_id", "chat", "chat_id")
"""Fields whose values are numbers of people or chats."""

LONG_NUMBER = re.compile(r"(?<!\w)(?<!\d\.)-?\d{7,}(?!\w|\.\d)")
"""In a text such a number may be that of a person; our own stand in fields, as numbers."""

log = structlog.get_logger(__name__)


class Redactor:
    """Takes out of an event what must not be told: secrets, numbers of people, objects that hold words or names.

    The first secret, the bot's token, is also the key of the hashes: they stay the same as long as it does, and tell
    nothing to who doesn't know it.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret for secret in secrets if secret]
        self._key = hashlib.sha256(secrets[0].encode() if secrets else b"").digest()

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """The event without them."""
        people = {name: value for name, value in event.items() if name in PEOPLE and value is not None}
        cleaned = {name: self._clean(value, people.values()) for name, value in event.items() if name not in people}
        return cleaned | {name: self.hashed(value) for name, value in people.items()}

    def hashed(self, number: object) -> str:
        """Eight hex digits that stand for a person or a chat."""
        return hashlib.blake2b(str(number).encode(), key=self._key, digest_size=4).hexdigest()

    def _clean(self, value: object, people: Iterable[object]) -> object:
        match value:
            case bool() | int() | float() | None:
                return value
            case str():
                text = str(value)
            case BaseException():
                text = summary_of(value)
            case _:
                return f"<{type(value).__name__}>"
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for number in people:  # short ones, too, where they are known
            text = re.sub(rf"(?<![\w.]){re.escape(str(number))}(?!\w|\.\d)", self.hashed(number), text)
        return LONG_NUMBER.sub(lambda found: self.hashed(found.group()), text)


POLLING = "telegram.ext.Updater"
OUT_OF_REACH = "Telegram does not answer; asking for updates again"


class NamesOnly(logging.Filter):
    """Takes Telegram's objects and exceptions out of other libraries' records: they hold names and words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass."""
        if record.name == POLLING and record.exc_info and isinstance(record.exc_info[1], NetworkError):
            # The library tries again at once; in an outage a traceback for each try would drown all else.
            record.msg, record.args, record.exc_info = OUT_OF_REACH, (), None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if isinstance(record.args, tuple):
            record.args = tuple(_named(arg) for arg in record.args)
        elif record.args:
            record.args = {name: _named(arg) for name, arg in record.args.items()}
        record.msg = _named(record.msg)
        return True


def tell_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts the traceback of the event's exception into it, without the texts of exceptions that may tell too much."""
    match event.pop("exc_info", None):
        case BaseException() as error:
            pass
        case (_, error, _):
            pass
        case given:
            error = sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = trace_of(error)
    return event


def log_stray(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For the event loop: what failed where nobody looked. The loop's own way would tell the exception's text."""
    error = context.get("exception")
    log.error("something failed in the background", what=str(context.get("message", "")), exc_info=error)


def set_up_logs(level: str, form: Literal["text", "json"], secrets: Sequence[str]) -> None:
    """Sends everything, ours and the libraries', through one formatter to stderr; see `Redactor` for the secrets."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    finish: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        tell_exception,
        Redactor(secrets),
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NamesOnly())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:  # httpx writes every address, and with it the token, at INFO
        logging.getLogger(name).setLevel(logging.WARNING)


def _named(value: Any) -> Any:
    if isinstance(value, TelegramObject):
        return f"<{type(value).__name__}>"
    return summary_of(value) if isinstance(value, BaseException) else value
