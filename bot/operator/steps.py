"""What each operator's next message is taken for, in memory beside its rows since a filter can't wait."""

from __future__ import annotations

from bot.store import Store
from bot.store.steps import Step, read_steps, set_step


class Steps:
    """At most one per operator."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._each: dict[int, Step] = {}

    async def load(self) -> None:
        """Reads all."""
        async with self._store.reading() as session:
            self._each = await read_steps(session)

    def of(self, operator_id: int) -> Step | None:
        """What is awaited of this operator."""
        return self._each.get(operator_id)

    async def set(self, operator_id: int, step: Step | None) -> None:
        """Awaits this from now on, or nothing."""
        if step == self._each.get(operator_id):
            return
        async with self._store.writing() as session:
            await set_step(session, operator_id, step)
        if step is None:
            self._each.pop(operator_id, None)
        else:
            self._each[operator_id] = step
