"""Whether memory grows over many jobs: `python -m benchmarks.endurance [--jobs N] [--json FILE]`. Linux only.

A few people of a sandbox order one picture after the other; after every ten jobs the resident memory of the bot's
process and of its runner's is read. The first fifth of the jobs warms up and does not count; a line is fitted to the
rest. Prints MB at both ends and MB per 100 jobs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.chat import CUSTOMERS, PAINTED, order_again_and_again
from benchmarks.processes import Running, resident, running

RESULTS = Path(__file__).parent / "results/endurance.json"
EVERY = 10  # jobs between two looks
STALLED = 300.0  # seconds without a job


async def observe(found: Running, jobs: int) -> list[dict[str, float]]:
    """MB of each process by the number of jobs."""
    numbers = found.processes()
    seen = [{"jobs": 0.0} | {name: resident(pid) for name, pid in numbers.items()}]
    customers = [asyncio.create_task(order_again_and_again(found.address, number)) for number in range(CUSTOMERS)]
    painted, moved = 0.0, time.monotonic()
    while (done := seen[-1]["jobs"]) < jobs:
        await asyncio.sleep(0.5)
        before, painted = painted, (await asyncio.to_thread(found.figures))[PAINTED]
        if painted > before:
            moved = time.monotonic()
        elif time.monotonic() > moved + STALLED:
            raise SystemExit("no more jobs are painted")
        if painted >= done + EVERY:
            seen.append({"jobs": painted} | {name: resident(pid) for name, pid in numbers.items()})
    for customer in customers:
        customer.cancel()
        with suppress(asyncio.CancelledError):
            await customer
    return seen


def growth(seen: Sequence[dict[str, float]], name: str) -> dict[str, float]:
    """The line through what a process held once it was warm."""
    warm = [each for each in seen if each["jobs"] >= seen[-1]["jobs"] / 5]
    slope, _ = statistics.linear_regression([each["jobs"] for each in warm], [each[name] for each in warm])
    return {
        "after the start, MB": seen[0][name],
        "warm, MB": warm[0][name],
        "at the end, MB": warm[-1][name],
        "MB per 100 jobs": 100 * slope,
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--jobs", type=int, default=500)
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as found:
        began = time.perf_counter()
        seen = asyncio.run(observe(found, given.jobs))
        minutes = (time.perf_counter() - began) / 60
    report = {name: growth(seen, name) for name in seen[0] if name != "jobs"}
    for name, figures in report.items():
        print(name, ", ".join(f"{what} {value:.1f}" for what, value in figures.items()))
    print(f"{seen[-1]['jobs']:.0f} jobs in {minutes:.1f} minutes")
    written = json.dumps({"growth": report, "minutes": minutes, "seen": seen}, indent=1)
    given.json.write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
