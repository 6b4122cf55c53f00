"""People who get no answer, kept out before anything else looks at what they send."""

from __future__ import annotations

from telegram import Update
from telegram.ext import ApplicationHandlerStop, BaseHandler, ContextTypes

from bot.jobs.sql_queue import SqlQueue
from bot.store import Store
from bot.store.barring import bar_person, barred_people, unbar_person

FIRST = -10
"""The group of handlers in which the gate stands: before all others."""


class Barred:
    """Their numbers, in memory beside their rows since every update asks."""

    def __init__(self, store: Store, queue: SqlQueue) -> None:
        self._store = store
        self._queue = queue
        self._people: set[int] = set()

    async def load(self) -> None:
        """Reads all."""
        async with self._store.reading() as session:
            self._people = await barred_people(session)

    @property
    def people(self) -> frozenset[int]:
        """All of them."""
        return frozenset(self._people)

    async def bar(self, user_id: int) -> int:
        """No answer from now on, and what waits is cancelled; answers how many pictures that were."""
        async with self._store.writing() as session:
            await bar_person(session, user_id)
        self._people.add(user_id)
        return len(await self._queue.cancel_person(user_id))

    async def unbar(self, user_id: int) -> bool:
        """Answers again; False where the person was not barred."""
        async with self._store.writing() as session:
            await unbar_person(session, user_id)
        known = user_id in self._people
        self._people.discard(user_id)
        return known


class Gate(BaseHandler[Update, ContextTypes.DEFAULT_TYPE, None]):
    """Takes every update of a barred person, and nothing comes of it."""

    def __init__(self, barred: Barred) -> None:
        async def drop(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
            raise ApplicationHandlerStop

        super().__init__(drop)
        self._barred = barred

    def check_update(self, update: object) -> bool:
        """Whether it is one of theirs."""
        person = update.effective_user if isinstance(update, Update) else None
        return person is not None and person.id in self._barred.people
