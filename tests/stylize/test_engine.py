"""The engine through the package's door."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stylize import (
    Cancelled,
    Colours,
    Engine,
    ImageStyle,
    MixStyle,
    Options,
    Picture,
    PresetStyle,
    Progress,
    Request,
    SentenceStyle,
    Style,
    StyleError,
    StylizeError,
    all_presets,
    open_picture,
    preview_sheet,
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine("cpu")


@pytest.fixture(scope="module")
def photo() -> Picture:
    y, x = np.mgrid[0:96, 0:144]
    waves = np.stack([np.sin(x / 9 + k) + np.cos(y / (7 + k)) for k in range(3)], axis=2)
    return Picture(((waves + 2) * 63).astype(np.uint8))


@pytest.fixture(scope="module")
def style() -> Picture:
    rng = np.random.default_rng(0)
    return Picture(np.kron(rng.integers(0, 255, (8, 8, 3)), np.ones((16, 16, 1))).astype(np.uint8))


def test_every_kind_of_style_paints_a_picture_of_the_photos_size(
    engine: Engine, photo: Picture, style: Picture
) -> None:
    kinds = [
        ImageStyle(style),
        SentenceStyle("a stormy night at sea"),
        PresetStyle("starry-night"),
        MixStyle(((ImageStyle(style), 1.0), (PresetStyle("great-wave"), 3.0))),
    ]
    painted = [engine.render(Request(photo, kind)) for kind in kinds]
    for result in painted:
        assert result.picture.size == photo.size
        assert result.method == "adaptive"
        assert len(result.weights) == 12
        assert result.seconds > 0
        assert result.peak_memory > 0
    assert painted[1].understood == ("storm", "sea", "night")
    for a in range(4):
        for b in range(a):
            assert not np.array_equal(painted[a].picture.pixels, painted[b].picture.pixels)


def test_the_same_request_gives_the_same_bytes(engine: Engine, photo: Picture) -> None:
    request = Request(photo, SentenceStyle("thick blue swirls"))
    first, again = engine.render(request), Engine("cpu").render(request)
    assert np.array_equal(first.picture.pixels, again.picture.pixels)


def test_a_mix_of_one_style_is_that_style(engine: Engine, photo: Picture) -> None:
    alone = engine.render(Request(photo, PresetStyle("scream")))
    mixed = engine.render(Request(photo, MixStyle(((PresetStyle("scream"), 0.3),))))
    assert np.array_equal(alone.picture.pixels, mixed.picture.pixels)


def assert_even(painted: list[Picture]) -> None:
    """Every step changes the picture, none by more than thrice the mean step: no jumps."""
    pixels = [picture.pixels.astype(float) for picture in painted]
    steps = [np.abs(b - a).mean() for a, b in itertools.pairwise(pixels)]
    assert min(steps) > 0
    assert max(steps) < 3 * np.mean(steps)


def test_a_mix_changes_smoothly_with_its_weights(engine: Engine, photo: Picture) -> None:
    def mix(share: float) -> Picture:
        others = ((PresetStyle("great-wave"), share), (PresetStyle("kiss"), share / 2))
        return engine.render(Request(photo, MixStyle(((PresetStyle("scream"), 1 - share), *others)))).picture

    assert_even([mix(share) for share in (0.01, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.99)])


def test_strength_goes_smoothly_from_the_photo_to_the_style_and_beyond(engine: Engine, photo: Picture) -> None:
    painted = [
        engine.render(Request(photo, PresetStyle("scream"), Options(strength=step / 8))).picture for step in range(13)
    ]
    assert np.abs(painted[0].pixels.astype(int) - photo.pixels).max() <= 1
    assert np.abs(painted[8].pixels.astype(int) - photo.pixels).mean() > 5
    assert_even(painted)


def test_strokes_have_their_size_in_every_kind_of_style(engine: Engine, style: Picture) -> None:
    """By the mean frequency of what is painted on soft colours and two discs, in styles that have strokes."""
    y, x = np.mgrid[0:192, 0:192]
    soft = np.stack([np.sin(x / 30 + k) + np.cos(y / (25 + k)) for k in range(3)], axis=2)
    discs = ((y - 70) ** 2 + (x - 60) ** 2 < 1500) | ((y - 130) ** 2 + (x - 135) ** 2 < 1000)
    photo = Picture(((soft + 2) * 45 + 70 * discs[..., None]).astype(np.uint8))
    window = np.hanning(192)[:, None] * np.hanning(192)[None]
    frequency = np.hypot(np.fft.fftfreq(192)[:, None], np.fft.fftfreq(192)[None])
    strokes = (frequency > 1 / 32) & (frequency < 1 / 2)

    def pitch(kind: Style, stroke_size: float) -> float:
        painted = engine.render(Request(photo, kind, Options(stroke_size=stroke_size))).picture
        assert painted.size == photo.size
        grey = painted.pixels.mean(2)
        power = np.abs(np.fft.fft2((grey - grey.mean()) * window)) ** 2
        return float((power * frequency)[strokes].sum() / power[strokes].sum())

    mix = MixStyle(((ImageStyle(style), 1.0), (PresetStyle("great-wave"), 1.0)))
    for kind in (ImageStyle(style), SentenceStyle("thick blue swirls"), PresetStyle("starry-night"), mix):
        fine, plain, broad = (pitch(kind, size) for size in (0.5, 1.0, 2.0))
        assert fine > plain > broad


def test_size_is_the_long_side(engine: Engine, photo: Picture) -> None:
    result = engine.render(Request(photo, PresetStyle("scream"), Options(size=72)))
    assert result.picture.size == (72, 48)


def test_whose_colours_the_result_wears(engine: Engine, photo: Picture, style: Picture) -> None:
    plain, matched, luminance, only = (
        engine.render(Request(photo, ImageStyle(style), Options(colours=colours))).picture for colours in Colours
    )

    def off(picture: Picture, wanted: Picture) -> float:
        return float(np.abs(picture.pixels.mean((0, 1)) - wanted.pixels.mean((0, 1))).sum())

    def form(picture: Picture) -> np.ndarray:
        return picture.pixels.mean(2).ravel()

    for kept in (matched, luminance):
        assert off(kept, photo) < 0.3 * off(plain, photo) + 3
        assert np.abs(kept.pixels.astype(int) - photo.pixels).mean() > 3  # it is painted all the same
    assert off(only, plain) < 0.3 * off(photo, plain) + 6
    assert np.corrcoef(form(only), form(photo))[0, 1] > np.corrcoef(form(plain), form(photo))[0, 1]
    assert only.size == photo.size


@pytest.mark.parametrize("options", [Options(), Options(stroke_size=2.0), Options(stroke_size=0.5)])
def test_progress_rises_to_its_end(engine: Engine, photo: Picture, options: Options) -> None:
    seen: list[float] = []
    request = Request(photo, PresetStyle("scream"), options)
    engine.render(request, lambda progress: seen.append(progress.fraction) or True)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_no_of_the_watcher_cancels(engine: Engine, photo: Picture) -> None:
    with pytest.raises(Cancelled):
        engine.render(Request(photo, PresetStyle("scream")), lambda _: False)


@pytest.mark.parametrize(
    ("request_of", "words"),
    [
        (lambda p: Request(p, PresetStyle("mona-lego")), "starry-night"),
        (lambda p: Request(p, PresetStyle("scream"), Options(method="magic")), "adaptive"),
        (lambda p: Request(p, SentenceStyle("  🙂  ")), "sentence"),
    ],
)
def test_wrong_wishes_are_answered_with_what_there_is(engine: Engine, photo: Picture, request_of, words: str) -> None:
    with pytest.raises(StyleError, match=words):
        engine.render(request_of(photo))


def test_a_style_picture_is_painted_by_optimisation_too(engine: Engine, photo: Picture) -> None:
    small, style = photo.resized(96), ImageStyle(photo.resized(80))
    told: list[Progress] = []
    options = Options(method="optimise", seconds=1.0)
    result = engine.render(Request(small, style, options), lambda progress: not told.append(progress))
    assert (result.method, result.picture.size) == ("optimise", small.size)
    assert told[-1].loss is not None
    mixed = MixStyle(((style, 1.0), (ImageStyle(small), 1.0)))
    assert engine.render(Request(small, mixed, options)).picture.size == small.size


def test_previews_are_of_the_strength_and_in_the_colours_asked_for(
    engine: Engine, photo: Picture, style: Picture
) -> None:
    small = photo.resized(80)

    def first_preview(options: Options) -> Picture:
        seen: list[Picture] = []

        def watch(progress: Progress) -> bool:
            seen.extend([progress.preview] if progress.preview else [])
            return not seen

        with pytest.raises(Cancelled):
            engine.render(Request(small, ImageStyle(style), options), watch)
        return seen[0]

    full = Options(method="optimise", preview_every=3)
    painted = first_preview(full)
    none = first_preview(replace(full, strength=0.0))
    same = np.array(small.to_pil().resize(none.size)).astype(int)
    assert np.abs(none.pixels.astype(int) - same).max() <= 1, "at no strength it is the photo"
    assert np.abs(painted.pixels.astype(int) - same).mean() > 5
    grey = np.array([0.299, 0.587, 0.114])
    own = first_preview(replace(full, colours=Colours.LUMINANCE)).pixels.astype(float)
    tint = np.abs((own - (own @ grey)[..., None]) - (same - (same @ grey)[..., None])).mean()
    other = painted.pixels.astype(float)
    assert tint < 0.5 * np.abs((other - (other @ grey)[..., None]) - (same - (same @ grey)[..., None])).mean()


def test_unknown_devices_are_refused() -> None:
    with pytest.raises(StylizeError, match="cpu"):
        Engine("abacus")


def test_a_flat_photo_is_painted_without_complaint(engine: Engine) -> None:
    grey = Picture(np.full((64, 64, 3), 128, np.uint8))
    assert engine.render(Request(grey, PresetStyle("great-wave"))).picture.size == (64, 64)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 2), (8, 8), (31, 20), (400, 20), (20, 400)])
def test_of_any_shape_the_photo_can_still_be_seen(engine: Engine, size: tuple[int, int]) -> None:
    """Dark squares and light ones, a quarter of the long side each."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width] * 4 // max(size)
    light = (x + y) % 2 == 1
    photo = Picture((light[..., None] * [160, 150, 130] + 40).astype(np.uint8))
    painted = engine.render(Request(photo, PresetStyle("great-wave"))).picture
    assert painted.size == size
    if light.any():
        assert painted.pixels[light].mean() > painted.pixels[~light].mean() + 25  # of 255


def test_there_are_presets_with_one_sheet_that_shows_them() -> None:
    names = [preset.name for preset in all_presets()]
    assert len(names) >= 16
    assert len(set(names)) == len(names)
    assert all(preset.title and preset.artist and preset.year for preset in all_presets())
    sheet = open_picture(preview_sheet())
    assert min(sheet.size) > 800


def test_presets_come_nearer_to_their_paintings_than_the_photo(engine: Engine, shared: Path) -> None:
    """By the mean colour and the sd of each channel, on a real photo."""
    content = open_picture(shared / "images/large/kodak_kodim09.jpg").resized(256)

    def look(picture: Picture) -> np.ndarray:
        flat = picture.pixels.reshape(-1, 3) / 255
        return np.concatenate([flat.mean(0), flat.std(0)])

    nearer = 0
    for preset in all_presets():
        painting = open_picture(next((shared / "images").glob(f"*/{preset.picture}"))).resized(512)
        painted = engine.render(Request(content, PresetStyle(preset.name))).picture
        nearer += np.abs(look(painted) - look(painting)).sum() < np.abs(look(content) - look(painting)).sum()
    assert nearer >= 0.9 * len(all_presets())
