"""What an update holds."""

from __future__ import annotations

from telegram import Chat, Message, ReplyParameters, Update, User
from telegram.constants import ChatType


def chat_of(update: Update) -> Chat:
    """The chat of an update that has one."""
    if update.effective_chat is None:
        raise ValueError("an update without a chat")
    return update.effective_chat


def person_of(update: Update) -> User:
    """The person behind an update that has one."""
    if update.effective_user is None:
        raise ValueError("an update without a person")
    return update.effective_user


def message_of(update: Update) -> Message:
    """The message of an update that has one."""
    if update.message is None:
        raise ValueError("an update without a message")
    return update.message


def in_group(update: Update) -> bool:
    """Whether an update comes from a group."""
    chat = update.effective_chat
    return chat is not None and chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)


def thread_of(update: Update) -> int | None:
    """The topic of the message that an update is about."""
    message = update.effective_message
    # Replies in groups without topics have a thread too, into which nothing can be sent.
    return message.message_thread_id if message is not None and message.is_topic_message else None


def answering(update: Update, about: int | None) -> ReplyParameters | None:
    """In a group an answer hangs on the message that it is about, else on the one that asked for it."""
    message = update.effective_message
    if message is None or not in_group(update):
        return None
    return ReplyParameters(about or message.message_id, allow_sending_without_reply=True)


def origin_of(update: Update) -> str:
    """Names the update, so that handling it twice makes one job."""
    return f"update:{update.get_bot().id}:{update.update_id}"
