"""The page of broadcasts: write, look, confirm, watch, stop."""

from __future__ import annotations

from telegram import Message

from bot.operator.barred import Barred
from bot.operator.crier import Crier, report
from bot.operator.pages import Page, button
from bot.store import Store
from bot.store.broadcasts import (
    draft_broadcast,
    drop_draft,
    end_broadcast,
    find_broadcast,
    newest_broadcast,
    reachable_people,
    start_broadcast,
)
from bot.store.steps import Step
from bot.texts import Texts

SECTION = "cry"
WRITE = "write"


class Cries:
    """One broadcast after the other; each is sent once it was seen and confirmed."""

    def __init__(self, store: Store, crier: Crier, barred: Barred, texts: Texts) -> None:
        self._store = store
        self._crier = crier
        self._barred = barred
        self._texts = texts

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """See `Section`."""
        number = int(argument) if argument.isdecimal() else 0
        match verb:
            case "write":
                return self._ask("operator-broadcast-ask")
            case "send":
                async with self._store.writing() as session:
                    await start_broadcast(session, number, self._barred.people | {operator_id})
                self._crier.wake()
            case "stop":
                async with self._store.writing() as session:
                    await end_broadcast(session, number, "stopped")
                self._crier.wake()
            case "drop":
                async with self._store.writing() as session:
                    await drop_draft(session, number)
        return await self._page()

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """See `Section`."""
        texts, person = self._texts, message.from_user
        if not message.text or person is None:
            return self._ask("operator-broadcast-words-only")
        async with self._store.writing() as session:
            number = await draft_broadcast(session, origin, person.id, message.text_html)
            draft = await find_broadcast(session, number)
            people = await reachable_people(session, self._barred.people | {person.id})
        if draft is None or draft.state != "draft":  # the update is handled again, and was confirmed meanwhile
            return await self._page()
        rows = (
            (
                button(texts("operator-button-send"), SECTION, "send", str(number)),
                button(texts("operator-button-drop"), SECTION, "drop", str(number)),
            ),
        )
        return Page(texts("operator-broadcast-sure", count=len(people)), rows, before=draft.body)

    async def _page(self) -> Page:
        texts = self._texts
        async with self._store.reading() as session:
            newest = await newest_broadcast(session)
        write = button(texts("operator-button-write"), SECTION, WRITE)
        back = button(texts("operator-button-back"), "home")
        if newest is None:
            return Page(texts("operator-broadcasts"), ((write,), (back,)))
        text = f"{texts('operator-broadcasts')}\n\n{report(newest, texts)}"
        if newest.state != "running":
            return Page(text, ((write,), (back,)))
        refresh = button(texts("operator-button-refresh"), SECTION)
        stop = button(texts("operator-button-stop"), SECTION, "stop", str(newest.id))
        return Page(text, ((refresh, stop), (back,)))

    def _ask(self, key: str) -> Page:
        return Page(self._texts(key), ((button(self._texts("operator-button-back"), SECTION),),), Step(WRITE))
