"""/start, /help, /styles, /cancel."""

from __future__ import annotations

from telegram import BotCommand, Update
from telegram.ext import ConversationHandler

from bot.conversation.desk import Context, Desk, State, chat_of, person_of
from bot.store.drafts import cancel_draft, newest_draft, open_draft
from bot.store.people import meet
from bot.texts import Texts

NAMES = ("start", "help", "styles", "cancel", "privacy", "export", "delete_me")


class Commands:
    """None of them but /cancel changes what was chosen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def start(self, update: Update, _: Context) -> State:
        """The greeting, with one picture that shows what the bot does."""
        person = person_of(update)
        async with self._desk.store.writing() as session:
            await meet(session, person.id, person.language_code or "")
        pictures = self._desk.pictures
        path = pictures.greeting if pictures.greeting.is_file() else pictures.sheet
        await self._desk.show_picture(update, path, self._desk.texts("greeting"))
        return None

    async def help(self, update: Update, _: Context) -> State:
        """What can be sent."""
        await self._desk.say(update, "help")
        return None

    async def styles(self, update: Update, _: Context) -> State:
        """The list of presets: for the photo that waits, or to choose before the photo."""
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.writing() as session:
            draft = await newest_draft(session, chat.id, person.id)
            if draft is None:
                draft = await open_draft(session, chat.id, person.id)
        key = "choose-style" if draft.content else "choose-preset-first"
        await self._desk.ask_for_style(update, draft, key)
        return None

    async def cancel(self, update: Update, _: Context) -> State:
        """Forgets what was chosen and stops what is being painted."""
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.writing() as session:
            had_draft = await cancel_draft(session, chat.id, person.id)
        jobs = await self._desk.queue.cancel(chat.id, person.id)
        if jobs:
            await self._desk.say(update, "cancelled-jobs", count=len(jobs))
        else:
            await self._desk.say(update, "cancelled-draft" if had_draft else "cancelled-nothing")
        return ConversationHandler.END

    async def unknown(self, update: Update, _: Context) -> State:
        """Any other command."""
        await self._desk.say(update, "unknown-command")
        return None


def command_list(texts: Texts) -> list[BotCommand]:
    """For the menu of Telegram's apps."""
    return [BotCommand(name, texts(f"command-{name}")) for name in NAMES]
