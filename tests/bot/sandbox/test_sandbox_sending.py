"""What a bot sends reaches the person, and what is wrong is refused in Telegram's words."""

import io
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAnimation,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden

from bot.sandbox import Sandbox, samples
from bot.sandbox.person import Person

Jpeg = Callable[..., bytes]


@pytest.fixture(autouse=True)
async def started(ada: Person) -> None:
    """The person wrote first, else the bot may not."""
    await ada.start()


async def test_a_message_with_formatting_and_buttons(bot: Bot, ada: Person) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    text = "<b>Bold &amp; 🎨 bright</b> <i>and <u>more</u></i> <a href='https://example.org'>here</a>"
    sent = await bot.send_message(ada.chat_id, text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
    assert sent.text == "Bold & 🎨 bright and more here"
    assert sent.from_user is not None
    assert sent.from_user.id == 4242
    kinds = {(entity.type, sent.parse_entity(entity)) for entity in sent.entities}
    assert kinds == {
        ("bold", "Bold & 🎨 bright"),
        ("italic", "and more"),
        ("underline", "more"),
        ("text_link", "here"),
    }
    seen = (await ada.messages())[-1]
    assert (seen.text, seen.labels, seen.from_bot) == (sent.text, ["Yes"], True)


async def test_markdown_of_both_kinds(bot: Bot, ada: Person) -> None:
    sent = await bot.send_message(
        ada.chat_id, r"*b* _i_ __u__ ||s|| `c\`` [l](https://e.org) 1\.5", ParseMode.MARKDOWN_V2
    )
    assert sent.text == "b i u s c` l 1.5"
    kinds = [entity.type for entity in sent.entities]
    assert kinds == ["bold", "italic", "underline", "spoiler", "code", "text_link"]
    old = await bot.send_message(ada.chat_id, "*b* and _i_ 1.5", ParseMode.MARKDOWN)
    assert [entity.type for entity in old.entities] == ["bold", "italic"]


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        ("<b>x", "HTML", "Can't parse entities: can't find end tag corresponding to start tag \"b\""),
        ("<x>y</x>", "HTML", 'unsupported start tag "x" at byte offset 0'),
        ("é<b>x</i>", "HTML", 'unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("x</b>", "HTML", "unexpected end tag at byte offset 1"),
        ("1 < 2", "HTML", 'unsupported start tag "" at byte offset 2'),
        ("1.5", "MarkdownV2", "character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*bold", "MarkdownV2", "can't find end of bold entity at byte offset 0"),
        ("a_b", "Markdown", "can't find end of italic entity at byte offset 1"),
        ("x", "Word", "unsupported parse_mode"),
    ],
)
async def test_wrong_markup_is_refused(bot: Bot, ada: Person, text: str, mode: str, reason: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        await bot.send_message(ada.chat_id, text, parse_mode=mode)
    assert reason.lower() in refusal.value.message.lower()


async def test_lengths_are_checked(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    await bot.send_message(ada.chat_id, "x" * 4096)
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(ada.chat_id, "x" * 4097)
    with pytest.raises(BadRequest, match="Message is too long"):  # 16-bit units count, not characters
        await bot.send_message(ada.chat_id, "🎨" * 2049)
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(ada.chat_id, "  \n ")
    await bot.send_photo(ada.chat_id, jpeg(), caption="x" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(ada.chat_id, jpeg(), caption="x" * 1025)


@pytest.mark.parametrize(("data", "fits"), [("x" * 64, True), ("x" * 65, False), ("é" * 33, False)])
async def test_callback_data_has_at_most_64_bytes(bot: Bot, ada: Person, data: str, fits: bool) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Tap", callback_data=data)]])
    if fits:
        await bot.send_message(ada.chat_id, "ok", reply_markup=keyboard)
    else:
        with pytest.raises(BadRequest, match="Button_data_invalid"):
            await bot.send_message(ada.chat_id, "no", reply_markup=keyboard)


async def test_a_button_needs_something_to_do(bot: Bot, ada: Person) -> None:
    with pytest.raises(BadRequest, match="text buttons are unallowed in the inline keyboard"):
        await bot.send_message(ada.chat_id, "x", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Tap")]]))


async def test_a_photo_gets_its_levels_and_can_be_sent_again_by_id(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    sent = await bot.send_photo(ada.chat_id, jpeg(2000, 1500, orientation=6), caption="turned")
    assert [(size.width, size.height) for size in sent.photo] == [(68, 90), (240, 320), (600, 800), (960, 1280)]
    again = await bot.send_photo(ada.chat_id, sent.photo[0].file_id)
    assert again.photo == sent.photo
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    shown = await ada.download((await ada.messages())[-1])
    with Image.open(io.BytesIO(shown)) as picture:
        assert (picture.format, picture.size, picture.getexif()) == ("JPEG", (960, 1280), Image.Exif())
        assert picture.getpixel((480, 100))[1] > 90 > picture.getpixel((480, 100))[0]  # teal is on top now


async def test_a_small_photo_keeps_its_size(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    sent = await bot.send_photo(ada.chat_id, jpeg(60, 40))
    assert [(size.width, size.height) for size in sent.photo] == [(60, 40)]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda jpeg: b"no picture", "Image_process_failed"),
        (lambda jpeg: jpeg(5001, 5000), "Photo_invalid_dimensions"),
        (lambda jpeg: jpeg(2100, 100), "Photo_invalid_dimensions"),
        (lambda jpeg: jpeg() + bytes(10 * 2**20), "is too big for a photo; the maximum size is 10485760 bytes"),
        (lambda jpeg: jpeg()[:900], "Image_process_failed"),
    ],
)
async def test_what_is_no_photo_is_refused(
    bot: Bot, ada: Person, jpeg: Jpeg, make: Callable[[Jpeg], bytes], reason: str
) -> None:
    with pytest.raises(BadRequest, match=reason):
        await bot.send_photo(ada.chat_id, make(jpeg))
    assert len(await ada.messages()) == 1


async def test_other_media(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    document = await bot.send_document(ada.chat_id, b"%PDF-1.7 ...", filename="report.pdf", caption="read")
    assert document.document is not None
    assert (document.document.file_name, document.document.mime_type) == ("report.pdf", "application/pdf")
    as_file = await bot.send_document(ada.chat_id, jpeg(1600, 1200), filename="full.jpg")
    assert as_file.document is not None
    assert as_file.document.thumbnail is not None
    assert as_file.document.thumbnail.width == 320
    animation = await bot.send_animation(ada.chat_id, samples.animation(), filename="ball.gif")
    assert animation.animation is not None
    assert (animation.animation.width, animation.animation.height) == (240, 240)
    sticker = await bot.send_sticker(ada.chat_id, samples.sticker())
    assert sticker.sticker is not None
    assert sticker.sticker.width == 512
    voice = await bot.send_voice(ada.chat_id, samples.voice(), duration=2)
    assert voice.voice is not None
    place = await bot.send_location(ada.chat_id, 52.1, 4.3)
    assert place.location is not None
    kinds = [bubble.kind for bubble in await ada.messages()][1:]
    assert kinds == ["document", "document", "animation", "sticker", "voice", "location"]
    assert await bot.send_chat_action(ada.chat_id, ChatAction.UPLOAD_PHOTO)


async def test_a_file_id_is_not_another_kind(bot: Bot, ada: Person) -> None:
    document = await bot.send_document(ada.chat_id, b"abc", filename="a.txt")
    assert document.document is not None
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Document as Photo"):
        await bot.send_photo(ada.chat_id, document.document.file_id)
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier/HTTP URL specified"):
        await bot.send_photo(ada.chat_id, "AgACnothing")
    with pytest.raises(BadRequest, match=r"(?i)failed to get HTTP URL content"):
        await bot.send_photo(ada.chat_id, "http://127.0.0.1:1/a.jpg")


async def test_an_album_shares_its_group_id(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    media = [InputMediaPhoto(jpeg(colour=colour)) for colour in ("red", "green", "blue")]
    sent = await bot.send_media_group(ada.chat_id, media, caption="three")
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["three", None, None]
    assert [bubble.album for bubble in (await ada.messages())[1:]] == [sent[0].media_group_id] * 3
    with pytest.raises(BadRequest, match="Documents can't be mixed with other media types"):
        await bot.send_media_group(ada.chat_id, [InputMediaPhoto(jpeg()), InputMediaDocument(b"x", filename="x.txt")])
    assert len(await ada.messages()) == 4


async def test_editing(bot: Bot, ada: Person) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Stop", callback_data="s")]])
    sent = await bot.send_message(ada.chat_id, "0 %", reply_markup=keyboard)
    edited = await bot.edit_message_text("50 %", ada.chat_id, sent.message_id)
    assert edited.edit_date is not None  # type: ignore[union-attr]
    bubble = (await ada.messages())[-1]
    assert (bubble.text, bubble.labels, bubble.id) == ("50 %", [], sent.message_id)
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content and reply markup are"):
        await bot.edit_message_text("50 %", ada.chat_id, sent.message_id)
    await bot.edit_message_reply_markup(ada.chat_id, sent.message_id, reply_markup=keyboard)
    assert (await ada.messages())[-1].labels == ["Stop"]
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", ada.chat_id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", ada.chat_id, (await ada.messages())[0].id)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await bot.edit_message_caption(ada.chat_id, sent.message_id, caption="x")


async def test_editing_media(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    sent = await bot.send_photo(ada.chat_id, jpeg(colour="red"), caption="red")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("x", ada.chat_id, sent.message_id)
    await bot.edit_message_caption(ada.chat_id, sent.message_id, caption="still red")
    await bot.edit_message_media(InputMediaPhoto(jpeg(colour="blue"), caption="blue"), ada.chat_id, sent.message_id)
    bubble = (await ada.messages())[-1]
    assert bubble.text == "blue"
    with Image.open(io.BytesIO(await ada.download(bubble))) as picture:
        assert picture.getpixel((10, 10))[2] > 200
    assert bubble.media is not None
    same = InputMediaPhoto(bubble.media.file_id, caption="blue")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_media(same, ada.chat_id, sent.message_id)
    animation = InputMediaAnimation(samples.animation(), caption="moves")
    await bot.edit_message_media(animation, ada.chat_id, sent.message_id)
    assert (await ada.messages())[-1].kind == "animation"


async def test_deleting_copying_reacting_replying(bot: Bot, ada: Person, jpeg: Jpeg) -> None:
    photo = await ada.photo(jpeg(), caption="mine")
    copy = await bot.copy_message(ada.chat_id, ada.chat_id, photo.id, caption="yours")
    assert (await ada.messages())[-1].text == "yours"
    await bot.set_message_reaction(ada.chat_id, photo.id, "👀")
    assert (await ada.messages())[1].reactions == ("👀",)
    with pytest.raises(BadRequest, match="Reaction_invalid"):
        await bot.set_message_reaction(ada.chat_id, photo.id, "🥕")
    reply = await bot.send_message(ada.chat_id, "this one", reply_parameters=ReplyParameters(photo.id))
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == photo.id
    await bot.delete_message(ada.chat_id, copy.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ada.chat_id, copy.message_id)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ada.chat_id, "x", reply_parameters=ReplyParameters(copy.message_id))
    lenient = ReplyParameters(copy.message_id, allow_sending_without_reply=True)
    assert (await bot.send_message(ada.chat_id, "x", reply_parameters=lenient)).reply_to_message is None
    assert await bot.delete_messages(ada.chat_id, [reply.message_id, 9999])
    assert reply.message_id not in [bubble.id for bubble in await ada.messages()]


async def test_who_can_be_written_to(bot: Bot, ada: Person) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(31337, "hello?")
    await ada.block()
    with pytest.raises(Forbidden, match="Forbidden: bot was blocked by the user"):
        await bot.send_message(ada.chat_id, "hello?")
    await ada.block(False)
    await bot.send_message(ada.chat_id, "hello!")


async def test_a_deactivated_account(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    async with httpx.AsyncClient(base_url=sandbox.address) as client:
        await client.post(f"/person/chats/{ada.chat_id}/deactivate")
    with pytest.raises(Forbidden, match="Forbidden: user is deactivated"):
        await bot.send_message(ada.chat_id, "hello?")


async def test_the_transcript_tells_what_was_done(bot: Bot, ada: Person) -> None:
    await bot.send_chat_action(ada.chat_id, ChatAction.TYPING)
    sent = await bot.send_message(ada.chat_id, "one")
    await bot.edit_message_text("two", ada.chat_id, sent.message_id)
    with pytest.raises(BadRequest):
        await bot.edit_message_text("two", ada.chat_id, sent.message_id)
    await ada.text("thanks")
    lines = [(entry["who"], entry["what"], entry["message"], entry["ok"]) for entry in await ada.transcript()]
    assert lines[1:] == [
        ("bot", "sendChatAction", None, True),
        ("bot", "sendMessage", sent.message_id, True),
        ("bot", "editMessageText", sent.message_id, True),
        ("bot", "editMessageText", None, False),
        ("person", "send", sent.message_id + 1, True),
    ]


async def test_nobody_can_be_written_to_first(sandbox: Sandbox, bot: Bot, ada: Person) -> None:
    async with Person.at(sandbox.address, name="Silent") as silent:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(silent.chat_id, "hello?")
