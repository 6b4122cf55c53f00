"""Pictures that come in: photos, picture files, and what is neither."""

from __future__ import annotations

import asyncio

from telegram import Document, Message
from telegram.ext import filters

from bot.jobs.inputs import MAX_DOWNLOAD
from bot.orders import Media
from stylize import Objection, screen

PICTURE_ENDINGS = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".mpo",
)  # fmt: skip


class TooLarge(Exception):  # noqa: N818 - an answer
    """The file is larger than Telegram hands out to bots."""


def media_of(message: Message) -> Media | None:
    """The still picture in a message, as photo or as file. Raises TooLarge."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return Media(
            largest.file_id,
            largest.file_unique_id,
            size=largest.file_size or 0,
            width=largest.width,
            height=largest.height,
        )
    document = message.document
    if document is None or message.animation is not None or not _is_picture(document):
        return None
    if (document.file_size or 0) > MAX_DOWNLOAD:
        raise TooLarge
    return Media(
        document.file_id,
        document.file_unique_id,
        sent_as_file=True,
        name=document.file_name or "",
        size=document.file_size or 0,
    )


def _is_picture(document: Document) -> bool:
    mime = (document.mime_type or "").lower()
    if mime == "image/gif":
        return False
    # Some clients call HEIC "application/octet-stream".
    return mime.startswith("image/") or (document.file_name or "").lower().endswith(PICTURE_ENDINGS)


def words_in(text: str | None) -> str | None:
    """The sentence in a text or caption, None where there is no word in it."""
    cleaned = " ".join((text or "").split())
    return cleaned if any(letter.isalnum() for letter in cleaned) else None


async def screened(sentence: str) -> Objection | None:
    """What speaks against painting by this sentence; the chat goes on while the first one is looked at."""
    return await asyncio.to_thread(screen, sentence)


class PictureFilter(filters.MessageFilter):
    """Messages with a still picture, too large ones included."""

    def filter(self, message: Message) -> bool:
        """Whether there is one."""
        try:
            return media_of(message) is not None
        except TooLarge:
            return True


class AlbumFilter(filters.MessageFilter):
    """Messages that are part of an album."""

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        return message.media_group_id is not None


NEW = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE  # an edited caption must never start a second job
PICTURE = NEW & PictureFilter()
ALBUM_PART = NEW & AlbumFilter()
