"""The painter in bands against the painter in one piece."""

import pytest
import torch
from torch import Tensor

from stylize.methods.adaptive_net import Painter, StyleNorm, Widths, noise_like
from stylize.methods.kernels import by_twos, one_by_one
from stylize.methods.streaming import REPORTS, Moments, StreamedPainter, moments_on_cpu, moments_on_gpu
from stylize.methods.style_encoder import CODE_SIZE

CPU = torch.device("cpu")
WHOLE, ROW_BY_ROW = 2**40, 1


@pytest.fixture(scope="module")
def painter() -> Painter:
    """With norms that follow the code as much as trained ones do."""
    torch.manual_seed(0)
    net = Painter(Widths(full=8, half=8, quarter=16, eighth=24, quarter_blocks=2, eighth_blocks=2))
    for part in net.modules():
        if isinstance(part, StyleNorm):
            torch.nn.init.normal_(part.affine.weight, std=0.1)
    return net.eval().requires_grad_(False)


def make_input(count: int, height: int, width: int) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Photos, codes and noise."""
    torch.manual_seed(1)
    photos = torch.randint(0, 256, (count, height, width, 3), dtype=torch.uint8)
    noise = noise_like(torch.empty(count, 3, height, width))
    return photos, torch.randn(count, CODE_SIZE), noise


def in_bands(streamed: StreamedPainter, photos: Tensor, codes: Tensor, noise: tuple[Tensor, Tensor]) -> Tensor:
    """The painting before it is rounded, (B, H, W, 3)."""
    noise = noise[0].to(streamed.precision), noise[1].to(streamed.precision)
    parts = list(streamed.bands(photos, codes, noise))
    assert [row for rows, _ in parts for row in rows] == list(range(photos.shape[1]))
    return torch.cat([painted for _, painted in parts], dim=1)


@pytest.mark.parametrize("size", [(16, 16), (16, 160), (72, 48), (104, 136)])
@pytest.mark.parametrize("band", [ROW_BY_ROW, 3000, WHOLE])
@pytest.mark.parametrize("held", [0, WHOLE])
def test_bands_of_any_height_give_the_painters_own_picture(
    painter: Painter, size: tuple[int, int], band: int, held: int
) -> None:
    photos, codes, noise = make_input(1, *size)
    exact = photos.permute(0, 3, 1, 2).double() / 255, codes, (noise[0].double(), noise[1].double())
    expected = painter(*exact).permute(0, 2, 3, 1)
    painted = in_bands(StreamedPainter(painter, CPU, torch.float32, band, held), photos, codes, noise)
    torch.testing.assert_close(painted, expected, rtol=0, atol=1e-5)


def test_in_bfloat16_bands_differ_from_one_piece_by_rounding_alone(painter: Painter) -> None:
    photos, codes, noise = make_input(1, 136, 200)
    exact, whole, rows = (
        in_bands(StreamedPainter(painter, CPU, precision, band, held), photos, codes, noise)
        for precision, band, held in (
            (torch.float32, WHOLE, WHOLE),
            (torch.bfloat16, WHOLE, WHOLE),
            (torch.bfloat16, ROW_BY_ROW, 0),
        )
    )
    rounding = (whole - exact).square().mean().sqrt()
    assert 0 < rounding < 0.005
    assert (rows - exact).square().mean().sqrt() < 1.1 * rounding
    assert (rows - whole).abs().max() < 0.02


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("band", [ROW_BY_ROW, WHOLE])
def test_every_sample_of_a_batch_is_painted_as_if_alone(painter: Painter, precision: torch.dtype, band: int) -> None:
    photos, codes, noise = make_input(3, 40, 56)
    streamed = StreamedPainter(painter, CPU, precision, band)
    together = in_bands(streamed, photos, codes, noise)
    for i in range(3):
        one = slice(i, i + 1)
        alone = in_bands(streamed, photos[one], codes[one], (noise[0][one], noise[1][one]))
        tolerance = 1e-5 if precision == torch.float32 else 0.02
        torch.testing.assert_close(together[one], alone, rtol=0, atol=tolerance)
    assert (together[0] - together[1]).abs().max() > 0.1


def test_pictures_are_the_bands_in_8_bits(painter: Painter) -> None:
    streamed = StreamedPainter(painter, CPU, torch.float32, 3000)
    inputs = make_input(2, 48, 40)
    painted = in_bands(streamed, *inputs)
    pictures, sums = streamed(*inputs)
    assert pictures.dtype == torch.uint8
    assert (pictures / 255 - painted).abs().max() <= 0.5 / 255 + 1e-6
    torch.testing.assert_close(sums, painted.sum((1, 2, 3)), rtol=1e-5, atol=0)


def test_the_sum_of_a_painting_with_a_value_that_is_no_number_is_none_itself(painter: Painter) -> None:
    photos, codes, noise = make_input(2, 16, 16)
    codes[1, 0] = torch.nan
    _, sums = StreamedPainter(painter, CPU, torch.float32)(photos, codes, noise)
    assert sums.isfinite().tolist() == [True, False]


@pytest.mark.parametrize("of_band", [moments_on_cpu, moments_on_gpu])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_moments_are_mean_and_variance_also_far_from_zero(of_band: object, precision: torch.dtype) -> None:
    torch.manual_seed(0)
    band = (torch.randn(2, 8, 40, 300) + torch.arange(8)[:, None, None] * 5).to(precision)
    band = band.contiguous(memory_format=torch.channels_last)
    variance, mean = torch.var_mean(band.double(), dim=(2, 3), correction=0)
    found, spread = of_band(band)  # type: ignore[operator]
    assert found.dtype == spread.dtype == torch.float32
    torch.testing.assert_close(found.double(), mean, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(spread.double(), variance, rtol=1e-3, atol=0)


def test_moments_of_bands_are_those_of_the_whole() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 8, 31, 50) * torch.linspace(0.1, 3, 31)[:, None] + torch.linspace(-9, 20, 31)[:, None]
    x = x.contiguous(memory_format=torch.channels_last)
    moments = Moments()
    for rows in (slice(0, 2), slice(2, 3), slice(3, 20), slice(20, 31)):
        moments.add(x[:, :, rows])
    variance, mean = torch.var_mean(x, dim=(2, 3), correction=0)
    torch.testing.assert_close(moments.mean, mean, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(moments.variance, variance, rtol=1e-4, atol=0)


def test_progress_rises_to_one_in_no_more_steps_than_agreed(painter: Painter) -> None:
    for band in (ROW_BY_ROW, WHOLE):
        told: list[float] = []
        StreamedPainter(painter, CPU, torch.float32, band)(*make_input(1, 64, 64), tell=told.append)
        assert 5 < len(told) <= REPORTS
        assert told == sorted(set(told))
        assert told[-1] == 1


def test_who_is_told_can_stop_the_work(painter: Painter) -> None:
    told: list[float] = []

    def tell(share: float) -> None:
        told.append(share)
        if len(told) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        StreamedPainter(painter, CPU, torch.float32)(*make_input(1, 64, 64), tell=tell)
    assert len(told) == 3


def test_pixels_by_twos_are_an_unshuffle_that_can_be_undone() -> None:
    x = torch.rand(2, 5, 6, 8)
    squares = by_twos(x)
    reference = torch.nn.functional.pixel_unshuffle(x, 2)
    assert torch.equal(squares.view(2, 4, 5, 3, 4).transpose(1, 2).reshape(2, 20, 3, 4), reference)
    assert torch.equal(one_by_one(squares), x)
