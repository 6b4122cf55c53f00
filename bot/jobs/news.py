"""Word that something changed, for any number of waiters."""

from __future__ import annotations

import asyncio


class News:
    """Wakes everybody who waits, and nobody takes the word from another, as clearing a common event would.

    Take `next` before you look and wait for it afterwards: then nothing that happens in between is missed.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """Is set when something changes from now on."""
        return self._next

    def tell(self) -> None:
        """Something has changed."""
        self._next.set()
        self._next = asyncio.Event()
