"""Changing and deleting what was sent; reactions."""

from copy import deepcopy

from bot.sandbox.chats import DELETE_SECONDS, Chats
from bot.sandbox.entities import formatted
from bot.sandbox.keyboards import read_keyboard
from bot.sandbox.methods.incoming import input_media
from bot.sandbox.records import Message
from bot.sandbox.refusals import NOT_MODIFIED, Refusal, bad_request
from bot.sandbox.wire import Call

MAX_DELETED = 100
_EMOJI = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 "
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
REACTIONS = frozenset(_EMOJI.split())


def _editable(chats: Chats, call: Call) -> Message:
    if not call.text("message_id") or not call.text("chat_id"):
        raise bad_request("message identifier is not specified")
    chat = chats.writable(call.text("chat_id"))
    message = chats.message(chat.id, call.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender != chats.bot_id:
        raise bad_request("message can't be edited")
    return message


def _commit(chats: Chats, before: Message, after: Message, edited: bool = True) -> object:
    same = (before.text, before.entities, before.media, before.keyboard, before.spoiler) == (
        after.text,
        after.entities,
        after.media,
        after.keyboard,
        after.spoiler,
    )
    if same:
        raise bad_request(NOT_MODIFIED)
    before.text, before.entities, before.media = after.text, after.entities, after.media
    before.keyboard, before.spoiler = after.keyboard, after.spoiler
    chats.changed(before, edited)
    return chats.shape(before)


async def edit_text(chats: Chats, call: Call) -> object:
    """editMessageText. Like everywhere in editing, a keyboard that is not sent again goes away."""
    text = formatted(call, "text", "parse_mode", "entities").message()
    keyboard = read_keyboard(call)
    message = _editable(chats, call)
    if message.media is not None or message.place is not None:
        raise bad_request("there is no text in the message to edit")
    after = deepcopy(message)
    after.text, after.entities, after.keyboard = text.text, text.entities, keyboard
    return _commit(chats, message, after)


async def edit_caption(chats: Chats, call: Call) -> object:
    """editMessageCaption."""
    caption = formatted(call, "caption", "parse_mode", "caption_entities").caption()
    keyboard = read_keyboard(call)
    message = _editable(chats, call)
    if message.media is None or message.media.kind in {"sticker", "video_note"}:
        raise bad_request("there is no caption in the message to edit")
    after = deepcopy(message)
    after.text, after.entities, after.keyboard = caption.text, caption.entities, keyboard
    return _commit(chats, message, after)


async def edit_media(chats: Chats, call: Call) -> object:
    """editMessageMedia."""
    item = call.json("media", "input media")
    if item is None:
        raise bad_request('Parameter "media" is required')
    keyboard = read_keyboard(call)
    message = _editable(chats, call)
    if message.media is not None and message.media.kind in {"sticker", "voice", "video_note"}:
        raise bad_request("message can't be edited")
    new = await input_media(chats, call, item, for_album=False)
    if message.album is not None and (message.media is None or message.media.kind != new.media.kind):
        raise bad_request("can't change the type of a message in an album")
    after = deepcopy(message)
    after.media, after.text, after.entities = new.media, new.caption.text, new.caption.entities
    after.keyboard, after.spoiler = keyboard, new.spoiler
    return _commit(chats, message, after)


async def edit_reply_markup(chats: Chats, call: Call) -> object:
    """editMessageReplyMarkup."""
    keyboard = read_keyboard(call)
    message = _editable(chats, call)
    after = deepcopy(message)
    after.keyboard = keyboard
    return _commit(chats, message, after, edited=False)


def _delete(chats: Chats, chat_id: int, number: int) -> None:
    message = chats.message(chat_id, number)
    if message is None:
        raise bad_request("message to delete not found")
    if chats.clock() - message.date > DELETE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    if chats.get(chat_id).kind != "private" and message.sender != chats.bot_id:
        raise bad_request("message can't be deleted")
    chats.delete(message)


async def delete_message(chats: Chats, call: Call) -> object:
    """deleteMessage."""
    if not call.integer("message_id"):
        raise bad_request("message identifier is not specified")
    _delete(chats, chats.writable(call.text("chat_id")).id, call.integer("message_id"))
    return True


async def delete_messages(chats: Chats, call: Call) -> object:
    """deleteMessages: those that aren't there are skipped."""
    chat = chats.writable(call.text("chat_id"))
    numbers = call.json("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > MAX_DELETED:
        raise bad_request("too many message identifiers specified")
    for number in numbers:
        try:
            _delete(chats, chat.id, int(number))
        except Refusal as refusal:
            if "not found" not in refusal.description:
                raise
    return True


async def set_reaction(chats: Chats, call: Call) -> object:
    """setMessageReaction: a bot may have one reaction on a message."""
    chat = chats.writable(call.text("chat_id"))
    items = call.json("reaction", "reaction types") or []
    if not isinstance(items, list):
        raise bad_request("expected an Array of ReactionType")
    emoji = [str(item.get("emoji", "")).replace("\ufe0f", "") for item in items if isinstance(item, dict)]
    if len(emoji) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(one not in REACTIONS for one in emoji):
        raise bad_request("REACTION_INVALID")
    message = chats.message(chat.id, call.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    message.reactions = emoji
    chats.changed(message, edited=False)
    return True


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageMedia": edit_media,
    "editMessageReplyMarkup": edit_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "setMessageReaction": set_reaction,
}
