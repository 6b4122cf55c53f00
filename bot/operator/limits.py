"""The page of limits: each with a few values to choose from."""

from __future__ import annotations

from telegram import Message

from bot.operator.controls import LIMITS, Controls
from bot.operator.pages import Page, button
from bot.store.steps import Step
from bot.texts import Texts

SECTION = "limit"
COLUMNS = 3


class Limits:
    """A choice holds for the next picture."""

    def __init__(self, controls: Controls, texts: Texts) -> None:
        self._controls = controls
        self._texts = texts
        self._known = {limit.name: limit for limit in LIMITS}

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """See `Section`."""
        name, _, value = argument.partition("=")
        if name not in self._known:
            return self._all()
        if verb == "set" and value.isdecimal() and int(value) in self._known[name].choices:
            await self._controls.set(name, int(value))
        if verb == "reset":
            await self._controls.set(name, None)
        return self._one(name)

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """See `Section`; this one waits for nothing."""
        return self._all()

    def _all(self) -> Page:
        texts = self._texts
        rows = [
            (button(f"{texts(f'operator-limit-{name}')}: {self._controls.value(name)}", SECTION, "one", name),)
            for name in self._known
        ]
        return Page(texts("operator-limits"), (*rows, (button(texts("operator-button-back"), "home"),)))

    def _one(self, name: str) -> Page:
        texts, present = self._texts, self._controls.value(name)
        choices = [
            button(f"● {value}" if value == present else str(value), SECTION, "set", f"{name}={value}")
            for value in self._known[name].choices
        ]
        rows = [tuple(choices[start : start + COLUMNS]) for start in range(0, len(choices), COLUMNS)]
        if self._controls.changed(name):
            label = texts("operator-button-reset", value=str(self._controls.setting(name)))
            rows.append((button(label, SECTION, "reset", name),))
        rows.append((button(texts("operator-button-back"), SECTION),))
        text = texts("operator-limit", limit=texts(f"operator-limit-{name}"), value=str(present))
        return Page(f"{text}\n{texts(f'operator-about-{name}')}", tuple(rows))
