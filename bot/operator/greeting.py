"""The page of the greeting: the picture of examples that /start shows."""

from __future__ import annotations

from pathlib import Path

from telegram import InlineKeyboardButton, Message

from bot.conversation.own_pictures import Pictures
from bot.jobs.inputs import Inputs
from bot.operator.pages import Page, button
from bot.operator.taking import take_picture
from bot.store.steps import Step
from bot.texts import GREETING, Texts

SECTION = "greeting"
PICTURE = "greeting-picture"


class Greeting:
    """The operator's picture is a file of its own folder; without one the shipped picture is shown."""

    def __init__(self, pictures: Pictures, folder: Path, inputs: Inputs, texts: Texts) -> None:
        self._pictures = pictures
        self._own = folder / "greeting.jpg"
        self._inputs = inputs
        self._texts = texts
        self._show()

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """See `Section`."""
        if verb == "set":
            return Page(self._texts("operator-greeting-ask"), (self._back(SECTION),), Step(PICTURE))
        if verb == "reset":
            self._own.unlink(missing_ok=True)
            self._show()
        return self._page()

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """See `Section`."""
        problem = await take_picture(message, self._inputs, self._own)
        if problem is not None:
            return Page(self._texts(problem), (self._back(SECTION),), step)
        self._show()
        return self._page()

    def _show(self) -> None:
        self._pictures.greet_with(self._own if self._own.is_file() else GREETING)

    def _page(self) -> Page:
        own = self._own.is_file()
        texts = self._texts
        rows = [(button(texts("operator-button-greeting-set"), SECTION, "set"),)]
        if own:
            rows.append((button(texts("operator-button-greeting-reset"), SECTION, "reset"),))
        text = texts("operator-greeting-own" if own else "operator-greeting-shipped")
        return Page(text, (*rows, self._back("home")))

    def _back(self, section: str) -> tuple[InlineKeyboardButton]:
        return (button(self._texts("operator-button-back"), section),)
