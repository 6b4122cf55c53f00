"""What is no part of the conversation: surprises, edits, people who block the bot."""

from __future__ import annotations

from telegram import ChatMember, Message, Update
from telegram.ext import ChatMemberHandler, MessageHandler, filters

from bot.conversation.desk import Context, Desk, Handlers, State
from bot.conversation.pictures_in import NEW
from bot.conversation.states import NAME, PHOTO, STYLE
from bot.conversation.updates import chat_of, message_of, person_of
from bot.store.people import mark_blocked, meet


class Surprise:
    """One helpful sentence for what the bot can't use, and a word on where the conversation stands."""

    def __init__(self, desk: Desk, state: str | None) -> None:
        self._desk = desk
        self._state = state

    async def answer(self, update: Update, _: Context) -> State:
        """Says it; nothing changes."""
        text = self._desk.texts(update)(_sentence_for(message_of(update)))
        if self._state in (STYLE, PHOTO, NAME):
            text = f"{text} {self._desk.texts(update)(f'still-{self._state}')}"
        await chat_of(update).send_message(text)
        return None

    def handler(self) -> MessageHandler[Context, State]:
        """For every new message that nothing else took."""
        return MessageHandler(NEW & ~filters.StatusUpdate.ALL, self.answer)


def _sentence_for(message: Message) -> str:
    if message.animation or message.video or message.video_note or _is_gif(message):
        return "not-yet-moving"
    if message.sticker:
        return "not-yet-sticker"
    if message.voice or message.audio:
        return "not-a-voice"
    if message.document:
        return "not-a-picture-file"
    return "unexpected"


def _is_gif(message: Message) -> bool:
    return message.document is not None and (message.document.mime_type or "") == "image/gif"


def outside_handlers(desk: Desk) -> Handlers:
    """Handlers that stand behind the conversation and never change it."""

    async def edited(update: Update, _: Context) -> None:
        message = update.edited_message
        if message is not None and (message.text or message.caption):
            await desk.say(update, "unexpected-edit")

    async def membership(update: Update, _: Context) -> None:
        change = update.my_chat_member
        if change is None or change.chat.type != "private":
            return
        person = person_of(update)
        async with desk.store.writing() as session:
            if change.new_chat_member.status == ChatMember.BANNED:
                await mark_blocked(session, person.id)
            else:
                await meet(session, person.id)

    private = filters.ChatType.PRIVATE
    return [
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & private, edited),
        ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
