"""The send methods, copies and forwards."""

from collections.abc import Awaitable, Callable

from bot.sandbox.chats import Chats
from bot.sandbox.entities import Formatted, formatted
from bot.sandbox.events import Event
from bot.sandbox.keyboards import read_keyboard
from bot.sandbox.methods.incoming import Input, album_check, input_media, media_field
from bot.sandbox.records import Chat, MediaKind, Message, Place
from bot.sandbox.refusals import bad_request
from bot.sandbox.wire import Call

MAX_ALBUM = 10
_ACTIONS = frozenset({"typing", "choose_sticker", "find_location", "cancel", "upload_photo", "upload_document"})
_ACTIONS |= {f"{verb}_{what}" for verb in ("record", "upload") for what in ("video", "voice", "video_note")}


def reply_target(chats: Chats, chat: Chat, call: Call) -> int | None:
    """The message to reply to: reply_parameters or the older reply_to_message_id."""
    parameters = call.json("reply_parameters", "reply parameters")
    fields = Call("", parameters) if isinstance(parameters, dict) else call
    number = fields.integer("message_id") if isinstance(parameters, dict) else call.integer("reply_to_message_id")
    if not number:
        return None
    if chats.message(chat.id, number) is None:
        if fields.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return number


def topic(chats: Chats, chat: Chat, call: Call, answered: int | None) -> int | None:
    """The topic to write into: message_thread_id, else that of the message to reply to."""
    number = call.integer("message_thread_id")
    if not number:
        target = None if answered is None else chats.message(chat.id, answered)
        return None if target is None else target.thread
    opening = chats.message(chat.id, number)
    if opening is None or opening.thread != number:
        raise bad_request("message thread not found")
    return number


def draft(chats: Chats, call: Call, formatted_text: Formatted) -> tuple[Chat, Message]:
    """A message of the bot with text, reply and keyboard, not yet posted."""
    keyboard = read_keyboard(call)
    chat = chats.writable(call.text("chat_id"))
    answered = reply_target(chats, chat, call)
    thread = topic(chats, chat, call, answered)
    message = chats.new(chat, chats.bot_id)
    message.text, message.entities = formatted_text.text, formatted_text.entities
    message.keyboard, message.reply_to, message.thread = keyboard, answered, thread
    return chat, message


async def send_message(chats: Chats, call: Call) -> object:
    """sendMessage."""
    _, message = draft(chats, call, formatted(call, "text", "parse_mode", "entities").message())
    chats.post(message)
    return chats.shape(message)


def send_media(kind: MediaKind) -> Callable[[Chats, Call], Awaitable[object]]:
    """sendPhoto, sendDocument, ...: one method per kind."""

    async def send(chats: Chats, call: Call) -> object:
        caption = formatted(call, "caption", "parse_mode", "caption_entities").caption()
        read_keyboard(call)  # refused before the file is stored
        chats.writable(call.text("chat_id"))
        media = await media_field(chats, call, kind)
        _, message = draft(chats, call, caption)
        message.media, message.spoiler = media, call.flag("has_spoiler")
        chats.post(message)
        return chats.shape(message)

    return send


async def send_media_group(chats: Chats, call: Call) -> object:
    """sendMediaGroup."""
    items = call.json("media", "media")
    if not isinstance(items, list):
        raise bad_request("Expected an Array of InputMedia" if items is not None else 'parameter "media" is required')
    if not items:
        raise bad_request("There are no messages to send")
    if len(items) > MAX_ALBUM:
        raise bad_request("Too many messages to send as an album")
    chat = chats.writable(call.text("chat_id"))
    inputs = [await input_media(chats, call, item, for_album=True) for item in items]
    album_check(inputs)
    answered = reply_target(chats, chat, call)
    thread = topic(chats, chat, call, answered)
    album = next_album(chats) if len(inputs) > 1 else None
    messages = [_album_part(chats, chat, one, album, answered) for one in inputs]
    for message in messages:
        message.thread = thread
        chats.post(message)
    return [chats.shape(message) for message in messages]


def next_album(chats: Chats) -> str:
    """A fresh media_group_id."""
    chats.counters.album += 1
    return str(13_900_000_000_000_000 + chats.counters.album)


def _album_part(chats: Chats, chat: Chat, one: Input, album: str | None, answered: int | None) -> Message:
    message = chats.new(chat, chats.bot_id)
    message.media, message.album, message.spoiler, message.reply_to = one.media, album, one.spoiler, answered
    message.text, message.entities = one.caption.text, one.caption.entities
    return message


async def send_location(chats: Chats, call: Call) -> object:
    """sendLocation."""
    latitude, longitude = call.number("latitude"), call.number("longitude")
    if latitude is None or longitude is None:
        raise bad_request(f"{'latitude' if latitude is None else 'longitude'} is empty")
    _, message = draft(chats, call, Formatted("", []))
    message.place = Place(latitude, longitude)
    chats.post(message)
    return chats.shape(message)


async def send_chat_action(chats: Chats, call: Call) -> object:
    """sendChatAction: shown by the page for 5 seconds."""
    chat = chats.writable(call.text("chat_id"))
    action = call.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    topic(chats, chat, call, None)
    chats.events.tell(Event("action", chat.id, {"action": action}))
    return True


async def send_message_draft(chats: Chats, call: Call) -> object:
    """sendMessageDraft: a preview that the page shows for 30 seconds or until the next message."""
    text = formatted(call, "text", "parse_mode", "entities")
    chat = chats.writable(call.text("chat_id"))
    if chat.kind != "private":
        raise bad_request("chat must be private")
    number = call.integer("draft_id")
    if not number:
        raise bad_request("DRAFT_ID_INVALID")
    if text.text:
        text.message()
    body: dict[str, object] = {"draft": number, "text": text.text, "can_stop": call.flag("can_stop")}
    chats.events.tell(Event("draft", chat.id, body))
    return True


def _source(chats: Chats, call: Call, missing: str) -> Message:
    source = chats.get(call.text("from_chat_id"))
    message = chats.message(source.id, call.integer("message_id"))
    if message is None:
        raise bad_request(missing)
    return message


async def copy_message(chats: Chats, call: Call) -> object:
    """copyMessage: a new message with the same content, with a new caption if one is given."""
    original = _source(chats, call, "message to copy not found")
    text = Formatted(original.text, original.entities)
    if "caption" in call.params and original.media is not None:
        text = formatted(call, "caption", "parse_mode", "caption_entities").caption()
    _, message = draft(chats, call, text)
    message.media, message.place, message.spoiler = original.media, original.place, original.spoiler
    chats.post(message)
    return {"message_id": message.id}


async def forward_message(chats: Chats, call: Call) -> object:
    """forwardMessage."""
    original = _source(chats, call, "message to forward not found")
    _, message = draft(chats, call, Formatted(original.text, original.entities))
    origin = chats.shape(original)
    message.media, message.place = original.media, original.place
    message.service = {"forward_origin": {"type": "user", "sender_user": origin["from"], "date": original.date}}
    chats.post(message)
    return chats.shape(message)


METHODS = {
    "sendMessage": send_message,
    "sendPhoto": send_media("photo"),
    "sendDocument": send_media("document"),
    "sendAnimation": send_media("animation"),
    "sendVideo": send_media("video"),
    "sendAudio": send_media("audio"),
    "sendVoice": send_media("voice"),
    "sendVideoNote": send_media("video_note"),
    "sendSticker": send_media("sticker"),
    "sendMediaGroup": send_media_group,
    "sendLocation": send_location,
    "sendChatAction": send_chat_action,
    "sendMessageDraft": send_message_draft,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
}
