"""The runner process seen from the bot: start it, talk to it, notice its end."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import threading
import time
from multiprocessing.connection import Connection

from bot.jobs.messages import FromRunner, Quit, ToRunner
from bot.jobs.runner import run


class RunnerProcess:
    """A started runner. `heard` gives its messages, then None once it is gone."""

    def __init__(self, device: str) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy the event loop and break CUDA
        ours, theirs = context.Pipe()
        self._pipe: Connection = ours
        self._process = context.Process(target=run, args=(theirs, device), name=f"atelier-runner-{device}")
        self._process.start()
        theirs.close()  # now its end of the pipe closes with the process
        self.last_heard = 0.0  # by time.monotonic
        self.heard: asyncio.Queue[FromRunner | None] = asyncio.Queue()
        threading.Thread(target=self._listen, args=(asyncio.get_running_loop(),), daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.is_alive()

    def say(self, message: ToRunner) -> None:
        """Sends a message; one that is gone hears nothing, which `heard` tells."""
        with contextlib.suppress(OSError):
            self._pipe.send(message)

    async def stop(self, patience: float = 2.0) -> None:
        """Ends it: asks, waits, then kills."""
        self.say(Quit())
        await asyncio.to_thread(self._process.join, patience)
        if self._process.is_alive():
            self._process.kill()
            await asyncio.to_thread(self._process.join)
        self._pipe.close()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        message: FromRunner | None
        while True:
            try:
                message = self._pipe.recv()
                self.last_heard = time.monotonic()
            except (EOFError, OSError):
                message = None
            try:
                loop.call_soon_threadsafe(self.heard.put_nowait, message)
            except RuntimeError:  # the loop has ended first
                return
            if message is None:
                return
