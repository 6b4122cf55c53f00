"""A running sandbox, a person in it, and the two client libraries as bots."""

import io
from collections.abc import AsyncIterator, Callable

import pytest
from PIL import Image
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox import Sandbox
from bot.sandbox.person import Person

TOKEN = "4242:sandbox-token"


def _jpeg(width: int = 640, height: int = 480, colour: str = "teal", orientation: int = 1) -> bytes:
    """A JPEG whose left half has the colour and whose right half is white."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste(colour, (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def _ptb(sandbox: Sandbox, token: str = TOKEN, read_timeout: float = 10.0) -> Bot:
    """A python-telegram-bot Bot that talks to the sandbox."""
    return Bot(
        token,
        base_url=f"{sandbox.address}/bot",
        base_file_url=f"{sandbox.address}/file/bot",
        request=HTTPXRequest(8, read_timeout=read_timeout, media_write_timeout=read_timeout),
        get_updates_request=HTTPXRequest(4, read_timeout=read_timeout),
    )


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox on a free port."""
    running = Sandbox(TOKEN, port=0, webhook_pause=0.05)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def ada(sandbox: Sandbox) -> AsyncIterator[Person]:
    """A person with a new chat."""
    async with Person.at(sandbox.address) as person:
        yield person


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """python-telegram-bot's Bot."""
    async with _ptb(sandbox) as running:
        yield running


@pytest.fixture
def jpeg() -> Callable[..., bytes]:
    """Makes JPEGs: width, height, colour, orientation."""
    return _jpeg


@pytest.fixture
def ptb() -> Callable[..., Bot]:
    """Makes further Bots: sandbox, token, read_timeout."""
    return _ptb


@pytest.fixture
def token() -> str:
    """The bot's token."""
    return TOKEN
