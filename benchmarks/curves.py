"""Numbers about scores: means with their confidence, a curve over strengths, paired sign tests."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.judge import COLUMNS, Row

ROUNDS = 4000  # of the bootstrap


def mean(rows: Sequence[Row], column: str) -> float:
    return float(np.mean([row[column] for row in rows]))


def confidence(rows: Sequence[Row], column: str) -> tuple[float, float]:
    """95 % percentile bootstrap of the mean over pairs; the seed is fixed."""
    values = np.array([row[column] for row in rows])
    draws = np.random.default_rng(0).integers(0, len(values), (ROUNDS, len(values)))
    low, high = np.quantile(values[draws].mean(1), (0.025, 0.975))
    return float(low), float(high)


def at_content(curve: Mapping[float, Sequence[Row]], content: float) -> tuple[float, list[Row]] | None:
    """Where a curve over strengths first reaches a mean content distance: the strength, and the rows there.

    Linear between the two neighbouring strengths, for each pair by itself. None where the curve never gets so far.
    """
    strengths = sorted(curve)
    for low, high in itertools.pairwise(strengths):
        before, after = mean(curve[low], "content"), mean(curve[high], "content")
        if before <= content <= after and before < after:
            part = (content - before) / (after - before)
            rows = [
                {column: (1 - part) * a[column] + part * b[column] for column in COLUMNS}
                for a, b in zip(curve[low], curve[high], strict=True)
            ]
            return (1 - part) * low + part * high, rows
    return None


def sign_test(ours: Sequence[Row], theirs: Sequence[Row], column: str) -> tuple[int, int, float]:
    """Pairs on which ours is better, pairs that differ, and the two-sided binomial p of so uneven a split.

    Lower is better, except for edges.
    """
    sign = -1 if column == "edges" else 1
    gaps = [sign * (a[column] - b[column]) for a, b in zip(ours, theirs, strict=True)]
    wins, count = sum(gap < 0 for gap in gaps), sum(gap != 0 for gap in gaps)
    rarer = min(wins, count - wins)
    tail = sum(math.comb(count, k) for k in range(rarer + 1)) / 2**count
    return wins, count, min(1.0, 2 * tail)
