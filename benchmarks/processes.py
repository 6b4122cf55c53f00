"""The bot and the sandbox, each in a process of its own, and what can be seen of them from outside."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOKEN = "4242424242:token-of-the-benchmarks"
WARM_SECONDS = 300


@dataclass(frozen=True)
class Line:
    """One line of the bot's log, its fields beside the event."""

    event: str
    fields: dict[str, object]

    def number(self, name: str) -> float:
        """A field that is a number."""
        value = self.fields[name]
        assert isinstance(value, int | float)
        return value


@dataclass(frozen=True)
class Running:
    """A warm bot at its sandbox. address: of the sandbox."""

    address: str
    health: str
    bot: subprocess.Popen[bytes]
    log: Path

    def lines(self, event: str, after: int = 0) -> list[Line]:
        """What the bot logged beyond so many bytes of its log."""
        with self.log.open("rb") as file:
            file.seek(after)
            read = file.read().decode()
        fields = [json.loads(line) for line in read.splitlines(keepends=True) if line.endswith("\n") and line[0] == "{"]
        return [Line(event, each) for each in fields if each["event"] == event]

    def position(self) -> int:
        """The bytes of the log so far."""
        return self.log.stat().st_size

    def figures(self) -> dict[str, float]:
        """The bot's metrics, by name and labels as Prometheus reads them."""
        with urllib.request.urlopen(f"{self.health}/metrics") as answer:
            page = answer.read().decode()
        return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", page, re.MULTILINE)}

    def processes(self) -> dict[str, int]:
        """The numbers of the bot's process and of its runner's."""
        return {"bot": self.bot.pid, "runner": int(self.lines("the engine is warm")[-1].number("pid"))}


def resident(pid: int) -> float:
    """MB of memory that a process holds now, shared pages included (Linux only)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def cpu_seconds(pid: int) -> float:
    """Seconds that a process has spent on the CPU, disturbed less by others than those on the wall (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Running]:
    """Starts both in an empty folder, waits until the engine is warm, and stops them at the end."""
    port, log = _free_port(), folder / "bot.log"
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "bot.sandbox", "--token", TOKEN, "--port", "0", "--data", str(folder / "sandbox")],
        stdout=subprocess.PIPE,
    )
    assert sandbox.stdout is not None
    address = sandbox.stdout.readline().decode().split()[-1].rstrip("/")
    given = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": address,
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/data/atelier.db",
        "HEALTH_PORT": str(port),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "DEBUG",
        "WEBHOOK_URL": "",
    }
    with log.open("wb") as file:
        bot = subprocess.Popen([sys.executable, "-m", "bot"], env=os.environ | given | settings, stderr=file)
    try:
        found = Running(address, f"http://127.0.0.1:{port}", bot, log)
        _wait_until_warm(found)
        yield found
    finally:
        for process in (bot, sandbox):
            process.terminate()
            process.wait(30)


def _wait_until_warm(found: Running) -> None:
    end = time.monotonic() + WARM_SECONDS
    while not found.lines("the pace is known"):  # until then the runner still measures itself
        if found.bot.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the bot did not start:\n{found.log.read_text()}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
