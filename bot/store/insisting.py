"""Writes that must not get lost while the database is busy or its disk is full."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy import exc

PASSING = (exc.OperationalError, exc.TimeoutError)
"""What the database says when it is locked, full or out of reach: nothing was changed, and it may be well again."""

PAUSE = 1.0  # seconds between tries

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def insist(work: Callable[[], Awaitable[T]], what: str) -> T:
    """Does this work, which is one transaction, until the database takes it. `what` names it in the log."""
    while True:
        try:
            return await work()
        except PASSING as error:
            problem = str(getattr(error, "orig", None) or type(error).__name__)
            log.warning("the database does not take this; trying again", what=what, problem=problem)
            await asyncio.sleep(PAUSE)
