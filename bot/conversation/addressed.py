"""What in a message of a group is meant for the bot: commands and mentions that it begins with."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, Message, MessageEntity

from bot.taps import NotATap, Tap


@dataclass(frozen=True)
class Asked:
    """A command in small letters, without its slash, and the words after it; a mention asks for `style`."""

    command: str
    words: str


def asked_in(message: Message, username: str) -> Asked | None:
    """What a text or caption asks of the bot of this name; None where it is for others."""
    text = message.text or message.caption or ""
    first = next((one for one in message.entities or message.caption_entities if one.offset == 0), None)
    if first is None:
        return None
    head, words = text[: first.length], text[first.length :].strip()  # both kinds are ASCII: units are characters
    if first.type == MessageEntity.BOT_COMMAND:
        command, _, whose = head[1:].lower().partition("@")
        return Asked(command, words) if whose in ("", username.lower()) else None
    if first.type == MessageEntity.MENTION and head[1:].lower() == username.lower():
        return Asked("style", words.lstrip(",:").lstrip())
    return None


def draft_asked_about(message: Message | None, bot_id: int) -> int | None:
    """The number of the draft for which a message of the bot asks for a style, known by its buttons."""
    if message is None or message.from_user is None or message.from_user.id != bot_id:
        return None
    keyboard = message.reply_markup or InlineKeyboardMarkup([])
    for button in (button for row in keyboard.inline_keyboard for button in row):
        try:
            tap = Tap.decode(str(button.callback_data or ""))
        except NotATap:
            continue
        if tap.act.on_draft:
            return tap.id
    return None
