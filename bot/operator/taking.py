"""Pictures that the operator sends."""

from __future__ import annotations

import asyncio
from pathlib import Path

from telegram import Message

from bot.conversation.pictures_in import TooLarge, media_of
from bot.jobs.inputs import Inputs, NotFetched
from stylize import PictureError, encode_picture, open_picture

SIDE = 2048  # px: what a picture is kept at; nothing looks at it in more


async def take_picture(message: Message, inputs: Inputs, target: Path) -> str | None:
    """Keeps the picture of a message in this file, whole or not at all; else gives the key of what is wrong with it."""
    try:
        media = media_of(message)
        if media is None:
            return "operator-no-picture"
        await asyncio.to_thread(_keep, await inputs.fetch(media), target)
    except TooLarge:
        return "file-too-large"
    except NotFetched as error:
        return f"error-{error.code}"
    except PictureError as error:
        return f"error-picture-{error.reason}"
    return None


def _keep(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_bytes(encode_picture(open_picture(source).resized(SIDE)))
    fresh.replace(target)
