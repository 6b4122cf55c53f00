"""Tells open pages and waiting tests what changed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

_ROOM = 500  # events that a page may lag behind before it is cut off (it then reloads)


@dataclass(frozen=True)
class Event:
    """One change. kind: message, edited, deleted, action, draft, seen, chat, commands."""

    kind: str
    chat: int
    body: dict[str, object]


class Events:
    """A broadcast with a running number, so that a reader can ask for what is newer than it knows."""

    def __init__(self) -> None:
        self.version = 0
        self._readers: set[asyncio.Queue[Event | None]] = set()
        self._changed = asyncio.Event()
        self._closed = False

    def tell(self, event: Event) -> None:
        """Hands the event to every reader; one that doesn't read is cut off."""
        self.version += 1
        self._wake()
        for reader in list(self._readers):
            if reader.qsize() >= _ROOM:
                self._readers.discard(reader)
                reader.put_nowait(None)
            else:
                reader.put_nowait(event)

    async def newer_than(self, version: int, seconds: float) -> None:
        """Returns once something newer happened, after so many seconds, or at the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.version <= version and not self._closed:
                    await self._changed.wait()

    async def follow(self, pulse: float) -> AsyncIterator[Event | None]:
        """Events as they come; None every `pulse` seconds of silence. Ends with the sandbox."""
        reader: asyncio.Queue[Event | None] = asyncio.Queue()
        self._readers.add(reader)
        try:
            while not self._closed:
                try:
                    event = await asyncio.wait_for(reader.get(), pulse)
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._readers.discard(reader)

    def close(self) -> None:
        """Ends all readers."""
        self._closed = True
        self._wake()
        for reader in self._readers:
            reader.put_nowait(None)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
