"""The conversation's state outlives the process."""

from __future__ import annotations

from bot.conversation.persistence import StatePersistence
from bot.store import Store


async def test_states_are_there_after_a_restart(store: Store, address: str) -> None:
    persistence = StatePersistence(store)
    await persistence.update_conversation("atelier", (1, 1), "style")
    await persistence.update_conversation("atelier", (2, 2), "photo")
    await persistence.update_conversation("atelier", (2, 2), "style")
    await persistence.update_conversation("other", (3, 3), "style")
    await persistence.update_conversation("atelier", (1, 1), None)
    assert await StatePersistence(store).get_conversations("atelier") == {}, "their updates are not handled yet"
    for chat in (1, 2, 3):
        async with store.writing() as session:
            await persistence.write(session, chat)
    again = await Store.open(address)
    assert await StatePersistence(again).get_conversations("atelier") == {(2, 2): "style"}
    await again.close()
