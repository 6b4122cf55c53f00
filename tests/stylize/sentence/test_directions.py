"""Colours, light, seasons, weather, materials, techniques and moods move a picture as the words say."""

import numpy as np

from benchmarks.directions import DIRECTIONS, hits, painted, sentences
from stylize import Engine, Options, Picture

SIDE = 128  # px; the benchmark measures ten photos at 384


def make_photo() -> Picture:
    """A hazy landscape: sky, a hill, a lit wall, a roof, grass with grain."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    photo = np.stack([120 + 60 * rows, 150 + 40 * rows, 190 - 20 * rows], axis=2)
    photo[rows > 0.55 + 0.1 * np.sin(6 * columns)] = (90, 120, 70)
    photo[(rows > 0.4) & (rows < 0.7) & (columns > 0.3) & (columns < 0.6)] = (190, 170, 150)
    photo[(rows > 0.3) & (rows < 0.4) & (abs(columns - 0.45) < 2 * (rows - 0.3))] = (140, 70, 60)
    grain = np.random.default_rng(0).normal(0, 12, photo.shape)
    return Picture(np.clip(photo + grain, 0, 255).astype(np.uint8))


def test_nine_of_ten_directions_are_right() -> None:
    found = painted(Engine("cpu"), make_photo(), sentences(), Options())
    right = hits(found)
    wrong = [
        f"more {row.measure}: {row.more!r} than {row.less!r}"
        for row, hit in zip(DIRECTIONS, right, strict=True)
        if not hit
    ]
    assert sum(right) >= 0.9 * len(DIRECTIONS), wrong
