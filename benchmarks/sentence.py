"""Time, memory and size of sentence → style code: `python -m benchmarks.sentence`. Prints a table, writes JSON."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from stylize.memory import peak_bytes
from stylize.sentence import SHIPPED, Corpus, SentenceEncoder, sentence_styles
from stylize.sentence.corpus import KINDS
from stylize.sentence.screening import screen
from stylize.sentence.styles import REACH
from stylize.sentence.understanding import Understanding
from stylize.weights import shipped

RESULTS = Path(__file__).parent / "results/sentence.json"

SENTENCES = (
    "a stormy night at sea",
    "This is a snowy day.",
    "Thick blue swirls.",
    "a faded watercolour of an old town by the river",
    "strmy nigth at sea",
)
ROUNDS = 40


def milliseconds(call: Callable[[str], object]) -> tuple[float, float]:
    """Median and 95th percentile of one call."""
    times = []
    for _ in range(ROUNDS):
        for sentence in SENTENCES:
            start = time.perf_counter()
            call(sentence)
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main() -> None:
    cpu = torch.device("cpu")
    before = peak_bytes(cpu)
    start = time.perf_counter()
    styles = sentence_styles(Corpus.load())
    styles.code("warm up")
    figures: dict[str, float] = {"load and first sentence, ms": 1000 * (time.perf_counter() - start)}
    figures["memory beyond torch, MB"] = (peak_bytes(cpu) - before) / 2**20
    encoder = SentenceEncoder()
    vector, looked_at = encoder.understand("snow"), styles.code("snow").looked_at
    understanding = Understanding(styles.corpus, encoder)
    for name, call in (
        ("sentence to code", styles.code),
        ("of it: encoder", encoder.understand),
        ("of it: one search", lambda _: styles.corpus.nearest(vector, KINDS, REACH)),
        ("of it: what was understood", lambda sentence: understanding.words(sentence, [vector], looked_at)),
        ("before it: screening", screen),
    ):
        figures[f"{name}, median ms"], figures[f"{name}, p95 ms"] = milliseconds(call)
    figures["pictures"] = len(styles.corpus)
    for name, file in (("corpus", SHIPPED), ("head", shipped("sentence")), ("words", shipped("words"))):
        figures[f"{name}, MB"] = file.stat().st_size / 1e6
    figures["threads"] = torch.get_num_threads()
    for name, value in figures.items():
        print(f"{name:<36} {value:10.2f}")
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
