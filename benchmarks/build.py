"""Building a large corpus: `python -m benchmarks.build [--pictures 100000]`. Linux only.

Makes that many small pictures, all different, with two captions each, and a few broken files among them; runs `stylize
corpus build --no-grams` over them, kills it (SIGKILL) half way, runs it again, and looks at its memory all the while.
Then searches what was built. Prints the figures, writes benchmarks/results/build.json. Pictures of 96 px take 0.4 GB
of disk a hundred thousand, and a second or two a thousand to make.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image

from benchmarks.corpus import FOUND, recall, searched
from benchmarks.processes import cpu_seconds, resident
from stylize.sentence import Corpus, SentenceEncoder
from stylize.sentence.building import PART
from stylize.sentence.index import index_file
from stylize.sentence.words import look_words

RESULTS = Path(__file__).parent / "results/build.json"
BROKEN_EVERY = 1000  # one picture in so many is cut off
FOLDER_SIZE = 1000  # pictures
QUERIES = 100
LOOK_EVERY = 0.1  # seconds; the bar of the command tells as often
SHARES = (0.1, 0.5, 1.0)  # of the pictures, when memory is told
TOLD = re.compile(rb"(\d+) of \d+ pictures")


def sentence(rng: random.Random) -> str:
    """Of three to five of the words that sentences are understood by."""
    first, *others = rng.sample([word.word for word in look_words()], rng.randint(3, 5))
    return f"a picture of {first} with {' and '.join(others)}"


def picture(number: int, side: int) -> bytes:
    """A JPEG of one gradient between four random colours, with waves and grain."""
    rng = np.random.default_rng(number)
    across = np.linspace(0, 1, side)
    corners = rng.uniform(0, 255, (2, 2, 3))
    rows = corners[0][None] * (1 - across[:, None, None]) + corners[1][None] * across[:, None, None]
    pixels = rows[:, :1] * (1 - across[None, :, None]) + rows[:, 1:] * across[None, :, None]
    turns = rng.uniform(-12, 12, 2)
    pixels = pixels + rng.uniform(0, 60) * np.sin(turns[0] * across[:, None] + turns[1] * across[None])[..., None]
    pixels += rng.normal(0, rng.uniform(0, 20), (side, side, 1))
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


def make(folder: Path, count: int, side: int) -> int:
    """Pictures and captions.jsonl; returns how many are broken."""
    rng = random.Random(0)
    with (folder / "captions.jsonl").open("w", encoding="utf-8") as captions:
        for number in range(count):
            name = f"{number // FOLDER_SIZE:03}/{number:07}.jpg"
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            data = picture(number, side)
            file.write_bytes(data[: len(data) // 2] if number % BROKEN_EVERY == BROKEN_EVERY // 2 else data)
            captions.write(json.dumps({"image": name, "sentences": [sentence(rng), sentence(rng)]}) + "\n")
    return len(range(BROKEN_EVERY // 2, count, BROKEN_EVERY))


@dataclass
class Seen:
    """Of one run: how many pictures were done, and MB of memory each time; seconds, those on the CPU; exit code."""

    last: int = 0
    memory: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    busy: float = 0.0
    code: int | None = None

    def peak(self, until: float) -> float:
        """MB, while no more pictures than these were done."""
        return max((megabytes for done, megabytes in self.memory if done <= until), default=0.0)


def run(folder: Path, output: Path, threads: int, kill_at: int | None = None) -> Seen:
    """Builds the corpus in a process of its own, which is killed once it told of so many pictures."""
    seen, log = Seen(), folder / "told"
    words = f"corpus build --no-grams --pictures {folder} --captions {folder / 'captions.jsonl'} -o {output}".split()
    program = f"import torch; torch.set_num_threads({threads}); from stylize.cli import app; app()"
    start = time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": "100", "TERM": "xterm"},  # a bar, as on a terminal
        )
        with log.open("rb") as told:
            while process.poll() is None:
                time.sleep(LOOK_EVERY)
                counts = [int(count) for count in TOLD.findall(told.read())]
                seen.last = max([seen.last, *counts])
                try:
                    seen.memory.append((seen.last, resident(process.pid)))
                    seen.busy = cpu_seconds(process.pid)
                except (OSError, IndexError):  # it ends just now
                    continue
                if kill_at is not None and seen.last >= kill_at:
                    process.kill()
                    kill_at = None
    seen.seconds, seen.code = time.perf_counter() - start, process.wait()
    return seen


def build_figures(folder: Path, output: Path, count: int, threads: int, broken: int) -> dict[str, float]:
    killed = run(folder, output, threads, kill_at=count // 2)
    kept = PART * len(list(output.with_name(f"{output.name}.parts").glob("*.part")))
    resumed = run(folder, output, threads)
    if resumed.code:
        raise SystemExit((folder / "told").read_text()[-2000:])
    painted = killed.last + resumed.last - kept
    seconds, busy = killed.seconds + resumed.seconds, killed.busy + resumed.busy
    figures = {"pictures": float(count), "broken": float(broken), "seconds": seconds, "seconds busy": busy}
    figures |= {"ms a picture": 1000 * seconds / painted, "ms busy a picture": 1000 * busy / painted}
    for share in SHARES:
        run_of_it = killed if share <= 0.5 else resumed
        figures[f"peak MB up to {share:.0%}"] = run_of_it.peak(share * count)
    figures |= {"killed at": float(killed.last), "resumed at": float(kept)}
    return figures | {"seen twice": float(killed.last - kept)}


def search_figures(file: Path) -> dict[str, float]:
    corpus, encoder = Corpus.load(file), SentenceEncoder()
    rng = random.Random(1)
    wanted = encoder.encode([sentence(rng) for _ in range(QUERIES)])
    start = time.perf_counter()
    index = corpus.indexed(least=1)
    figures = {"in the corpus": float(len(corpus)), "corpus file, MB": file.stat().st_size / 1e6}
    figures["index built, s"] = time.perf_counter() - start
    index.save(index_file(file))
    figures["index file, MB"] = index_file(file).stat().st_size / 1e6
    for name, each in (("by the index", replace(corpus, index=index)), ("one by one", corpus)):
        searched(each, wanted[:5], FOUND)
        found, figures[f"search {name} ms, median"], figures[f"search {name} ms, 95 %"] = searched(each, wanted, FOUND)
        figures[f"recall@{FOUND} {name}"] = recall(found, corpus, wanted, FOUND)
    return figures


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--pictures", type=int, default=100_000)
    ask.add_argument("--side", type=int, default=96, help="of the pictures, px")
    ask.add_argument("--threads", type=int, default=1)
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    torch.set_num_threads(given.threads)
    with TemporaryDirectory() as name:
        folder = Path(name)
        broken = make(folder, given.pictures, given.side)
        output = folder / "made.safetensors"
        figures = build_figures(folder, output, given.pictures, given.threads, broken) | search_figures(output)
    missing = given.pictures - broken - figures["in the corpus"]
    for what, number in (figures | {"missing": missing}).items():
        print(f"{what:<28}{number:>12,.5g}")
    machine = {"processor": platform.processor() or platform.machine(), "threads": given.threads}
    told = {"machine": machine, "side": given.side, "figures": figures | {"missing": missing}}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
