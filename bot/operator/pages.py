"""Pages of the operator's panel, and what their buttons carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.store.steps import Step

VERSION = "op1"
MAX_BYTES = 64

Row = Sequence[InlineKeyboardButton]


@dataclass(frozen=True)
class Page:
    """What one message shows. before: a text in HTML that is sent before it, as people will get it.

    step: what the operator's next message is taken for; none ends what was awaited.
    """

    text: str
    rows: tuple[Row, ...] = ()
    step: Step | None = None
    before: str = ""

    @property
    def keyboard(self) -> InlineKeyboardMarkup:
        """Its buttons."""
        return InlineKeyboardMarkup(self.rows)


class Section(Protocol):
    """A part of the panel."""

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """A button of it was tapped."""

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """What it waited for came; origin names the update."""


def button(label: str, section: str, verb: str = "", argument: str = "") -> InlineKeyboardButton:
    """An inline button. Raises ValueError where its data would not fit into 64 bytes."""
    code = f"{VERSION}:{section}:{verb}:{argument}"
    if len(code.encode()) > MAX_BYTES:
        raise ValueError(f"callback data over {MAX_BYTES} bytes: {code!r}")
    return InlineKeyboardButton(label, callback_data=code)


def read_code(data: str) -> tuple[str, str, str]:
    """Section, verb and argument of callback data."""
    _, section, verb, argument = [*data.split(":", 3), "", "", ""][:4]
    return section, verb, argument
