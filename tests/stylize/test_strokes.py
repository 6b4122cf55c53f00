"""Stroke size, with a painter whose strokes are stripes of eight pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stylize.batching import Steps
from stylize.pictures import Picture
from stylize.request import Progress, Watch
from stylize.strokes import REFERENCE, SMALL, stroke_scale
from stylize.strokes import paint_in_strokes as steps_in_strokes

PERIOD = 8  # px


def stripes(picture: Picture, watch: Watch) -> Picture:
    """A painter that lays bands of ±40 over a picture."""
    for step in (1, 2):
        watch(Progress(step, 2))
    wave = 40 * np.sin(2 * np.pi * np.arange(picture.width) / PERIOD)
    return Picture((picture.pixels + wave[None, :, None]).clip(0, 255).astype(np.uint8))


def paint_in_strokes(
    paint: Callable[[Picture, Watch], Picture], photo: Picture, stroke_size: float, watch: Watch
) -> Picture:
    """All steps at once, for a painter that needs no company."""

    def steps(picture: Picture, watch: Watch) -> Steps[Picture]:
        return paint(picture, watch)
        yield  # makes it a generator

    with pytest.raises(StopIteration) as end:
        next(steps_in_strokes(steps, photo, stroke_size, watch))
    return end.value.value


def grey(width: int, height: int) -> Picture:
    return Picture(np.full((height, width, 3), 128, np.uint8))


def wavelengths(picture: Picture) -> dict[float, float]:
    """Strength of the waves along a row, by their length in px."""
    spectrum = np.abs(np.fft.rfft(picture.pixels[:, :, 0].mean(0) - 128)) * 2 / picture.width
    return {picture.width / index: float(spectrum[index]) for index in range(1, len(spectrum))}


def go_on(_: Progress) -> bool:
    return True


def test_strokes_as_the_net_paints_them_are_one_plain_painting() -> None:
    photo = grey(256, 64)
    painted = paint_in_strokes(stripes, photo, 1.0, go_on)
    assert np.array_equal(painted.pixels, stripes(photo, go_on).pixels)


@pytest.mark.parametrize("size", [0.5, 2.0])
def test_strokes_have_the_size_asked_for(size: float) -> None:
    found = wavelengths(paint_in_strokes(stripes, grey(256, 64), size, go_on))
    assert found[PERIOD * size] > 10


def test_broad_strokes_are_crisp() -> None:
    """The last painting is of full size: three quarters of its own finest strokes are there."""
    plain = wavelengths(paint_in_strokes(stripes, grey(256, 64), 1.0, go_on))[PERIOD]
    assert wavelengths(paint_in_strokes(stripes, grey(256, 64), 2.0, go_on))[PERIOD] > 0.74 * plain


def test_strokes_grow_with_large_pictures_only() -> None:
    assert stroke_scale(grey(REFERENCE, 500), 1.0) == 1
    assert stroke_scale(grey(600, REFERENCE), 1.5) == 1.5
    assert stroke_scale(grey(2 * REFERENCE, 500), 1.0) == 2
    assert stroke_scale(grey(2 * REFERENCE, 500), 0.5) == 1


def test_strokes_shrink_with_small_pictures() -> None:
    assert stroke_scale(grey(SMALL, 20), 1.0) == 1
    assert stroke_scale(grey(8, SMALL // 4), 1.0) == 0.25
    seen = []

    def paint(picture: Picture, watch: Watch) -> Picture:
        seen.append(picture.size)
        return picture

    assert paint_in_strokes(paint, grey(8, SMALL // 4), 1.0, go_on).size == (8, SMALL // 4)
    assert seen == [(32, SMALL)]


@pytest.mark.parametrize("size", [(16, 16), (20, 320), (17, 40)])
@pytest.mark.parametrize("stroke_size", [0.5, 0.8, 1.25, 2.0])
def test_the_size_stays_and_nothing_gets_too_small_to_paint(size: tuple[int, int], stroke_size: float) -> None:
    seen = []

    def paint(picture: Picture, watch: Watch) -> Picture:
        seen.append(min(picture.size))
        return stripes(picture, watch)

    assert paint_in_strokes(paint, grey(*size), stroke_size, go_on).size == size
    assert min(seen) >= 16


def test_progress_goes_once_from_0_to_1() -> None:
    seen: list[float] = []
    paint_in_strokes(stripes, grey(256, 64), 2.0, lambda progress: seen.append(progress.fraction) or True)
    assert seen == sorted(seen)
    assert len(seen) == 4
    assert seen[1] < 0.3  # the small painting is a small part of the work
    assert seen[-1] == 1
