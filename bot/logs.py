"""The log: one line per event, the token never in it, nor what people write or are called."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Literal

import structlog
from structlog.typing import EventDict, WrappedLogger
from telegram import TelegramObject

HIDDEN = "‹token›"
QUIET = ("httpx", "httpcore", "aiosqlite", "telegram", "apscheduler", "tornado.access", "uvicorn.access", "alembic")


class Redactor:
    """Replaces secrets wherever they appear, tracebacks and addresses included."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = [secret for secret in secrets if secret]

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """The event without secrets."""
        return {name: self.clean(value) for name, value in event.items()}

    def clean(self, value: object) -> object:
        """A value without secrets; whole messages of Telegram are named only."""
        if isinstance(value, TelegramObject):
            return f"<{type(value).__name__}>"
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, HIDDEN)
        return value


class NamesOnly(logging.Filter):
    """Takes Telegram's objects out of the arguments of other libraries' records: they hold names and words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                f"<{type(arg).__name__}>" if isinstance(arg, TelegramObject) else arg for arg in record.args
            )
        return True


def set_up_logs(level: str, form: Literal["text", "json"], secrets: Sequence[str]) -> None:
    """Sends everything, ours and the libraries', through one formatter to stderr."""
    redact = Redactor(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    finish: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
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
