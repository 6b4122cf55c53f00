"""Limits and rest, changed from the chat: kept in the database, valid at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.jobs.bounds import Bounds
from bot.jobs.sql_queue import SqlQueue
from bot.store import Store
from bot.store.controls import read_controls, set_control

RESTING = "resting"


@dataclass(frozen=True)
class Limit:
    """A field of `Bounds` and the values that the operator can choose."""

    name: str
    choices: tuple[int, ...]


LIMITS = (
    Limit("photo_side", (640, 960, 1280, 1600, 2048, 2560)),
    Limit("max_side", (1024, 1280, 2048, 3072, 4096)),
    Limit("job_seconds", (60, 120, 180, 300, 600)),
    Limit("queue_per_user", (1, 2, 3, 5, 10, 20)),
    Limit("queue_total", (20, 50, 100, 200, 500, 1000)),
    Limit("daily_quota", (0, 10, 20, 50, 100, 200)),
)


class Controls:
    """Changes the one live `Bounds`, and remembers what the settings say."""

    def __init__(self, store: Store, bounds: Bounds, queue: SqlQueue) -> None:
        self._store = store
        self._bounds = bounds
        self._queue = queue
        self._settings = replace(bounds)
        self._changed: set[str] = set()

    async def load(self) -> None:
        """Takes in what was changed before."""
        async with self._store.reading() as session:
            for name, value in (await read_controls(session)).items():
                self._apply(name, value)

    def value(self, name: str) -> int:
        """What holds now."""
        return int(getattr(self._bounds, name))

    def setting(self, name: str) -> int:
        """What the settings say."""
        return int(getattr(self._settings, name))

    def changed(self, name: str) -> bool:
        """Whether the operator has changed it."""
        return name in self._changed

    @property
    def resting(self) -> bool:
        """Whether painting pauses."""
        return self._bounds.resting

    async def set(self, name: str, value: int | None) -> None:
        """Holds from now on; None takes the setting again."""
        async with self._store.writing() as session:
            await set_control(session, name, value)
        self._apply(name, value)

    async def rest(self, on: bool) -> None:
        """Painting pauses after the present pictures, or goes on."""
        await self.set(RESTING, 1 if on else None)
        self._queue.news.tell()

    def _apply(self, name: str, value: float | None) -> None:
        if name == RESTING:
            self._bounds.resting = bool(value)
        elif name in {limit.name for limit in LIMITS}:
            setattr(self._bounds, name, self.setting(name) if value is None else int(value))
            (self._changed.discard if value is None else self._changed.add)(name)
