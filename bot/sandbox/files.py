"""Stored files: ids, contents, and the links that getFile gives out for an hour."""

import asyncio
import mimetypes
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.sandbox.ledger import Ledger
from bot.sandbox.photos import Level, dimensions, thumbnail
from bot.sandbox.records import Counters, Media, MediaKind, StoredFile
from bot.sandbox.refusals import bad_request

MAX_DOWNLOAD = 20 * 2**20
LINK_SECONDS = 3600
_FOLDERS = {"photo": "photos", "document": "documents", "animation": "animations", "video": "videos"}
_FOLDERS |= {"audio": "music", "voice": "voice", "video_note": "video_notes", "sticker": "stickers"}
_FOLDERS |= {"thumbnail": "thumbnails"}
_PREFIXES = {"photo": "AgAC", "document": "BQAC", "animation": "CgAC", "video": "BAAC", "audio": "CQAC"}
_PREFIXES |= {"voice": "AwAC", "video_note": "DQAC", "sticker": "CAAC", "thumbnail": "AAMC"}


class Files:
    """The files of one sandbox, below `folder`, recorded in `ledger`."""

    def __init__(self, folder: Path, ledger: Ledger, counters: Counters, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._ledger = ledger
        self._counters = counters
        self._clock = clock
        self._files = {file.id: file for file in ledger.all(StoredFile)}
        self._media: dict[str, Media] = {}
        self._links: dict[str, float] = {}
        for media in ledger.all(Media):
            self._index(media)
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, file_id: str) -> StoredFile:
        """The file's record; refused where unknown."""
        try:
            return self._files[file_id]
        except KeyError:
            raise bad_request("wrong file_id or the file is temporarily unavailable") from None

    def known(self, file_id: str) -> Media | None:
        """The media that a file id stands for, so that it can be sent again."""
        return self._media.get(file_id)

    def where(self, file: StoredFile) -> Path:
        """The file's place on disk."""
        return self._folder / file.path

    def link(self, file_id: str) -> StoredFile:
        """Opens the file's download link for an hour; refuses files over 20 MiB."""
        file = self.get(file_id)
        if file.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        self._links[file.path] = self._clock() + LINK_SECONDS
        return file

    def linked(self, path: str) -> Path | None:
        """The place of a file whose link is open, else None."""
        return self._folder / path if self._links.get(path, 0) > self._clock() else None

    async def add_photo(self, levels: list[Level]) -> Media:
        """Stores a photo in its sizes."""
        sizes = [
            await self._store("photo", level.jpeg, ".jpg", "image/jpeg", level.width, level.height) for level in levels
        ]
        last = sizes[-1]
        media = Media("photo", last.id, [size.id for size in sizes], width=last.width, height=last.height)
        return self._remember(media)

    async def add(
        self, kind: MediaKind, data: bytes, name: str | None, mime: str, preview: bytes | None = None
    ) -> Media:
        """Stores any other file as it is, with a thumbnail if it (or `preview`) is a picture."""
        mime = _mime(name, mime)
        ending = Path(name or "").suffix.lower()[:8] or mimetypes.guess_extension(mime) or ""
        width, height = dimensions(data) if kind in {"animation", "sticker"} else (0, 0)
        file = await self._store(kind, data, ending if ending.isascii() else "", mime, width, height)
        small = await asyncio.to_thread(thumbnail, preview or data) if kind in {"document", "animation"} else None
        thumb = None
        if small is not None:
            thumb = (await self._store("thumbnail", small.jpeg, ".jpg", "image/jpeg", small.width, small.height)).id
        return self._remember(Media(kind, file.id, [], thumb, name, width=width, height=height))

    def change(self, media: Media, duration: int, width: int, height: int) -> Media:
        """The same media with what its sender says about it."""
        return self._remember(
            replace(media, duration=duration, width=width or media.width, height=height or media.height)
        )

    async def _store(self, kind: str, data: bytes, ending: str, mime: str, width: int, height: int) -> StoredFile:
        self._counters.file += 1
        path = f"{_FOLDERS[kind]}/file_{self._counters.file}{ending}"
        unique = "AQAD" + secrets.token_urlsafe(8)
        file_id = _PREFIXES[kind] + "AgIAAxkBAAI" + secrets.token_urlsafe(36)
        file = StoredFile(file_id, unique, kind, path, len(data), mime, width, height)
        await asyncio.to_thread(self._write, self._folder / path, data)
        self._files[file.id] = file
        self._ledger.put(file.id, file)
        self._ledger.put("counters", self._counters)
        return file

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def _remember(self, media: Media) -> Media:
        self._ledger.put(media.file, media)
        self._index(media)
        return media

    def _index(self, media: Media) -> None:
        for file_id in {media.file, *media.sizes}:
            self._media[file_id] = media


def _mime(name: str | None, mime: str) -> str:
    if mime and mime != "application/octet-stream":
        return mime
    return mimetypes.guess_type(name or "")[0] or "application/octet-stream"
