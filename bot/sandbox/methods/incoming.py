"""Files and captions in a bot's call, as media of the sandbox: uploads, attach:// names, file ids, InputMedia."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from bot.sandbox.chats import Chats
from bot.sandbox.entities import Formatted, formatted
from bot.sandbox.photos import bot_photo
from bot.sandbox.records import Media, MediaKind
from bot.sandbox.refusals import WRONG_FILE, Refusal, bad_request
from bot.sandbox.wire import Call, Upload

_KINDS: tuple[str, ...] = get_args(MediaKind)


@dataclass(frozen=True)
class Input:
    """One InputMedia: what to show and what to write below it."""

    media: Media
    caption: Formatted
    spoiler: bool


async def media_field(chats: Chats, call: Call, kind: MediaKind) -> Media:
    """The media in the parameter of the same name (sendPhoto's photo, ...)."""
    upload = call.uploads.get(kind)
    if upload is None:
        value = call.text(kind)
        if not value:
            raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
        return await _resolve(chats, call, kind, value)
    return await _take(chats, call, kind, upload)


async def input_media(chats: Chats, call: Call, item: object, for_album: bool) -> Input:
    """An InputMedia of editMessageMedia or sendMediaGroup."""
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    fields = Call("", item, call.uploads)
    caption = formatted(fields, "caption", "parse_mode", "caption_entities").caption()
    kind, value = fields.text("type"), fields.text("media")
    if not value:
        raise bad_request("can't parse InputMedia: media not found")
    if for_album and kind == "animation":
        raise bad_request("can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup")
    if kind not in {"photo", "video", "animation", "audio", "document"}:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    media = await _resolve(chats, fields, _kind(kind), value, "can't parse InputMedia: media not found")
    return Input(media, caption, fields.flag("has_spoiler"))


def _kind(name: str) -> MediaKind:
    for kind in get_args(MediaKind):
        if kind == name:
            found: MediaKind = kind
            return found
    raise bad_request(f'type "{name}" is unsupported')


async def _resolve(chats: Chats, call: Call, kind: MediaKind, value: str, missing: str = WRONG_FILE) -> Media:
    if value.startswith("attach://"):
        upload = call.uploads.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request(missing)
        return await _take(chats, call, kind, upload)
    if re.match(r"https?://", value):  # the sandbox never reaches out
        raise bad_request("failed to get HTTP URL content")
    media = chats.files.known(value)
    if media is None:
        raise bad_request(WRONG_FILE)
    if media.kind != kind and {media.kind, kind} != {"animation", "document"}:
        raise bad_request(f"can't use file of type {_called(media.kind)} as {_called(kind)}")
    return media


def _called(kind: str) -> str:
    return {"voice": "VoiceNote", "video_note": "VideoNote"}.get(kind, kind.capitalize())


async def _take(chats: Chats, call: Call, kind: MediaKind, upload: Upload) -> Media:
    if not upload.data:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        return await chats.files.add_photo(await asyncio.to_thread(bot_photo, upload.data))
    preview = _preview(call.uploads, call.text("thumbnail"))
    name = None if kind in {"sticker", "voice", "video_note"} else _clean(upload.name)
    media = await chats.files.add(kind, upload.data, name, upload.mime, preview)
    duration, width, height = (call.integer(field) for field in ("duration", "width", "height"))
    return chats.files.change(media, duration, width, height) if duration or width or height else media


def _preview(uploads: Mapping[str, Upload], value: str) -> bytes | None:
    upload = uploads.get(value.removeprefix("attach://")) or uploads.get("thumbnail")
    return upload.data if upload else None


def _clean(name: str) -> str:
    name = re.sub(r"[\x00-\x1f/\\:*?\"<>|]+", "_", name).strip() or "file"
    return name[-60:]


def album_check(inputs: list[Input]) -> None:
    """Refuses what Telegram doesn't send as one album."""
    kinds = {one.media.kind for one in inputs}
    for alone in ("document", "audio"):
        if alone in kinds and len(kinds) > 1:
            raise Refusal(400, f"Bad Request: {alone}s can't be mixed with other media types")
