"""Requests side by side, through the engine's door."""

import numpy as np
import pytest

from stylize import (
    Cancelled,
    Colours,
    Engine,
    Options,
    Picture,
    PresetStyle,
    Progress,
    Request,
    Result,
    StyleError,
    StylizeError,
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine("cpu", batch=4)


def make_photo(width: int, height: int, phase: float = 0.0) -> Picture:
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 9 + k + phase) + np.cos(y / (7 + k)) for k in range(3)], axis=2)
    return Picture(((waves + 2) * 63).astype(np.uint8))


def pixels(outcome: Result | StylizeError) -> np.ndarray:
    assert isinstance(outcome, Result)
    return outcome.picture.pixels.astype(float)


REQUESTS = [
    Request(make_photo(96, 64), PresetStyle("starry-night")),
    Request(make_photo(60, 90), PresetStyle("scream")),
    Request(make_photo(95, 61, 1.0), PresetStyle("great-wave")),  # shares the first one's canvas
    Request(make_photo(96, 64, 2.0), PresetStyle("scream"), Options(strength=0.6, colours=Colours.MATCHED)),
    Request(make_photo(96, 64, 3.0), PresetStyle("scream"), Options(strength=1.4)),
    Request(make_photo(96, 64, 4.0), PresetStyle("great-wave"), Options(stroke_size=1.5)),
    Request(make_photo(96, 64, 5.0), PresetStyle("scream"), Options(seed=3)),
]


def test_every_picture_is_the_one_that_it_is_alone(engine: Engine) -> None:
    together = engine.render_many(REQUESTS)
    for request, outcome in zip(REQUESTS, together, strict=True):
        alone = pixels(engine.render(request))
        assert pixels(outcome).shape == alone.shape
        assert np.abs(pixels(outcome) - alone).mean() < 0.5  # of 255: rounding in bfloat16
        assert np.abs(pixels(outcome) - alone).max() <= 12


def test_pictures_of_one_canvas_are_painted_at_once(engine: Engine) -> None:
    """Then their progress is one: they are told of every step in turn."""
    told: list[int] = []
    engine.render_many([REQUESTS[0], REQUESTS[2]], lambda place, _: told.append(place) or True)
    assert len(told) > 10
    assert told == [0, 1] * (len(told) // 2)


def test_one_by_one_is_what_a_cpu_does_by_itself() -> None:
    told: list[int] = []
    Engine("cpu").render_many([REQUESTS[0], REQUESTS[2]], lambda place, _: told.append(place) or True)
    assert told == sorted(told)
    assert set(told) == {0, 1}


def test_a_wrong_wish_spoils_no_other(engine: Engine) -> None:
    wrong = Request(make_photo(96, 64), PresetStyle("mona-lego"))
    first, second, third = engine.render_many([REQUESTS[0], wrong, REQUESTS[2]])
    assert isinstance(second, StyleError)
    assert pixels(first).shape == (64, 96, 3)
    assert pixels(third).shape == (61, 95, 3)


def test_who_cancels_stops_alone(engine: Engine) -> None:
    def watch(place: int, progress: Progress) -> bool:
        return place != 1 or progress.fraction < 0.3

    first, second, third = engine.render_many([REQUESTS[0], REQUESTS[3], REQUESTS[2]], watch)
    assert isinstance(second, Cancelled)
    assert pixels(first).shape == (64, 96, 3)
    assert pixels(third).shape == (61, 95, 3)


def test_when_all_cancel_the_work_stops(engine: Engine) -> None:
    told: list[int] = []

    def watch(place: int, progress: Progress) -> bool:
        told.append(place)
        return False

    outcomes = engine.render_many([REQUESTS[0], REQUESTS[2]], watch)
    assert all(isinstance(outcome, Cancelled) for outcome in outcomes)
    assert told == [0, 1]


def test_nothing_asked_nothing_painted(engine: Engine) -> None:
    assert engine.render_many([]) == []
