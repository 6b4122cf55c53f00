"""The bot and the sandbox as real processes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "4242424242:token-of-the-end-to-end-tests"
START_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


started: list[Process] = []
"""Every process that a test started, so that a failed test leaves none behind."""


class Process:
    """`python -m <module>`, its output in a file, without settings of the developer's own."""

    def __init__(self, folder: Path, module: str, *arguments: str, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ours = (
            "TELEGRAM",
            "WEBHOOK",
            "SANDBOX",
            "DATA",
            "DEVICE",
            "QUEUE",
            "DAILY_QUOTA",
            "PROGRESS",
            "JOB_SECONDS",
            "HEALTH",
            "LOG_",
            "MAX_SIDE",
            "PHOTO_SIDE",
        )
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self._log = folder / f"{module}-{time.monotonic_ns()}.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,  # no .env there
            env=environment | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | settings,
            stdout=self._log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        started.append(self)

    @property
    def output(self) -> str:
        """All that it printed and logged so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, pattern: str, timeout: float = START_SECONDS, times: int = 1) -> re.Match[str]:
        """The last match once the output holds the pattern so many times; fails when the process ends before."""
        end = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None
            found = list(re.finditer(pattern, self.output))
            if len(found) >= times:
                return found[-1]
            if ended or time.monotonic() > end:
                raise AssertionError(f"{pattern!r} not in the output (exit {self.process.poll()}):\n{self.output}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout: float = 15.0) -> int:
        """As `docker stop`; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"did not stop within {timeout} s:\n{self.output}") from None


def start_sandbox(folder: Path, token: str = TOKEN, port: int = 0) -> tuple[Process, str]:
    """A Bot API server and its address."""
    process = Process(folder, "bot.sandbox", "--token", token, "--port", str(port), "--data", str(folder / "sandbox"))
    return process, process.wait_for(r"http://[^\s/]+").group()


def start_bot(folder: Path, api: str, wait: str = "Atelier is running", **settings: str) -> Process:
    """The bot, connected to that server."""
    given = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": api, "DATA_DIR": str(folder / "data")} | settings
    process = Process(folder, "bot", **given)
    process.wait_for(wait)
    return process


def runner_pid(bot: Process) -> int:
    """The process number of the newest warm runner."""
    return int(bot.wait_for(r"the engine is warm.*pid=(\d+)").group(1))


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Holds a process still, so that what happens meanwhile does not depend on its speed."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
