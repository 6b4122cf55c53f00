"""/start, /help, /styles, /history, /cancel."""

from __future__ import annotations

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, Update
from telegram.constants import ParseMode
from telegram.ext import ConversationHandler

from bot.conversation.desk import Context, Desk, State
from bot.conversation.updates import chat_of, person_of
from bot.keyboards import history_buttons
from bot.store.drafts import cancel_draft, newest_draft, open_draft
from bot.store.people import meet
from bot.store.styles import keep_for_photos, kept_style
from bot.texts import LANGUAGES
from bot.wording import Voices

NAMES = ("start", "help", "styles", "history", "settings", "cancel", "privacy", "export", "delete_me")
GROUP_NAMES = ("style", "cancel", "help")
HISTORY = 20  # results


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
        await self._desk.show_picture(update, path, self._desk.texts(update)("greeting"))
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

    async def history(self, update: Update, _: Context) -> State:
        """The newest results, each to be sent again with one tap."""
        jobs = await self._desk.queue.delivered(chat_of(update).id, person_of(update).id, HISTORY)
        voice = self._desk.voice(update)
        if not jobs:
            await self._desk.say(update, "history-nothing")
            return None
        lines = [f"{number}. {voice.summary(job.order)}" for number, job in enumerate(jobs, start=1)]
        text = voice.texts("history") + "\n\n" + "\n".join(lines)
        await chat_of(update).send_message(text, parse_mode=ParseMode.HTML, reply_markup=history_buttons(jobs))
        return None

    async def cancel(self, update: Update, _: Context) -> State:
        """Forgets what was chosen and stops what is being painted."""
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.writing() as session:
            had_draft = await cancel_draft(session, chat.id, person.id)
            kept = await kept_style(session, person.id)
            await keep_for_photos(session, person.id, None, 0)
        jobs = await self._desk.queue.cancel(chat.id, person.id)
        for job in jobs:
            await self._desk.signs.end(job)
        if jobs:
            await self._desk.say(update, "cancelled-jobs", count=len(jobs))
        else:
            await self._desk.say(update, "cancelled-draft" if had_draft or kept else "cancelled-nothing")
        return ConversationHandler.END

    async def unknown(self, update: Update, _: Context) -> State:
        """Any other command."""
        await self._desk.say(update, "unknown-command")
        return None


async def introduce(bot: Bot, voices: Voices) -> None:
    """Tells Telegram what the bot says of itself in every language: its commands, and what stands in an empty chat."""
    for language in LANGUAGES:
        texts = voices.of(language).texts
        code = "" if language == "en" else language  # English for all who have none of the others
        for names, scope in ((NAMES, None), (GROUP_NAMES, BotCommandScopeAllGroupChats())):
            commands = [BotCommand(name, texts(f"command-{name}")) for name in names]
            await bot.set_my_commands(commands, scope, language_code=code or None)
        await bot.set_my_description(texts("description"), language_code=code)
        await bot.set_my_short_description(texts("description-short"), language_code=code)
