"""Searching large corpora: `python -m benchmarks.corpus`. Prints a table, writes benchmarks/results/corpus.json.

Exact search over 10,000 entries, then search through the index over `--entries` made-up ones, 10 million unless told:
once spread like captions, once at random, which no index can do anything with. Ten million need 6 GB of memory, 5 GB
of disk in the folder for temporary files and, on one core, about a quarter of an hour each.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.memory import peak_bytes
from stylize.sentence.corpus import Corpus
from stylize.sentence.encoder import WIDTH
from stylize.sentence.index import index_file
from stylize.sentence.lowrank import quantised

SMALL = 10_000
CHUNK = 65_536
FOUND = 10  # the recall is of so many
REACH = 2048  # what a scene asks for
RESULTS = Path(__file__).parent / "results/corpus.json"

# Of 6,000 captions, a caption's nearest lies at cosine 0.73 and its tenth nearest at 0.58, any two at 0.10 ± 0.15, and
# the largest 10, 32 and 128 principal components hold 34, 56 and 88 % of their variance. So do those made here, about.
SPECTRUM = (torch.arange(WIDTH) + 8.0) ** -0.7
TOPIC_SIZE = 64  # entries that share one
OWN = 0.62  # length of what an entry does not share
COMMON = 0.35  # length of what all share

Make = Callable[[int, torch.Generator], Tensor]


def like_captions(entries: int) -> Make:
    """(N, 384) unit vectors, each near the others of its topic."""
    generator = torch.Generator().manual_seed(0)
    topics = F.normalize(torch.randn(max(1, entries // TOPIC_SIZE), WIDTH, generator=generator) * SPECTRUM, dim=1)

    def make(count: int, generator: torch.Generator) -> Tensor:
        own = F.normalize(torch.randn(count, WIDTH, generator=generator) * SPECTRUM, dim=1)
        shared = topics[torch.randint(len(topics), (count,), generator=generator)]
        rows = (1 - OWN**2) ** 0.5 * shared + OWN * own
        rows[:, 0] += COMMON
        return F.normalize(rows, dim=1)

    return make


def at_random(count: int, generator: torch.Generator) -> Tensor:
    return F.normalize(torch.randn(count, WIDTH, generator=generator), dim=1)


def corpus_of(entries: int, make: Make) -> Corpus:
    """Scenes that have a meaning and nothing else."""
    generator = torch.Generator().manual_seed(1)
    meanings, scales = torch.empty(entries, WIDTH, dtype=torch.int8), torch.empty(entries)
    for start in range(0, entries, CHUNK):
        part = slice(start, min(start + CHUNK, entries))
        meanings[part], scales[part] = quantised(make(part.stop - start, generator))
    codes, palettes, strokes = (torch.zeros(shape).half() for shape in ((entries, 1), (entries, 6), (entries,)))
    return Corpus(meanings, scales, codes, palettes, strokes, torch.zeros(entries).byte(), "none", "none")


def searched(corpus: Corpus, queries: Tensor, count: int) -> tuple[list[Tensor], float, float]:
    """What is found for each query; milliseconds, median and 95th percentile."""
    found, times = [], []
    for query in queries:
        start = time.perf_counter()
        found.append(corpus.nearest(query, ("scene",), count)[0])
        times.append(1000 * (time.perf_counter() - start))
    return found, statistics.median(times), statistics.quantiles(times, n=20)[-1]


def recall(found: list[Tensor], corpus: Corpus, queries: Tensor, count: int) -> float:
    """Share of the really nearest that were found."""
    best = torch.full((len(queries), 0), 0.0), torch.zeros(len(queries), 0, dtype=torch.int64)
    for start in range(0, len(corpus), CHUNK):
        places = torch.arange(start, min(start + CHUNK, len(corpus)))
        cosines = torch.cat([best[0], queries @ corpus.rows(places).T], dim=1)
        all_places = torch.cat([best[1], places.expand(len(queries), -1)], dim=1)
        values, seats = cosines.topk(min(count, cosines.shape[1]), dim=1)
        best = values, all_places.gather(1, seats)
    hits = [len(set(ours.tolist()) & set(theirs.tolist())) for ours, theirs in zip(found, best[1], strict=True)]
    return sum(hits) / (count * len(hits))


def small_figures(queries: int) -> dict[str, float]:
    corpus = corpus_of(SMALL, at_random)
    wanted = at_random(queries, torch.Generator().manual_seed(2))
    searched(corpus, wanted[:5], FOUND)
    _, median, late = searched(corpus, wanted, FOUND)
    return {"entries": SMALL, "search ms, median": median, "search ms, 95 %": late}


def build(file: Path, entries: int, make: Make) -> float:
    """Writes a corpus and its index; seconds that the index took."""
    corpus_of(entries, make).save(file)
    start = time.perf_counter()
    index = Corpus.load(file).indexed(least=1)
    seconds = time.perf_counter() - start
    index.save(index_file(file))
    return seconds


def large_figures(file: Path, make: Make, queries: int) -> dict[str, float]:
    start = time.perf_counter()
    corpus = Corpus.load(file)
    figures = {
        "entries": float(len(corpus)),
        "corpus file, MB": file.stat().st_size / 1e6,
        "index file, MB": index_file(file).stat().st_size / 1e6,
        "loaded, s": time.perf_counter() - start,
    }
    wanted = make(queries, torch.Generator().manual_seed(2))
    searched(corpus, wanted[:5], REACH)
    found, figures["search ms, median"], figures["search ms, 95 %"] = searched(corpus, wanted, FOUND)
    _, figures[f"search for {REACH} ms, median"], _ = searched(corpus, wanted, REACH)
    figures[f"recall@{FOUND}"] = recall(found, corpus, wanted, FOUND)
    _, figures["exact search ms, median"], _ = searched(replace(corpus, index=None), wanted[:4], FOUND)
    figures["peak memory so far, GB"] = peak_bytes(torch.device("cpu")) / 2**30
    return figures


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--entries", type=int, default=10_000_000)
    ask.add_argument("--only", choices=("captions", "random"), help="one of the two large corpora")
    ask.add_argument("--queries", type=int, default=200)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    torch.set_num_threads(given.threads)
    figures = {"exact, at random": small_figures(given.queries)}
    for name, make in (("indexed, like captions", like_captions(given.entries)), ("indexed, at random", at_random)):
        if given.only and given.only not in name:
            continue
        with TemporaryDirectory() as folder:
            file = Path(folder) / "corpus.safetensors"
            seconds = build(file, given.entries, make)
            figures[name] = {"index built, s": seconds, **large_figures(file, make, given.queries)}
            print(name, figures[name], flush=True)
    columns = list(dict.fromkeys(column for each in figures.values() for column in each))
    print("| | " + " | ".join(figures) + " |")
    print("|---" * (len(figures) + 1) + "|")
    for column in columns:
        cells = [f"{each[column]:,.4g}" if column in each else "" for each in figures.values()]
        print(f"| {column} | " + " | ".join(cells) + " |")
    machine = {"processor": platform.processor() or platform.machine(), "threads": given.threads}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
