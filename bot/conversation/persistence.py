"""The conversation's states in our own store, written at once; the library's default would lose up to a minute."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from telegram.ext import BasePersistence, PersistenceInput

from bot.store import Store
from bot.store.states import load_states, save_state

ConversationKey = tuple[int | str, ...]
Nothing = dict[Any, Any]


class StatePersistence(BasePersistence[Nothing, Nothing, Nothing]):
    """Stores conversation states and nothing else: all other truth has tables of its own.

    The application hands over what changed (`Application.update_persistence`); it is stored in the transaction that
    also stores that the update was handled. Else a crash in between would handle an update in the state after it.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(PersistenceInput(bot_data=False, chat_data=False, user_data=False, callback_data=False))
        self._store = store
        self._changed: dict[int | str, dict[tuple[str, ConversationKey], str | None]] = {}  # by chat

    async def get_conversations(self, name: str) -> dict[ConversationKey, object]:
        """Every stored state."""
        async with self._store.reading() as session:
            return dict(await load_states(session, name))

    async def update_conversation(self, name: str, key: ConversationKey, new_state: object | None) -> None:
        """Takes one state, to be stored by `write`; None removes it."""
        self._changed.setdefault(key[0], {})[name, key] = str(new_state) if new_state is not None else None

    async def write(self, session: AsyncSession, chat_id: int) -> None:
        """Stores what has changed in this chat since the start."""
        for (name, key), state in self._changed.get(chat_id, {}).items():
            await save_state(session, name, key, state)

    async def get_user_data(self) -> dict[int, Nothing]:
        """Not used."""
        return {}

    async def get_chat_data(self) -> dict[int, Nothing]:
        """Not used."""
        return {}

    async def get_bot_data(self) -> Nothing:
        """Not used."""
        return {}

    async def get_callback_data(self) -> None:
        """Not used."""

    async def update_user_data(self, user_id: int, data: Nothing) -> None:
        """Not used."""

    async def update_chat_data(self, chat_id: int, data: Nothing) -> None:
        """Not used."""

    async def update_bot_data(self, data: Nothing) -> None:
        """Not used."""

    async def update_callback_data(self, data: object) -> None:
        """Not used."""

    async def drop_chat_data(self, chat_id: int) -> None:
        """Not used."""

    async def drop_user_data(self, user_id: int) -> None:
        """Not used."""

    async def refresh_user_data(self, user_id: int, user_data: Nothing) -> None:
        """Not used."""

    async def refresh_chat_data(self, chat_id: int, chat_data: Nothing) -> None:
        """Not used."""

    async def refresh_bot_data(self, bot_data: Nothing) -> None:
        """Not used."""

    async def flush(self) -> None:
        """What is not written yet belongs to updates that are not handled yet."""
