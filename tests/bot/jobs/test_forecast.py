"""The estimates of how long paintings take."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from bot.catalogue import Catalogue
from bot.jobs.bounds import Bounds
from bot.jobs.forecast import OUTLIER, RECENT, Expected, Forecast
from bot.jobs.queue import Job, Waiting
from bot.orders import Media, Order, Style
from bot.texts import Texts
from bot.wording import Wording
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


def test_quick_pictures_are_expected_to_take_what_those_before_took() -> None:
    forecast = Forecast(BOUNDS)
    assert forecast.quick(order(1000, 1000)) is None, "nothing was measured yet"
    for seconds in (1.0, 2.0, 3.0):
        forecast.painted("cpu", 1000, 1000, seconds)
    assert forecast.quick(order(1000, 1000)) == pytest.approx(2.0)
    assert forecast.quick(order(500, 500)) == pytest.approx(2.0), "smaller ones no less than was measured"
    assert forecast.quick(order(2000, 2000, as_file=True)) == pytest.approx(8.0), "larger ones by their pixels"
    assert forecast.quick(order(2560, 2560)) == pytest.approx(2.0 * 1.28**2), "photos are made no larger than this"
    forecast.painted("cpu", 1000, 1000, 600.0)
    assert forecast.quick(order(1000, 1000)) == pytest.approx((1 + 2 + 3 + OUTLIER * 2.5) / 4), (
        "one does not say it all"
    )
    forecast.painted("cuda:0", 1000, 1000, 0.1)
    assert (forecast.quick(order(1000, 1000)) or 0) > 2.0, "the slowest device counts"
    for _ in range(RECENT):
        forecast.painted("cpu", 1000, 1000, 5.0)
    assert forecast.quick(order(1000, 1000)) == pytest.approx(5.0), "the old ones are forgotten"


def waiting(*jobs: tuple[Order, float]) -> list[Waiting]:
    """Jobs with what is painted of them; those with something are being painted."""
    places = itertools.count(1)
    return [
        Waiting(
            Job(number, each, "painting" if done else "queued", 0, done, False, None, "", None),
            0 if done else next(places),
        )
        for number, (each, done) in enumerate(jobs)
    ]


QUICK = replace(order(1000, 1000), finest=False)
LINE = waiting(
    (QUICK, 0.5), (order(500, 400), 0.9), (QUICK, 0), (QUICK, 0), (QUICK, 0), (order(500, 400), 0), (QUICK, 0)
)


def painted_one_after_another(devices: int, quick: float, finest: float) -> list[float]:
    """When each job of LINE is painted, by going through time in small steps."""
    left = [(finest if each.job.order.finest else quick) * (1 - each.job.progress) for each in LINE]
    ready, step, moment = [0.0] * len(left), 0.001, 0.0
    while not all(ready):
        moment += step
        for number in [number for number, when in enumerate(ready) if not when][:devices]:
            left[number] -= step
            if left[number] <= step / 2:
                ready[number] = moment
    return ready


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_the_line_is_painted_as_foreseen(devices: int) -> None:
    forecast = Forecast(BOUNDS, devices)
    forecast.painted("cpu", 1000, 1000, 2.0)
    assert list(forecast.ready(LINE)) == [0], "of one in finest quality nothing is known yet, nor of those behind it"
    forecast.measured("cpu", PACE)
    assert list(forecast.ready(LINE).values()) == pytest.approx(painted_one_after_another(devices, 2.0, 22.0), abs=0.05)
    assert Forecast(BOUNDS, devices).ready(LINE) == {}


@pytest.mark.parametrize("seconds", [0.3, 4.0, 5.2, 29.0, 31.0, 61.0, 100.0, 400.0, 5000.0, 20_000.0])
def test_what_is_said_is_never_less_than_what_was_measured(seconds: float) -> None:
    forecast = Forecast(BOUNDS)
    forecast.painted("cpu", 1000, 1000, seconds)
    ready = forecast.ready(waiting((QUICK, 0), (QUICK, 0)))[1]
    said = Wording(Texts(), Catalogue([])).status(waiting((QUICK, 0))[0].job, 2, ready=ready)
    number, unit = re.fullmatch(r"In the queue: place 2, about (a|[\d½]+) (second|minute|hour)s?", said).groups()  # type: ignore[union-attr]
    whole, half, _ = number.replace("a", "1").partition("½")
    promised = (int(whole or 0) + (0.5 if half else 0)) * {"second": 1, "minute": 60, "hour": 3600}[unit]
    assert 2 * seconds <= promised <= 4 * seconds + 5
