"""A second client library: an aiogram bot that polls, so that the sandbox isn't fitted to one library's habits."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError, TelegramRetryAfter
from aiogram.filters import CommandStart
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from PIL import Image, ImageOps

from bot.sandbox import Sandbox
from bot.sandbox.person import Person

Jpeg = Callable[..., bytes]


def mirrored(data: bytes) -> bytes:
    """The picture with left and right exchanged."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        ImageOps.mirror(picture).save(out, "JPEG")
    return out.getvalue()


def dispatcher() -> Dispatcher:
    """A bot that mirrors photos."""
    handlers = Dispatcher()

    @handlers.message(CommandStart())
    async def start(message: Message) -> None:
        await message.answer(f"<b>Hello</b> {message.from_user.first_name}", parse_mode="HTML")  # type: ignore[union-attr]

    @handlers.message(F.photo)
    async def photo(message: Message, bot: Bot) -> None:
        data = await bot.download(message.photo[-1])  # type: ignore[index]
        assert data is not None
        button = InlineKeyboardButton(text="Once more", callback_data=f"again:{message.message_id}")
        await message.answer_photo(
            BufferedInputFile(mirrored(data.read()), "mirrored.jpg"),
            caption=f"You said: {message.caption}",
            reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]),
        )

    @handlers.callback_query(F.data.startswith("again:"))
    async def again(query: CallbackQuery, bot: Bot) -> None:
        await query.answer("Mirroring…")
        assert isinstance(query.message, Message)
        data = await bot.download(query.message.photo[-1])  # type: ignore[index]
        assert data is not None
        media = InputMediaPhoto(media=BufferedInputFile(mirrored(data.read()), "again.jpg"), caption="As it was")
        await query.message.edit_media(media)

    return handlers


@pytest.fixture
async def aiobot(sandbox: Sandbox, token: str) -> AsyncIterator[Bot]:
    """An aiogram Bot at the sandbox."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.address))
    async with Bot(token, session=session) as running:
        yield running


async def test_a_photo_there_and_back(aiobot: Bot, ada: Person, jpeg: Jpeg) -> None:
    handlers = dispatcher()
    polling = asyncio.create_task(handlers.start_polling(aiobot, handle_signals=False))
    try:
        await ada.start()
        greeting = await ada.wait_for(lambda bubble: bubble.from_bot)
        assert greeting.text == "Hello Ada"
        assert greeting.entities[0]["type"] == "bold"
        original = await ada.photo(jpeg(colour="red"), caption="mirror me")
        result = await ada.wait_for(lambda bubble: bubble.from_bot and bubble.kind == "photo")
        assert (result.text, result.labels) == ("You said: mirror me", ["Once more"])
        sides = [_left_is_white(await ada.download(bubble)) for bubble in (original, result)]
        assert sides == [False, True]
        answer = await ada.tap(result, "Once more")
        assert (answer.answered, answer.text) == (True, "Mirroring…")
        edited = await ada.wait_for(lambda bubble: bubble.id == result.id and bubble.text == "As it was")
        assert edited.labels == []
        assert not _left_is_white(await ada.download(edited))
    finally:
        await handlers.stop_polling()
        with contextlib.suppress(asyncio.CancelledError):
            await polling


def _left_is_white(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as picture:
        return min(picture.convert("RGB").getpixel((20, 100))) > 240  # type: ignore[arg-type]


async def test_aiogram_understands_the_refusals(aiobot: Bot, ada: Person, jpeg: Jpeg) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await aiobot.send_message(ada.chat_id, "too early")
    await ada.start()
    sent = await aiobot.send_message(ada.chat_id, "one")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await aiobot.edit_message_text("one", chat_id=ada.chat_id, message_id=sent.message_id)
    await ada.fault("sendMessage", "429", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as wait:
        await aiobot.send_message(ada.chat_id, "two")
    assert wait.value.retry_after == 3
    await aiobot.set_webhook("http://127.0.0.1:9/")
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await aiobot.get_updates()


async def test_aiogram_albums(aiobot: Bot, ada: Person, jpeg: Jpeg) -> None:
    await ada.start()
    media = [InputMediaPhoto(media=BufferedInputFile(jpeg(colour=one), f"{one}.jpg")) for one in ("red", "blue")]
    sent = await aiobot.send_media_group(ada.chat_id, media)  # type: ignore[arg-type]
    assert len({message.media_group_id for message in sent}) == 1
    chat = await aiobot.get_chat(ada.chat_id)
    assert chat.first_name == "Ada"
