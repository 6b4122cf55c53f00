"""In which language each person is spoken to."""

from __future__ import annotations

from sqlalchemy import select
from telegram import User

from bot.store import Store
from bot.store.models import User as UserRow
from bot.texts import language_for


class Tongues:
    """The language that somebody chose, else that of their app.

    Choices are few and asked for at every word, so they are kept in memory beside their rows.
    """

    def __init__(self) -> None:
        self._chosen: dict[int, str] = {}

    async def load(self, store: Store) -> None:
        """Reads all choices."""
        async with store.reading() as session:
            rows = await session.execute(
                select(UserRow.id, UserRow.chosen_language).where(UserRow.chosen_language != "")
            )
            self._chosen = {row.id: row.chosen_language for row in rows}

    def choose(self, user_id: int, language: str) -> None:
        """This person chose a language, or "" for that of their app."""
        if language:
            self._chosen[user_id] = language
        else:
            self._chosen.pop(user_id, None)

    def of(self, person: User | None) -> str:
        """The language of this person."""
        if person is None:
            return language_for(None)
        return language_for(self._chosen.get(person.id) or person.language_code)
