"""One bot and one sandbox for all tests that need nothing special, each test with a person of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.sandbox.person import Bubble, Person

from .processes import Process, runner_pid, start_bot, start_sandbox, started


@pytest.fixture(autouse=True)
def _no_process_left_behind() -> Iterator[None]:
    before = len(started)  # those of wider fixtures
    yield
    for process in started[before:]:
        if process.process.poll() is None:
            process.kill()
    del started[before:]


@dataclass(frozen=True)
class Running:
    """A bot at a sandbox."""

    bot: Process
    sandbox: Process
    address: str
    folder: Path


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A bot that polls."""
    folder: Path = tmp_path_factory.mktemp("polling")
    sandbox, address = start_sandbox(folder)
    bot = start_bot(folder, address)
    runner_pid(bot)
    yield Running(bot, sandbox, address, folder)
    code = bot.stop()
    sandbox.stop()
    assert code == 0
    assert "Traceback" not in bot.output, bot.output
    assert "token-of-the-end-to-end-tests" not in bot.output


@pytest.fixture
async def ada(running: Running) -> AsyncIterator[Person]:
    """A new person in a new chat."""
    async with Person.at(running.address, name="Ada") as person:
        yield person


def is_result(bubble: Bubble) -> bool:
    """Whether this is a painted picture."""
    return bubble.from_bot and bubble.kind in ("photo", "document") and bubble.text.startswith("Painted")


async def result_after(person: Person, after: Bubble | int, timeout: float = 30) -> Bubble:
    """The painted picture that comes after this message."""
    return await person.wait_for(is_result, timeout, after if isinstance(after, int) else after.id)


async def answer_after(person: Person, after: Bubble | int, containing: str, timeout: float = 10) -> Bubble:
    """The bot's message after this one that holds these words."""
    number = after if isinstance(after, int) else after.id
    return await person.wait_for(lambda bubble: bubble.from_bot and containing in bubble.text, timeout, number)


async def last_id(person: Person) -> int:
    """The number of the newest message."""
    return max((bubble.id for bubble in await person.messages()), default=0)
