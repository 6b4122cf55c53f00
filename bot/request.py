"""HTTP requests that are made again where it is certain that Telegram did not take them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from http import HTTPStatus
from typing import Any

import httpx
import structlog
from telegram._utils.defaultvalue import DEFAULT_NONE
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest, RequestData

PAUSES = (0.5, 1.5, 4.0)  # seconds between tries
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)  # nothing can have left
TELEGRAM_IS_ILL = range(500, 600)  # it answered, and did nothing

log = structlog.get_logger(__name__)


class PatientRequest(HTTPXRequest):
    """The library's request, with a few more tries while the network or Telegram itself is unwell."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """From now on everything is tried once."""
        self._stopping.set()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = DEFAULT_NONE,
        write_timeout: ODVInput[float] = DEFAULT_NONE,
        connect_timeout: ODVInput[float] = DEFAULT_NONE,
        pool_timeout: ODVInput[float] = DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One request, see the library; gives status and body."""
        limits = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        for pause in PAUSES:
            if self._stopping.is_set():
                break
            try:
                status, body = await super().do_request(url, method, request_data, *limits)
            except NetworkError as error:
                if not nothing_sent(error):
                    raise
                log.info("no connection to Telegram; trying again", seconds=pause)
            else:
                if status not in TELEGRAM_IS_ILL:
                    return status, body
                log.info("Telegram is unwell; trying again", status=status, seconds=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        return await super().do_request(url, method, request_data, *limits)


class PollRequest(HTTPXRequest):
    """The request for getUpdates, which remembers when Telegram last answered it. The library repeats it itself."""

    def __init__(self) -> None:
        super().__init__(connection_pool_size=1)
        self._answered = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the last answer, at first since the start."""
        return time.monotonic() - self._answered

    async def do_request(self, *call: Any, **limits: Any) -> tuple[int, bytes]:
        """One request, see the library; gives status and body."""
        status, body = await super().do_request(*call, **limits)
        if status == HTTPStatus.OK:
            self._answered = time.monotonic()
        return status, body


def nothing_sent(error: NetworkError) -> bool:
    """Whether it is certain that a request was not taken: no connection, or an answer that says no.

    After a time-out or a broken connection nobody knows.
    """
    cause = error.__cause__
    return cause is None or isinstance(cause, (*NOT_SENT, TelegramError))
