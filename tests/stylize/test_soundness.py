"""What nobody should see is told from paintings, and forced here through the engine's own door."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from stylize import Engine, HeldBack, ImageStyle, Options, Picture, Request, StylizeError
from stylize.devices import choose_precision
from stylize.methods.adaptive import Adaptive
from stylize.methods.style_encoder import READING_SIZE
from stylize.soundness import is_clear, is_soft, is_sound
from stylize.tensors import to_picture
from stylize.weights import shipped

Colour = tuple[int, int, int]


@pytest.fixture(scope="module")
def photo() -> Picture:
    """Discs on a ground that brightens: forms, edges and flat places."""
    y, x = np.mgrid[0:192, 0:240]
    disc = ((y - 75) ** 2 + (x - 75) ** 2 < 2000) | ((y - 135) ** 2 + (x - 180) ** 2 < 1100)
    return Picture(np.stack([60 + 130 * disc, 90 + y * 0.5, 160 - 60 * disc], axis=2).astype(np.uint8))


@pytest.fixture(scope="module")
def style() -> Picture:
    rng = np.random.default_rng(0)
    return Picture(np.kron(rng.integers(0, 255, (8, 8, 3)), np.ones((16, 16, 1))).astype(np.uint8))


def of(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Picture:
    return Picture(pixels.clip(0, 255).astype(np.uint8))


def test_what_shows_the_photo_is_sound(photo: Picture) -> None:
    pixels = photo.pixels.astype(float)
    noise = np.random.default_rng(1).normal(0, 40, pixels.shape)
    for painted in (pixels, 255 - pixels, 0.3 * pixels + 120, pixels[:, :, [2, 0, 1]], pixels + noise):
        assert is_sound(of(painted), photo)


def test_what_does_not_is_not(photo: Picture) -> None:
    pixels = photo.pixels.astype(float)
    noise = np.random.default_rng(1).normal(0, 40, pixels.shape)
    ramp = np.broadcast_to(np.linspace(0, 255, pixels.shape[1])[None, :, None], pixels.shape)
    for painted in (0 * pixels, 0 * pixels + 255, 0 * pixels + 128, 0.05 * pixels + 120, 128 + noise, ramp):
        assert not is_sound(of(painted), photo)


def test_a_flat_photo_may_become_flat() -> None:
    flat = of(np.full((64, 64, 3), 140.0))
    assert is_sound(of(np.full((64, 64, 3), 20.0)), flat)


@pytest.fixture(scope="module")
def dusk() -> Picture:
    """A sky without any edge."""
    y = np.mgrid[0:160, 0:200][0]
    return of(np.stack([80 + y, 90 + y * 0.4, 160 - y * 0.6], axis=2))


def test_a_photo_is_soft_that_has_no_edge(photo: Picture, dusk: Picture) -> None:
    assert is_soft(dusk)
    assert not is_soft(photo)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_not_a_number_anywhere_is_no_picture(value: float) -> None:
    pixels = torch.rand(3, 20, 20)
    pixels[1, 7, 7] = value
    with pytest.raises(FloatingPointError):
        to_picture(pixels)


def poisoned(folder: Path, change: Callable[[dict[str, Tensor]], None]) -> Path:
    """The shipped weights after a change to them."""
    state = {key: value.float() for key, value in load_file(shipped("adaptive")).items()}
    change(state)
    path = folder / "poisoned.safetensors"
    save_file(state, path)
    return path


def with_a_nan(state: dict[str, Tensor]) -> None:
    state["painter.last.weight"][0, 0, 0, 0] = float("nan")


def with_a_nan_in_the_encoder(state: dict[str, Tensor]) -> None:
    key = next(key for key in state if key.startswith("encoder."))
    state[key].view(-1)[0] = float("nan")


def flat(state: dict[str, Tensor]) -> None:
    state["painter.last.weight"].zero_()


def black(state: dict[str, Tensor]) -> None:
    state["painter.last.bias"] -= 1e4


def veiled(state: dict[str, Tensor]) -> None:
    state["painter.last.weight"] *= 0.005  # a hundredth leaves 9 % of the contrast: the palette stretches it by 1.7


def drowned_in_noise(state: dict[str, Tensor], times: float = 1e4) -> None:
    for size in ("quarter", "eighth"):
        state[f"painter.noise_{size}.weight"] *= times


@pytest.mark.parametrize("change", [with_a_nan, with_a_nan_in_the_encoder, flat, black, veiled, drowned_in_noise])
@pytest.mark.parametrize("options", [Options(), Options(stroke_size=2.0)], ids=["plain", "broad strokes"])
def test_nothing_broken_is_delivered(
    tmp_path: Path,
    photo: Picture,
    style: Picture,
    change: Callable[[dict[str, Tensor]], None],
    options: Options,
) -> None:
    with pytest.raises(StylizeError, match="don't go together"):
        Engine("cpu", poisoned(tmp_path, change)).render(Request(photo, ImageStyle(style), options))


@pytest.mark.parametrize("light", [(240, 240, 250), (255, 255, 255)])
@pytest.mark.parametrize("dark", [(20, 30, 200), (0, 0, 0)])
def test_stripes_that_hide_a_photo_are_laid_on_more_gently(photo: Picture, dark: Colour, light: Colour) -> None:
    bars = np.where((np.arange(256) // 8 % 2)[:, None], dark, light)
    stripes = of(np.broadcast_to(bars, (256, 256, 3)).astype(float))
    result = Engine("cpu").render(Request(photo, ImageStyle(stripes)))
    assert is_clear(result.picture, photo)
    assert result.held_back == (HeldBack.GENTLY,)
    assert any("more gently" in warning for warning in result.warnings)


def test_a_style_is_eased_by_its_reading_not_by_its_palette(photo: Picture, style: Picture) -> None:
    method = Adaptive(torch.device("cpu"), torch.float32)
    own, code = method.prepare([photo, style])
    for share in (0.0, 0.5, 1.0):
        eased = method.eased(code, photo, share)
        assert torch.equal(eased[READING_SIZE:], code[READING_SIZE:])
        expected = own + share * (code - own)
        torch.testing.assert_close(eased[:READING_SIZE], expected[:READING_SIZE])


def test_a_soft_photo_that_strokes_would_hide_comes_back_in_part(tmp_path: Path, dusk: Picture, style: Picture) -> None:
    engine = Engine("cpu", poisoned(tmp_path, drowned_in_noise))
    result = engine.render(Request(dusk, ImageStyle(style)))
    assert is_sound(result.picture, dusk)
    assert result.held_back == (HeldBack.PARTLY,)
    assert any("given back" in warning for warning in result.warnings)
    assert np.abs(result.picture.pixels.astype(int) - dusk.pixels).mean() > 5


def test_in_ever_more_noise_a_photo_is_painted_less_overdone_then_in_part_and_then_refused(
    tmp_path: Path, photo: Picture, style: Picture
) -> None:
    overdone, in_part = 0, 0
    for times in range(60, 400, 20):
        engine = Engine("cpu", poisoned(tmp_path, partial(drowned_in_noise, times=times)))
        try:
            plain = engine.render(Request(photo, ImageStyle(style)))
        except StylizeError:
            break
        assert is_sound(plain.picture, photo)
        in_part += HeldBack.PARTLY in plain.held_back
        stronger = engine.render(Request(photo, ImageStyle(style), Options(strength=1.5)))
        if HeldBack.FULL in stronger.held_back:
            overdone += 1
            assert np.array_equal(stronger.picture.pixels, plain.picture.pixels)
    else:
        raise AssertionError("never refused")
    assert overdone
    assert in_part


@pytest.mark.parametrize("change", [with_a_nan, flat, black])
def test_of_a_soft_photo_too_nothing_broken_is_delivered(
    tmp_path: Path, dusk: Picture, style: Picture, change: Callable[[dict[str, Tensor]], None]
) -> None:
    with pytest.raises(StylizeError, match="don't go together"):
        Engine("cpu", poisoned(tmp_path, change)).render(Request(dusk, ImageStyle(style)))


def test_what_breaks_in_low_precision_only_is_painted_in_full(tmp_path: Path, photo: Picture, style: Picture) -> None:
    """A large constant that a norm takes away again: bfloat16 has no digits left beside it, float32 has."""

    def shifted(state: dict[str, Tensor]) -> None:
        state["painter.stem.bias"] += 1e4

    path = poisoned(tmp_path, shifted)

    cpu = torch.device("cpu")
    read = Adaptive(cpu, choose_precision(cpu), path).prepare([style])  # once: it need not be read again

    def painted(precision: torch.dtype) -> Picture:
        return Adaptive(cpu, precision, path).paint([photo], read, Options(), lambda _: True)[0]

    assert not is_sound(painted(torch.bfloat16), photo)
    delivered = Engine("cpu", path).render(Request(photo, ImageStyle(style))).picture
    assert np.array_equal(delivered.pixels, painted(torch.float32).pixels)
