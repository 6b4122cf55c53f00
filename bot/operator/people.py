"""The page on which people are barred and let in again."""

from __future__ import annotations

import re

from telegram import Message

from bot.jobs.sql_queue import SqlQueue
from bot.operator.barred import Barred
from bot.operator.pages import Page, button
from bot.store.steps import Step
from bot.texts import Texts

SECTION = "person"
BAR, UNBAR = "bar", "unbar"
NUMBER = re.compile(r"(J?)(\d{1,18})", re.IGNORECASE)  # of a person, or of a job as people see it in an error


class People:
    """Names a person by number only."""

    def __init__(self, barred: Barred, queue: SqlQueue, operators: frozenset[int], texts: Texts) -> None:
        self._barred = barred
        self._queue = queue
        self._operators = operators
        self._texts = texts

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """See `Section`."""
        if verb in (BAR, UNBAR):
            return self._ask(verb, "operator-bar-ask" if verb == BAR else "operator-unbar-ask")
        return self._page()

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """See `Section`."""
        read = NUMBER.fullmatch((message.text or "").strip())
        if read is None:
            return self._ask(step.name, "operator-person-unread")
        number = int(read[2])
        if read[1]:
            job = await self._queue.find(number)
            if job is None:
                return self._ask(step.name, "operator-person-no-job")
            number = job.order.user_id
        if step.name == UNBAR:
            known = await self._barred.unbar(number)
            return self._page(self._texts("operator-unbarred" if known else "operator-was-not-barred"))
        if number in self._operators:
            return self._ask(step.name, "operator-bar-operator")
        return self._page(self._texts("operator-barred", count=await self._barred.bar(number)))

    def _page(self, said: str = "") -> Page:
        texts = self._texts
        rows = (
            (
                button(texts("operator-button-bar"), SECTION, BAR),
                button(texts("operator-button-unbar"), SECTION, UNBAR),
            ),
            (button(texts("operator-button-back"), "home"),),
        )
        page = texts("operator-barring", count=len(self._barred.people))
        return Page(f"{said}\n\n{page}".strip(), rows)

    def _ask(self, verb: str, key: str) -> Page:
        back = button(self._texts("operator-button-back"), SECTION)
        return Page(self._texts(key), ((back,),), Step(verb))
