"""Does the bot lose anything? `python -m benchmarks.chaos [--people N] [--photos N] [--seed N] [--json FILE]`.

People send photos to a real bot while it, its painting process or both are killed every few seconds and its Bot API
server refuses, breaks and swallows calls. Then every photo is counted in the chats. Exit code 1 where one is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.e2e.chaos import Chaos, Plan, Report

RESULTS = Path(__file__).parent / "results" / "chaos.json"


def describe(report: Report) -> str:
    """The table."""
    rows = {name.replace("_", " "): value for name, value in asdict(report).items()}
    return "\n".join(f"{name:24}{value}" for name, value in rows.items())


def tracebacks(folder: Path) -> list[str]:
    """The first lines of what the bot did not expect, of all logs of a run."""
    found = []
    for log in sorted((folder / "bot").glob("*.log")):
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict) and (event.get("level") == "error" or "exception" in event):
                    found.append(f"{event.get('event')}: {str(event.get('exception', '')).strip()[-300:]}")
    return found


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=Plan.people)
    ask.add_argument("--photos", type=int, default=Plan.photos, help="of each person (default: %(default)s)")
    ask.add_argument("--seed", type=int, default=Plan.seed)
    ask.add_argument("--calm", action="store_true", help="no faults of the Bot API server, kills alone")
    ask.add_argument("--folder", type=Path, help="keep the logs and the database there; a new folder")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    plan = Plan(people=given.people, photos=given.photos, seed=given.seed, faults=not given.calm)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch) / "chaos"
        report = asyncio.run(Chaos(folder, plan).run())
        for line in tracebacks(folder):
            print(line)
    print(describe(report))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")
    return int(report.lost > 0)


if __name__ == "__main__":
    sys.exit(main())
