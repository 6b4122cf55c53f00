import numpy as np
import pytest

from stylize.pictures import Picture
from stylize.sentence.strokes import strokes


def grey(lightness: np.ndarray) -> Picture:
    return Picture(np.repeat(lightness.astype(np.uint8)[..., None], 3, axis=2))


def test_flat_has_none() -> None:
    assert strokes(grey(np.full((64, 64), 128))) == pytest.approx(0, abs=1e-6)


def test_finer_stripes_count_more() -> None:
    column = np.arange(128)
    coarse, fine = (grey(np.tile(128 + 60 * np.sin(2 * np.pi * column / period), (128, 1))) for period in (64, 8))
    smooth = grey(np.tile(column, (128, 1)))
    assert strokes(smooth) < strokes(coarse) < strokes(fine)


def test_white_dots_by_hand() -> None:
    """A white dot every third pixel on black: 1/9 of the pixels see -400, 4/9 see +100 (L* of white is 100)."""
    dots = np.zeros((62, 62))
    dots[1::3, 1::3] = 255
    assert strokes(grey(dots)) == pytest.approx(400 / 9 + 400 / 9, rel=0.05)
