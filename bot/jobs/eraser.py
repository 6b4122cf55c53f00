"""Deletes a person and everything of theirs: rows, work that is under way, pictures on the disk, status messages."""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta
from pathlib import Path

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.jobs.courier import Courier
from bot.jobs.inputs import file_of
from bot.jobs.sql_queue import SqlQueue
from bot.store import Store
from bot.store.forgetting import Forgotten, forget_person
from bot.store.models import now
from bot.store.pictures import jobs_among, pictures_in_use

log = structlog.get_logger(__name__)


class Eraser:
    """The only one who deletes rows of jobs.

    Whoever works on such a job learns it from the row that is missing: a painter drops its result, the courier does
    not start a sending.
    """

    def __init__(self, bot: Bot, store: Store, queue: SqlQueue, courier: Courier, inputs: Path, results: Path) -> None:
        self._bot = bot
        self._store = store
        self._queue = queue
        self._courier = courier
        self._inputs = inputs
        self._results = results

    async def erase(self, user_id: int, update_id: int) -> None:
        """Deletes all of this person, who asked for it with this update; doing it again does no harm."""
        async with self._store.writing() as session:
            forgotten = await forget_person(session, user_id, self._bot.id, update_id)
        self._queue.tell_of_cancel()
        await self._courier.settle(forgotten.chats)
        self._delete_files(forgotten)
        for chat_id, message_id in forgotten.statuses:
            with contextlib.suppress(TelegramError):
                await self._bot.delete_message(chat_id, message_id)
        await self._store.scrub()
        log.info("a person was forgotten", jobs=len(forgotten.jobs))

    def _delete_files(self, forgotten: Forgotten) -> None:
        for job in forgotten.jobs:
            for file in self._results.glob(f"{job}.*"):
                file.unlink(missing_ok=True)
        for picture in forgotten.pictures:
            file_of(self._inputs, picture).unlink(missing_ok=True)

    async def sweep_leftovers(self, hours: float) -> int:
        """Deletes pictures that no row speaks of: a download or a painting that ended after its job was deleted.

        hours: how long pictures are kept otherwise. Answers how many were deleted.
        """
        begun = time.time()
        inputs = [file for file in self._inputs.iterdir() if file.is_file()]
        results = [(int(number), file) for file in self._results.iterdir() if (number := _number(file)).isdecimal()]
        async with self._store.reading() as session:
            used = await pictures_in_use(session, now() - timedelta(hours=hours))
            jobs = await jobs_among(session, [number for number, _ in results])
        kept = {file_of(self._inputs, picture).name for picture in used}
        unused = [file for file in inputs if file.stem not in kept]
        unused += [file for number, file in results if number not in jobs]
        deleted = 0
        for file in unused:
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime < begun:  # not taken into use since
                    file.unlink()
                    deleted += 1
        return deleted


def _number(file: Path) -> str:
    return file.name.partition(".")[0]
