"""/admin: one message whose buttons lead through the operator's pages."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.conversation.commands import NAMES
from bot.conversation.desk import Context, Handlers
from bot.conversation.pictures_in import NEW
from bot.conversation.updates import chat_of, message_of, origin_of, person_of
from bot.operator.pages import VERSION, Page, Section, read_code
from bot.operator.steps import Steps
from bot.refusals import UNCHANGED
from bot.texts import LANGUAGES
from bot.wording import Voices

HOME = "home"

log = structlog.get_logger(__name__)


class Panel:
    """For everybody else none of this exists: what they send goes on to the conversation.

    sections: by the name that their buttons and steps begin with.
    """

    def __init__(
        self, operators: frozenset[int], steps: Steps, sections: Mapping[str, Section], voices: Voices
    ) -> None:
        self._operators = operators
        self._steps = steps
        self._sections = sections
        self._voices = voices

    def handlers(self) -> Handlers:
        """To stand before the conversation."""
        if not self._operators:
            return []
        operator = NEW & filters.User(self._operators)
        awaited = operator & _Awaited(self._steps)
        return [
            CommandHandler("admin", self.open, operator),
            CommandHandler("cancel", self.cancel, awaited),
            MessageHandler(awaited & ~filters.COMMAND, self.said),
            _Taps(self._operators, self.tapped),
        ]

    async def introduce(self, bot: Bot) -> None:
        """Puts /admin into the operators' menus; of an operator who never wrote, Telegram knows no chat."""
        for operator in self._operators:
            with contextlib.suppress(BadRequest):
                for language in LANGUAGES:
                    texts = self._voices.of(language).texts
                    commands = [BotCommand(name, texts(f"command-{name}")) for name in NAMES]
                    commands.append(BotCommand("admin", self._voices.of("en").texts("operator-command")))
                    code = None if language == "en" else language
                    await bot.set_my_commands(commands, BotCommandScopeChat(operator), language_code=code)

    async def open(self, update: Update, _: Context) -> None:
        """The first page."""
        page = await self._sections[HOME].tapped("", "", person_of(update).id)
        await self._show(update, page)
        try:
            await self.introduce(update.get_bot())
        except TelegramError as error:
            log.info("the operator's menu was not taken", problem=type(error).__name__)

    async def cancel(self, update: Update, _: Context) -> None:
        """Ends what is awaited."""
        await self._steps.set(person_of(update).id, None)
        await chat_of(update).send_message(self._voices.of("en").texts("operator-cancelled"))

    async def said(self, update: Update, _: Context) -> None:
        """What is awaited came."""
        step = self._steps.of(person_of(update).id)
        if step is None:
            return
        section = self._sections[SECTION_OF[step.name]]
        await self._show(update, await section.said(step, message_of(update), origin_of(update)))

    async def tapped(self, update: Update, _: Context) -> None:
        """A button; the page takes the place of the one that it stood on."""
        query = update.callback_query
        if query is None:
            return
        with contextlib.suppress(BadRequest):  # too old to be answered, or handled once already
            await query.answer()
        name, verb, argument = read_code(query.data or "")
        section = self._sections.get(name, self._sections[HOME])
        page = await section.tapped(verb, argument, person_of(update).id)
        await self._steps.set(person_of(update).id, page.step)
        try:
            await query.edit_message_text(page.text, parse_mode=ParseMode.HTML, reply_markup=page.keyboard)
        except BadRequest as error:
            if UNCHANGED not in error.message.lower():  # the message is gone, or too old
                await self._show(update, page)

    async def _show(self, update: Update, page: Page) -> None:
        chat = chat_of(update)
        if page.before:
            await chat.send_message(page.before, parse_mode=ParseMode.HTML)
        await chat.send_message(page.text, parse_mode=ParseMode.HTML, reply_markup=page.keyboard)
        await self._steps.set(person_of(update).id, page.step)


SECTION_OF = {
    "preset-picture": "preset",
    "preset-title": "preset",
    "preset-rename": "preset",
    "greeting-picture": "greeting",
    "bar": "person",
    "unbar": "person",
    "write": "cry",
}
"""Which section awaits a step."""


class _Awaited(filters.MessageFilter):
    """Messages of an operator of whom something is awaited."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        return message.from_user is not None and self._steps.of(message.from_user.id) is not None


class _Taps(CallbackQueryHandler[Context, None]):
    """Taps of operators on the panel; a forged one of anybody else goes on to the conversation, which refuses it."""

    def __init__(self, operators: frozenset[int], callback: object) -> None:
        super().__init__(callback, pattern=f"^{VERSION}:")  # type: ignore[arg-type]
        self._operators = operators

    def check_update(self, update: object) -> object:
        """Whether it is one."""
        person = update.effective_user if isinstance(update, Update) else None
        return super().check_update(update) if person is not None and person.id in self._operators else None
