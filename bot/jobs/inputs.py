"""Pictures that people sent, fetched from Telegram once and kept for a while."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections import defaultdict
from pathlib import Path

import structlog
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.flood import seconds_of
from bot.orders import Media

MAX_DOWNLOAD = 20 * 2**20  # bytes: what Telegram's servers hand out to bots
PAUSES = (0.5, 2.0, 5.0)  # seconds between tries when the network fails
NETWORK = "input-network"

log = structlog.get_logger(__name__)


class NotFetched(Exception):  # noqa: N818 - an outcome
    """Telegram does not give the picture; `code` is "input-gone", "input-too_large" or NETWORK."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Inputs:
    """A folder of fetched pictures, named by what Telegram says is the same picture."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        self._bot = bot
        self._folder = folder
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        folder.mkdir(parents=True, exist_ok=True)

    async def telegram_is_there(self) -> bool:
        """Whether it answers at all."""
        try:
            await self._bot.get_me()
        except TelegramError:
            return False
        return True

    def path_of(self, media: Media) -> Path:
        """Where this picture lies once fetched."""
        return file_of(self._folder, media.unique_id)

    async def fetch(self, media: Media) -> Path:
        """The file of this picture. Raises NotFetched."""
        path = self.path_of(media)
        async with self._locks[path.name]:
            if path.exists():
                os.utime(path)  # used again: kept longer
            else:
                await self._download(media, path)
        self._locks.pop(path.name, None)
        return path

    async def _download(self, media: Media, path: Path) -> None:
        for pause in (*PAUSES, None):
            try:
                file = await self._bot.get_file(media.file_id)
                if (file.file_size or 0) > MAX_DOWNLOAD:
                    raise NotFetched("input-too_large")
                partial = path.with_suffix(".part")
                await file.download_to_drive(partial)
                partial.replace(path)
                return
            except RetryAfter as error:
                await asyncio.sleep(seconds_of(error))
            except BadRequest as error:
                raise NotFetched("input-too_large" if "too big" in error.message else "input-gone") from error
            except (Forbidden, InvalidToken) as error:
                raise NotFetched("input-gone") from error
            except NetworkError as error:
                log.warning("download failed", problem=type(error).__name__, again=pause is not None)
                if pause is None:
                    raise NotFetched(NETWORK) from error
                await asyncio.sleep(pause)
        raise NotFetched(NETWORK)

    def sweep(self, hours: float) -> int:
        """Deletes what was not used for so long; answers how many."""
        return sweep_folder(self._folder, hours)


def file_of(folder: Path, unique_id: str) -> Path:
    """Where in the folder of inputs the picture lies that Telegram knows by this unique id."""
    return folder / hashlib.sha256(unique_id.encode()).hexdigest()[:32]


def sweep_folder(folder: Path, hours: float) -> int:
    """Deletes files of a folder that are older than so many hours; answers how many."""
    limit = time.time() - hours * 3600
    old = [file for file in folder.iterdir() if file.is_file() and file.stat().st_mtime < limit]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
