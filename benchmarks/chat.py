"""How quickly the bot answers 200 chats, idle and while it paints: `python -m benchmarks.chat [--json FILE]`.

The sandbox, the bot with its runner, and this program, which plays the people, are processes of their own and share the
machine's cores. Everybody writes once in a round: half of them words for a style, a quarter /help, a quarter /styles,
which is answered with a picture. In a spread round they do so at random moments within a while, in a burst all at the
same moment. While it paints, a few more people always have a picture in the queue.

Times are the bot's own, from its log. turn: waiting for others; handler: from then to the last write, the calls to the
sandbox included; held: how long the answers were held back, since Telegram takes only 30 messages per second. An
answer's time is from the moment when a person sends to that when the answer is in the chat.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from benchmarks.photo import make_photo
from benchmarks.processes import Running, cpu_seconds, running
from bot.sandbox.person import Bubble, Person
from stylize import encode_picture

RESULTS = Path(__file__).parent / "results/chat.json"
CHATS = 200
SPREAD = 20.0  # seconds
CUSTOMERS = 3  # people whose pictures keep the painter busy
ANSWER_SECONDS = 120.0
PICTURE_SECONDS = 600.0

Figures = dict[str, float]


async def answered(person: Person, act: int) -> float:
    """Seconds from a message to the bot's answer."""
    began = time.perf_counter()
    match act % 4:
        case 0:
            message = await person.text("/help")
        case 1:
            message = await person.text("/styles")
        case _:
            message = await person.text("a stormy night at sea")
    await person.wait_for(lambda bubble: bubble.from_bot, ANSWER_SECONDS, message.id)
    return time.perf_counter() - began


async def round_of(found: Running, people: Sequence[Person], spread: float) -> Figures:
    """Everybody writes once within so many seconds."""
    order, begins, mark = random.Random(0), asyncio.get_running_loop().time(), found.position()
    spent = cpu_seconds(found.bot.pid)
    moments = [order.uniform(0, spread) for _ in people]

    async def write(person: Person, act: int, moment: float) -> float:
        await asyncio.sleep(begins + moment - asyncio.get_running_loop().time())
        return await answered(person, act)

    async with asyncio.timeout(spread + 2 * ANSWER_SECONDS):
        seen = await asyncio.gather(*(write(*each) for each in zip(people, range(len(people)), moments, strict=True)))
    await asyncio.sleep(1.0)
    lines = found.lines("handled", mark)
    return {
        **percentiles("handler", [line.number("seconds") for line in lines]),
        **percentiles("held", [line.number("held") for line in lines]),
        **percentiles("turn", [line.number("waited") for line in lines]),
        **percentiles("answer", seen),
        "the bot's CPU, ms per update": 1000 * (cpu_seconds(found.bot.pid) - spent) / len(people),
    }


def percentiles(name: str, seconds: Sequence[float]) -> Figures:
    """In ms."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return {
        f"{name} p50, ms": 1000 * cuts[9],
        f"{name} p95, ms": 1000 * cuts[18],
        f"{name} max, ms": 1000 * max(seconds),
    }


@asynccontextmanager
async def painting(found: Running) -> AsyncIterator[Figures]:
    """Keeps the painter busy; at the end the figures hold how much it painted."""
    figures: Figures = {}
    tasks = [asyncio.create_task(order_again_and_again(found.address, number)) for number in range(CUSTOMERS)]
    before = found.figures()
    while found.figures()[PAINTED] < before[PAINTED] + CUSTOMERS:
        await asyncio.sleep(0.5)
    before, began = found.figures(), time.perf_counter()
    yield figures
    after, seconds = found.figures(), time.perf_counter() - began
    figures["jobs per minute"] = 60 * (after[PAINTED] - before[PAINTED]) / seconds
    figures["painting, % of the time"] = 100 * (after[SECONDS] - before[SECONDS]) / seconds
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


PAINTED, SECONDS = (f'atelier_painting_seconds_{end}{{method="quick"}}' for end in ("count", "sum"))


async def order_again_and_again(address: str, number: int) -> None:
    """One person who always has a picture in the queue: softer, stronger, softer, …"""
    async with Person.at(address, name=f"customer {number}") as person:
        photo = encode_picture(make_photo(1280, 960))
        after: Bubble = await person.photo(photo, caption=f"a storm of {number + 2} waves")
        for turn in range(10**6):
            result = await person.wait_for(lambda bubble: bubble.text.startswith("Painted"), PICTURE_SECONDS, after.id)
            await person.tap(result, "Softer" if turn % 2 else "Stronger")
            after = result


async def measure(found: Running) -> dict[str, Figures]:
    """All rounds."""
    rounds: dict[str, Figures] = {}
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(Person.at(found.address, name=f"person {number}"))
            for number in range(CHATS)
        ]
        rounds["not counted: the first messages"] = await round_of(found, people, SPREAD)
        for what, spread in (("spread", SPREAD), ("burst", 0.0)):
            rounds[f"idle, {what}"] = await round_of(found, people, spread)
        for what, spread in (("spread", SPREAD), ("burst", 0.0)):
            async with painting(found) as painted:
                figures = await round_of(found, people, spread)
            rounds[f"painting, {what}"] = figures | painted
    return rounds


def describe(rounds: dict[str, Figures]) -> str:
    """Markdown."""
    names = list(dict.fromkeys(name for figures in rounds.values() for name in figures))
    lines = ["| | " + " | ".join(rounds) + " |", "|---" * (len(rounds) + 1) + "|"]
    for name in names:
        cells = [f"{row[name]:.0f}" if name in row else "" for row in rounds.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as found:
        rounds = asyncio.run(measure(found))
    print(describe(rounds))
    report = {"cores": os.cpu_count(), "chats": CHATS, "spread, s": SPREAD, "rounds": rounds}
    given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
