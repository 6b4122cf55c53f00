"""The engine through the package's door."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from stylize import (
    Cancelled,
    Engine,
    ImageStyle,
    MixStyle,
    Options,
    Picture,
    PresetStyle,
    Request,
    SentenceStyle,
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
    assert painted[1].looked_at
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


def test_a_mix_changes_smoothly_with_its_weights(engine: Engine, photo: Picture) -> None:
    def mix(share: float) -> np.ndarray:
        parts = ((PresetStyle("scream"), 1 - share), (PresetStyle("great-wave"), share))
        return engine.render(Request(photo, MixStyle(parts))).picture.pixels.astype(float)

    shares = [0.01, 0.25, 0.5, 0.75, 0.99]
    painted = [mix(share) for share in shares]
    jumps = [np.abs(b - a).mean() for a, b in itertools.pairwise(painted)]
    assert min(jumps) > 0
    assert max(jumps) < 0.75 * sum(jumps)


def test_size_is_the_long_side(engine: Engine, photo: Picture) -> None:
    result = engine.render(Request(photo, PresetStyle("scream"), Options(size=72)))
    assert result.picture.size == (72, 48)


def test_keep_colours_brings_the_photos_palette_back(engine: Engine, photo: Picture, style: Picture) -> None:
    plain = engine.render(Request(photo, ImageStyle(style)))
    kept = engine.render(Request(photo, ImageStyle(style), Options(keep_colours=True)))

    def off(picture: Picture) -> float:
        return float(np.abs(picture.pixels.mean((0, 1)) - photo.pixels.mean((0, 1))).sum())

    assert off(kept.picture) < 0.3 * off(plain.picture) + 3
    assert not np.array_equal(kept.picture.pixels, photo.pixels)


def test_progress_rises_to_its_end(engine: Engine, photo: Picture) -> None:
    seen: list[float] = []
    engine.render(Request(photo, PresetStyle("scream")), lambda progress: seen.append(progress.fraction) or True)
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


def test_unknown_devices_are_refused() -> None:
    with pytest.raises(StylizeError, match="cpu"):
        Engine("abacus")


def test_a_flat_photo_is_painted_without_complaint(engine: Engine) -> None:
    grey = Picture(np.full((64, 64, 3), 128, np.uint8))
    assert engine.render(Request(grey, PresetStyle("great-wave"))).picture.size == (64, 64)


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
