"""The bot in groups: what is meant for it there, and nothing else.

Groups have no states: a request names its photo, a question its draft, so everybody's go on side by side.
"""

from __future__ import annotations

import contextlib

from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
)
from telegram.ext import BaseHandler, ContextTypes

from bot.conversation.addressed import Asked, asked_in, draft_asked_about
from bot.conversation.commands import GROUP_NAMES, NAMES
from bot.conversation.desk import Context, Desk
from bot.conversation.pictures_in import TooLarge, media_of, screened, words_in
from bot.conversation.taps import Taps
from bot.conversation.updates import chat_of, in_group, person_of
from bot.orders import Media, Style
from bot.store.drafts import Chosen, cancel_draft, draft_of_number, open_draft
from bot.taps import Act, NotATap, Tap

PRIVATE = frozenset(NAMES) - frozenset(GROUP_NAMES)
PRESENT = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


class GroupHandler(BaseHandler[Update, ContextTypes.DEFAULT_TYPE, None]):
    """Takes every update from a group, so that nothing else of the bot ever answers there."""

    def __init__(self, desk: Desk, taps: Taps) -> None:
        super().__init__(Groups(desk, taps).handle)

    def check_update(self, update: object) -> bool:
        """Whether this update comes from a group."""
        return isinstance(update, Update) and in_group(update)


class Groups:
    """Answers commands, mentions, words in reply to a question, and taps; everything else passes in silence."""

    def __init__(self, desk: Desk, taps: Taps) -> None:
        self._desk = desk
        self._taps = taps

    async def handle(self, update: Update, context: Context) -> None:
        """Finds out what happened in a group."""
        if update.callback_query is not None:
            await self._tapped(update, update.callback_query, context)
        elif update.my_chat_member is not None:
            await self._membership(update, update.my_chat_member)
        elif update.message is not None:
            await self._heard(update, update.message)

    async def _tapped(self, update: Update, query: CallbackQuery, context: Context) -> None:
        """A draft is asked for its owner first: another person's newest one would only look stale."""
        with contextlib.suppress(NotATap):
            tap = Tap.decode(query.data or "")
            draft = await self._draft(tap.id if tap.act.on_draft else None)
            if draft is not None and draft.user_id != person_of(update).id:
                await self._desk.answer(query, "tap-foreign")
                return
            if tap.act is Act.RENAME:  # the next words would be the name, and here they are not heard
                await self._desk.answer(query, "tap-private")
                return
        await self._taps.tapped(update, context)

    async def _membership(self, update: Update, change: ChatMemberUpdated) -> None:
        """A word when the bot comes; when it goes, all that was asked for here ends."""
        if not _present(change.new_chat_member):
            await self._desk.queue.leave_chat(change.chat.id)
        elif not _present(change.old_chat_member):
            await self._desk.say(update, "group-hello")

    async def _heard(self, update: Update, message: Message) -> None:
        if message.migrate_to_chat_id is not None:
            await self._desk.queue.move_chat(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id is not None:
            await self._desk.queue.move_chat(message.migrate_from_chat_id, message.chat.id)
        elif message.from_user is None or message.is_automatic_forward:
            return  # a channel's post, by which nobody asks for anything
        elif (asked := asked_in(message, update.get_bot().username)) is not None:
            await self._asked(update, message, asked)
        else:
            await self._answered(update, message)

    async def _asked(self, update: Update, message: Message, asked: Asked) -> None:
        if asked.command not in GROUP_NAMES and asked.command not in PRIVATE:
            return
        if message.sender_chat is not None:
            await self._desk.say(update, "group-anonymous")
            return
        match asked.command:
            case "style":
                await self._style(update, message, asked.words)
            case "cancel":
                await self._cancel(update)
            case "help":
                await self._desk.say(update, "group-help", bot=update.get_bot().username)
            case _:
                await self._desk.say(update, "group-private", self._private_button(update))

    async def _style(self, update: Update, message: Message, words: str) -> None:
        """Paints the picture that was meant; without words it asks for the style."""
        try:
            subject = await self._subject(message)
        except TooLarge:
            await self._desk.say(update, "file-too-large")
            return
        if subject is None:
            await self._desk.say(update, "group-how", bot=update.get_bot().username)
            return
        media, number = subject
        if words:
            await self._paint(update, media, number, words)
            return
        async with self._desk.store.writing() as session:
            draft = await open_draft(
                session, chat_of(update).id, person_of(update).id, content=media, message_id=number
            )
        await self._desk.ask_for_style(update, draft, "choose-style")

    async def _answered(self, update: Update, message: Message) -> None:
        """Words in reply to a question, by the one who was asked."""
        draft = await self._draft(draft_asked_about(message.reply_to_message, update.get_bot().id))
        text = message.text or ""
        if draft is None or draft.content is None or draft.user_id != person_of(update).id or text.startswith("/"):
            return
        if text and draft.chat_id == chat_of(update).id:
            await self._paint(update, draft.content, draft.message_id, text)

    async def _subject(self, message: Message) -> tuple[Media, int | None] | None:
        """The picture that a message is about and the message that it came with: its own, else that which it answers.
        Of a question it is the photo that was asked about. Raises TooLarge."""
        answered = message.reply_to_message
        if (own := media_of(message)) is not None:
            return own, message.message_id
        if answered is None:
            return None
        draft = await self._draft(draft_asked_about(answered, message.get_bot().id))
        if draft is not None and draft.content is not None and draft.chat_id == message.chat.id:
            return draft.content, draft.message_id
        media = media_of(answered)
        return None if media is None else (media, answered.message_id)

    async def _paint(self, update: Update, media: Media, number: int | None, words: str) -> None:
        sentence = words_in(words) or ""
        objection = await screened(sentence)
        if objection is not None:
            await self._desk.tell(update, self._desk.objection(update, objection, sentence))
            return
        await self._desk.paint(update, [media], Style.sentence(sentence), number)

    async def _cancel(self, update: Update) -> None:
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.writing() as session:
            await cancel_draft(session, chat.id, person.id)
        jobs = await self._desk.queue.cancel(chat.id, person.id)
        await self._desk.say(update, "group-cancelled", count=len(jobs))

    async def _draft(self, number: int | None) -> Chosen | None:
        if number is None:
            return None
        async with self._desk.store.reading() as session:
            return await draft_of_number(session, number)

    def _private_button(self, update: Update) -> InlineKeyboardMarkup:
        label, address = self._desk.texts(update)("button-private"), f"https://t.me/{update.get_bot().username}"
        return InlineKeyboardMarkup([[InlineKeyboardButton(label, url=address)]])


def _present(member: ChatMember) -> bool:
    return member.status in PRESENT or (isinstance(member, ChatMemberRestricted) and member.is_member)
