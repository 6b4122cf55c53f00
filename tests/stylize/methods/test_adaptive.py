"""The arbitrary-style net through its public door, with the shipped weights."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from stylize.errors import Cancelled, WeightsError
from stylize.methods.adaptive import Adaptive
from stylize.methods.adaptive_net import Corrector, Painter, StyleNorm, Widths, noise_like
from stylize.methods.style_encoder import CODE_SIZE, READING_SIZE
from stylize.pictures import Picture
from stylize.request import Options
from stylize.weights import shipped


@pytest.fixture(scope="module")
def method() -> Adaptive:
    return Adaptive(torch.device("cpu"), torch.float32)


def make_picture(width: int, height: int, seed: int = 0) -> Picture:
    """Soft coloured blobs."""
    rng = np.random.default_rng(seed)
    small = torch.from_numpy(rng.random((1, 3, 5, 5), dtype=np.float32))
    pixels = torch.nn.functional.interpolate(small, (height, width), mode="bicubic").clamp(0, 1)[0]
    return Picture((pixels * 255).byte().permute(1, 2, 0).contiguous().numpy())


def go_on(_: object) -> bool:
    return True


def test_style_norm_is_conditional_instance_norm() -> None:
    norm, x, code = StyleNorm(6), torch.randn(2, 6, 9, 7), torch.randn(2, CODE_SIZE)
    scale, shift = norm.affine(code)[..., None, None].chunk(2, dim=1)
    expected = (x - x.mean((2, 3), True)) / (x.var((2, 3), False, keepdim=True) + 1e-5).sqrt() * (1 + scale) + shift
    torch.testing.assert_close(norm(x, code), expected, rtol=1e-4, atol=1e-5)


def test_every_sample_of_a_batch_follows_its_own_code() -> None:
    torch.manual_seed(0)
    painter, pictures, codes = (
        Painter(Widths(4, 8, 8, 8, 2, 1)).eval(),
        torch.rand(3, 3, 32, 40),
        torch.randn(3, CODE_SIZE),
    )
    noise = noise_like(pictures)
    together = painter(pictures, codes, noise)
    for i in range(3):
        one = slice(i, i + 1)
        alone = painter(pictures[one], codes[one], (noise[0][one], noise[1][one]))
        torch.testing.assert_close(together[one], alone, rtol=1e-4, atol=1e-5)


def test_a_new_corrector_changes_nothing_and_a_linear_one_follows_what_is_missing() -> None:
    corrector, codes = Corrector(), torch.randn(2, CODE_SIZE)
    style, painted = torch.randn(2, READING_SIZE), torch.randn(2, READING_SIZE)
    torch.testing.assert_close(corrector(codes, style, painted), codes)
    torch.nn.init.normal_(corrector.linear.weight)
    torch.testing.assert_close(corrector(codes, style, painted), codes + (style - painted) @ corrector.linear.weight.T)
    torch.testing.assert_close(corrector(codes, style, style), codes)


def test_a_code_is_aimed_by_a_look_at_the_first_painting(method: Adaptive) -> None:
    nets, photos = method.nets, torch.rand(1, 3, 96, 64)
    style = nets.style(torch.rand(1, 3, 80, 90))
    reading = style[:, :READING_SIZE]
    code = nets.encoder.code(reading)
    first = nets.coloured(nets.painter(photos, code, noise_like(photos, torch.Generator().manual_seed(0))), style)

    def paint(photos: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        painted: torch.Tensor = nets.painter(photos, codes, noise_like(photos, torch.Generator().manual_seed(0)))
        return painted

    expected = nets.corrector(code, reading, nets.encoder(first))
    torch.testing.assert_close(nets.aimed(photos, style, paint), expected)
    assert (expected - code).norm() > 0.01 * code.norm()


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (320, 16), (64, 201)])
def test_any_size_comes_back_as_it_was(method: Adaptive, size: tuple[int, int]) -> None:
    picture = make_picture(*size)
    painted = method.paint([picture], method.prepare([make_picture(90, 80, 1)]), Options(), go_on)[0]
    assert painted.size == size


def test_the_same_seed_paints_the_same_picture_and_another_seed_another(method: Adaptive) -> None:
    picture, codes = make_picture(96, 64), method.prepare([make_picture(90, 80, 1)])
    first, again, other = (method.paint([picture], codes, Options(seed=seed), go_on)[0].pixels for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_strength_above_1_goes_on_in_the_same_direction(method: Adaptive) -> None:
    picture, codes = make_picture(96, 64), method.prepare([make_picture(90, 80, 1)])
    steps = [1.0, 1.125, 1.25, 1.375, 1.5]
    painted = [method.paint([picture], codes, Options(strength=s), go_on)[0].pixels.astype(float) for s in steps]
    jumps = [np.abs(b - a).mean() for a, b in itertools.pairwise(painted)]
    assert min(jumps) > 0
    assert max(jumps) < 0.75 * sum(jumps)
    beyond = 1.5 * codes - 0.5 * method.prepare([picture])
    beyond[:, READING_SIZE:] = codes[:, READING_SIZE:]
    again = method.paint([picture], beyond, Options(), go_on)[0].pixels.astype(float)
    assert np.abs(again - painted[-1]).max() <= 2


def test_a_code_moves_the_colours_towards_its_style(method: Adaptive) -> None:
    picture = make_picture(96, 64)
    for colour in ((200, 40, 30), (20, 60, 190)):
        noise = np.random.default_rng(0).integers(-15, 15, (128, 128, 3))
        style = Picture((np.array(colour) + noise).clip(0, 255).astype(np.uint8))
        painted = method.paint([picture], method.prepare([style]), Options(), go_on)[0]
        before = np.abs(picture.pixels.mean((0, 1)) - colour).mean()
        assert np.abs(painted.pixels.mean((0, 1)) - colour).mean() < before


def test_a_painting_moves_towards_the_palette_of_its_style_as_in_training(method: Adaptive) -> None:
    """The painter's own 8 bits, recoloured by strips, against the formula on the whole picture."""
    picture, style = make_picture(96, 64), method.prepare([make_picture(90, 80, 1)])
    other = style.clone()
    other[:, READING_SIZE : READING_SIZE + 3] += torch.tensor([0.2, -0.1, 0.1])
    codes = method.nets.encoder.code(style[:, :READING_SIZE])
    with torch.inference_mode():
        ours, theirs = (method._paint([picture], codes, each, 0)[0].pixels.mean((0, 1)) for each in (style, other))
    moved = float(method.nets.share[0].clamp(0, 1))
    assert theirs - ours == pytest.approx(255 * moved * np.array([0.2, -0.1, 0.1]), abs=4)


def test_a_no_of_the_watcher_stops_the_work(method: Adaptive) -> None:
    seen = []

    def watch(progress: object) -> bool:
        seen.append(progress)
        return len(seen) < 3

    with pytest.raises(Cancelled):
        method.paint([make_picture(64, 64)], method.prepare([make_picture(64, 64, 1)]), Options(), watch)
    assert len(seen) == 3
    method.paint([make_picture(64, 64)], method.prepare([make_picture(64, 64, 1)]), Options(), go_on)
    assert len(seen) == 3


def test_bfloat16_stays_close_to_float32(method: Adaptive) -> None:
    picture, codes = make_picture(128, 96), method.prepare([make_picture(90, 80, 1)])
    quick = Adaptive(torch.device("cpu"), torch.bfloat16)
    a, b = (m.paint([picture], codes, Options(), go_on)[0].pixels.astype(float) for m in (method, quick))
    assert 10 * np.log10(255**2 / ((a - b) ** 2).mean()) > 30  # dB


def test_widths_come_from_the_weights() -> None:
    state = load_file(shipped("adaptive"))
    assert sum(v.numel() for v in state.values()) * 2 < 6e6


def test_foreign_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match="adaptive"):
        Adaptive(torch.device("cpu"), torch.float32, path)
