"""The estimate of a painting in finest quality."""

from __future__ import annotations

import pytest

from bot.jobs.bounds import Bounds
from bot.jobs.forecast import Expected, Forecast
from bot.orders import Media, Order, Style
from stylize import Pace

BOUNDS = Bounds(max_side=2048, photo_side=1280, job_seconds=300)
PACE = Pace(seconds=2.0, seconds_per_megapixel=100.0, side=1000)


def order(width: int, height: int, *, as_file: bool = False) -> Order:
    """An order for a photo of this size in px."""
    photo = Media("f", "u", width=width, height=height)
    return Order(1, 1, photo, Style.sentence("rain"), finest=True, as_file=as_file)


def test_nothing_is_claimed_before_the_pace_is_known() -> None:
    assert Forecast(BOUNDS).of(order(400, 300)) == Expected(300, known=False)


def test_by_the_size_that_is_painted() -> None:
    forecast = Forecast(BOUNDS)
    forecast.measured("cpu", PACE)
    assert forecast.of(order(500, 400)) == Expected(pytest.approx(22.0), known=True)
    assert forecast.of(order(4000, 3000)).seconds == pytest.approx(77.0), "larger ones are enlarged from 1000 px"
    assert forecast.of(order(0, 0, as_file=True)).seconds == pytest.approx(102.0), "unknown: at most a square"
    small = Forecast(Bounds(max_side=2048, photo_side=500, job_seconds=300))
    small.measured("cpu", PACE)
    assert small.of(order(1000, 800)).seconds == pytest.approx(22.0), "photos are made no larger than this"
    assert small.of(order(1000, 800, as_file=True)).seconds == pytest.approx(82.0)


def test_never_beyond_the_limit() -> None:
    forecast = Forecast(Bounds(max_side=2048, photo_side=1280, job_seconds=10))
    forecast.measured("cpu", PACE)
    assert forecast.of(order(1000, 1000)) == Expected(10, known=True)


def test_it_learns_from_what_was_painted() -> None:
    forecast = Forecast(BOUNDS)
    forecast.took("cpu", 500, 400, 44.0, finished=True)  # before the pace is known: nothing to compare with
    forecast.measured("cpu", PACE)
    for _ in range(12):
        forecast.took("cpu", 500, 400, 44.0, finished=True)
    assert forecast.of(order(500, 400)).seconds == pytest.approx(44.0, rel=0.01)
    forecast.measured("cpu", PACE)
    assert forecast.of(order(500, 400)).seconds == pytest.approx(44.0, rel=0.01), "a restart forgets nothing"
    forecast.took("cpu", 500, 400, 22.0, finished=True)
    assert 22.0 < forecast.of(order(500, 400)).seconds < 44.0, "one job does not say everything"


def test_what_the_limit_stopped_says_only_that_it_takes_longer() -> None:
    forecast = Forecast(BOUNDS)
    forecast.measured("cpu", PACE)
    forecast.took("cpu", 500, 400, 5.0, finished=False)
    assert forecast.of(order(500, 400)).seconds == pytest.approx(22.0)
    forecast.took("cpu", 500, 400, 66.0, finished=False)
    assert forecast.of(order(500, 400)).seconds > 22.0


def test_of_several_devices_the_slowest_counts() -> None:
    forecast = Forecast(BOUNDS)
    forecast.measured("cuda:0", Pace(0.1, 1.0, 1000))
    forecast.measured("cpu", PACE)
    assert forecast.of(order(500, 400)).seconds == pytest.approx(22.0)


@pytest.mark.parametrize(("limit", "descent"), [(300.0, 285.0), (10.0, 8.0), (1.0, 0.8)])
def test_a_descent_stops_early_enough_to_be_delivered_within_the_limit(limit: float, descent: float) -> None:
    bounds = Bounds(max_side=2048, photo_side=1280, job_seconds=limit)
    assert bounds.descent_seconds == pytest.approx(descent)
    assert bounds.patience > limit
