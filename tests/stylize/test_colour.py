"""The formulas of colour keeping, restated, and what they promise about the result's colours."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from stylize.colour import colours_only, keep_colours, luminance_only, match_colours, oklab_to_srgb, srgb_to_oklab, wear
from stylize.request import Colours


def noise(seed: int, height: int = 40, width: int = 56, low: float = 0.0, high: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(3, height, width, generator=generator)


def muted(seed: int, tint: tuple[float, float, float], height: int = 300, width: int = 40) -> Tensor:
    """Correlated colours around a tint, far from the gamut's faces; taller than one strip of rows."""
    mix = torch.tensor([[1.0, 0.3, 0.1], [0.2, 0.8, 0.4], [0.5, 0.1, 0.6]])
    return torch.tensor(tint)[:, None, None] + 0.25 * torch.einsum("ij,jhw->ihw", mix, noise(seed, height, width) - 0.5)


def moments(picture: Tensor) -> tuple[Tensor, Tensor]:
    lab = srgb_to_oklab(picture).flatten(1).double()
    return lab.mean(1), torch.cov(lab, correction=0)


@pytest.mark.parametrize(
    ("srgb", "lab"),
    [  # Ottosson's post and the CSS Color 4 specification's sample values
        ((1.0, 1.0, 1.0), (1.0, 0.0, 0.0)),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
        ((1.0, 0.0, 0.0), (0.62796, 0.22486, 0.12585)),
        ((0.0, 1.0, 0.0), (0.86644, -0.23389, 0.17950)),
        ((0.0, 0.0, 1.0), (0.45201, -0.03246, -0.31153)),
        ((0.5, 0.5, 0.5), (0.59818, 0.0, 0.0)),
    ],
)
def test_oklab_of_known_colours(srgb: tuple[float, float, float], lab: tuple[float, float, float]) -> None:
    pixel = torch.tensor(srgb)[:, None, None]
    assert torch.allclose(srgb_to_oklab(pixel).flatten(), torch.tensor(lab), atol=2e-4)


def test_oklab_and_back() -> None:
    picture = noise(0)
    assert torch.allclose(oklab_to_srgb(srgb_to_oklab(picture)), picture, atol=2e-4)


def test_colours_out_of_gamut_keep_their_luminance() -> None:
    lab = torch.tensor([0.7, 0.3, 0.25])[:, None, None]  # far more orange than a screen can show
    srgb = oklab_to_srgb(lab)
    assert srgb.min() >= 0
    assert srgb.max() <= 1
    linear = torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).flatten()
    # The luminance that the colour would have, by the formulas of the two spaces.
    long, medium, short = ((0.7 + 0.3963377774 * 0.3 + 0.2158037573 * 0.25) ** 3,
               (0.7 - 0.1055613458 * 0.3 - 0.0638541728 * 0.25) ** 3,
               (0.7 - 0.0894841775 * 0.3 - 1.2914855480 * 0.25) ** 3)  # fmt: skip
    wanted = (
        0.2126 * (4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short)
        + 0.7152 * (-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short)
        + 0.0722 * (-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short)
    )
    assert math.isclose(float(linear @ torch.tensor([0.2126, 0.7152, 0.0722])), wanted, abs_tol=2e-3)


def test_matched_colours_have_the_mean_and_covariance_of_the_photo() -> None:
    painted, photo = muted(1, (0.3, 0.4, 0.6)), muted(2, (0.6, 0.5, 0.35), height=90, width=120)
    result = match_colours(painted, photo)
    assert result.shape == painted.shape
    (mean, covariance), (wanted_mean, wanted), (_, before) = (moments(p) for p in (result, photo, painted))
    assert (mean - wanted_mean).abs().max() < 1e-4
    assert (covariance - wanted).abs().max() < 1e-5  # the floor, which is also added to both variances
    assert (before - wanted).abs().max() > 2e-4


def test_the_map_is_the_transport_map_between_gaussians() -> None:
    """Pitié & Kokaram 2007: T = A^(-1/2) (A^(1/2) B A^(1/2))^(1/2) A^(-1/2), symmetric, with T A T = B."""
    painted, photo = muted(3, (0.4, 0.5, 0.4)), muted(4, (0.5, 0.4, 0.5))
    before, after = (srgb_to_oklab(p).flatten(1).double() for p in (painted, match_colours(painted, photo)))
    (mean_a, a), (mean_b, b) = moments(painted), moments(photo)

    def root(matrix: Tensor) -> Tensor:
        values, vectors = torch.linalg.eigh(matrix)
        return vectors @ torch.diag(values.sqrt()) @ vectors.T

    half = root(a)
    transport = torch.linalg.inv(half) @ root(half @ b @ half) @ torch.linalg.inv(half)
    expected = transport @ (before - mean_a[:, None]) + mean_b[:, None]
    # The floor under both variances is what the two differ by.
    assert (after - expected).abs().mean() < 0.05 * (before - expected).abs().mean()


def test_a_picture_matched_to_itself_stays() -> None:
    painted = noise(5, low=0.1, high=0.9)
    assert torch.allclose(match_colours(painted, painted), painted, atol=2e-3)


@pytest.mark.parametrize("way", [keep_colours, match_colours, luminance_only, colours_only])
@pytest.mark.parametrize(
    "painted",
    [
        torch.zeros(3, 20, 30),
        torch.ones(3, 20, 30),
        torch.full((3, 20, 30), 0.5),
        noise(6)[:1, :20, :30].repeat(3, 1, 1),
    ],
    ids=["black", "white", "flat grey", "grey noise"],
)
def test_colourless_paintings_stay_finite_and_in_gamut(way: object, painted: Tensor) -> None:
    assert callable(way)
    for photo in (noise(7)[:, :20, :30], torch.zeros(3, 20, 30), torch.full((3, 20, 30), 0.25)):
        result = way(painted, photo)
        assert torch.isfinite(result).all()
        assert result.min() >= 0
        assert result.max() <= 1


def test_a_flat_photo_gives_its_flat_colour() -> None:
    photo = torch.tensor([0.7, 0.4, 0.3])[:, None, None].expand(3, 20, 20)
    result = match_colours(noise(8, low=0.2, high=0.8), photo)
    assert torch.allclose(result.mean((1, 2)), photo[:, 0, 0], atol=0.02)
    assert result.std((1, 2)).max() < 0.05


def test_faint_tints_of_a_grey_painting_are_not_blown_up() -> None:
    """An engraving's colour is the noise of its compression: it must not become confetti."""
    grey = noise(9)[:1].repeat(3, 1, 1)
    result = match_colours((grey + 0.002 * (noise(10) - 0.5)).clamp(0, 1), noise(11))
    assert srgb_to_oklab(noise(11))[1:].std((1, 2)).min() > 0.1
    assert srgb_to_oklab(result)[1:].std((1, 2)).max() < 0.06


def halves(left: tuple[float, float, float], right: tuple[float, float, float], side: int = 192) -> Tensor:
    picture = torch.tensor(left)[:, None, None].repeat(1, side, side)
    picture[:, :, side // 2 :] = torch.tensor(right)[:, None, None]
    return picture


def test_kept_colours_are_in_their_places() -> None:
    """A painting that exchanged the colours of two halves gets them back, which the palette alone can't do."""
    orange, blue = (0.7, 0.5, 0.35), (0.35, 0.5, 0.6)
    strokes = 0.1 * (noise(17, 192, 192) - 0.5)
    painted, photo = halves(blue, orange) + strokes, halves(orange, blue)
    kept, matched = (srgb_to_oklab(way(painted, photo))[1:, :, :80] for way in (keep_colours, match_colours))
    wanted = srgb_to_oklab(photo)[1:, :, :80].mean((1, 2))
    assert (kept.mean((1, 2)) - wanted).abs().max() < 0.004
    assert (matched.mean((1, 2)) - wanted).abs().max() > 0.05
    assert kept.std((1, 2)).min() > 0.7 * matched.std((1, 2)).min()  # the strokes keep their hues


def test_kept_colours_leave_lightness_and_take_a_photo_of_any_size() -> None:
    painted, photo = muted(18, (0.4, 0.5, 0.5)), muted(19, (0.5, 0.5, 0.4))
    result = keep_colours(painted, photo)
    assert torch.allclose(srgb_to_oklab(result)[0], srgb_to_oklab(match_colours(painted, photo))[0], atol=1e-3)
    smaller = torch.nn.functional.avg_pool2d(photo, 2)
    assert (keep_colours(painted, smaller) - result).abs().mean() < 0.05
    assert keep_colours(painted[:, :20, :3], photo[:, :1, :1]).shape == (3, 20, 3)


def test_luminance_only_takes_lightness_here_and_colour_there() -> None:
    painted, photo = muted(12, (0.5, 0.5, 0.5)), muted(13, (0.5, 0.45, 0.5))
    lab = srgb_to_oklab(luminance_only(painted, photo))
    ours, theirs = srgb_to_oklab(painted)[0], srgb_to_oklab(photo)[0]
    wanted = (ours - ours.mean()) * (theirs.std() / ours.std()) + theirs.mean()  # Gatys et al. 2016
    assert torch.allclose(lab[0], wanted, atol=2e-3)
    assert torch.allclose(lab[1:], srgb_to_oklab(photo)[1:], atol=1e-3)
    with pytest.raises(ValueError, match="one size"):
        luminance_only(painted, photo[:, 1:])


def test_colours_only_is_the_photo_in_the_paintings_palette() -> None:
    photo, painted = muted(20, (0.5, 0.45, 0.5)), muted(21, (0.35, 0.4, 0.5), 150, 60)
    result = srgb_to_oklab(colours_only(photo, painted))
    wanted, spread = moments(painted)
    assert (result.flatten(1).mean(1) - wanted).abs().max() < 0.005
    shares = torch.linspace(0.05, 0.95, 10)
    tones = (torch.quantile(tone.flatten(), shares) for tone in (result[0], srgb_to_oklab(painted)[0]))
    assert torch.allclose(*tones, atol=0.01)
    assert torch.cov(result[1:].flatten(1).double()).sub(spread[1:, 1:]).abs().max() < 0.2 * spread[1:, 1:].abs().max()


def test_colours_only_takes_every_colour_one_way_and_burns_no_highlight() -> None:
    """A bright painting of a dark photo: places of one colour stay of one colour, what was apart stays apart."""
    photo = torch.linspace(0.05, 0.6, 64).repeat(3, 64, 1) * torch.tensor([1.0, 0.9, 0.8])[:, None, None]
    painted = (0.8 + 0.15 * noise(22, 50, 50)).clamp(0, 1)
    result = colours_only(photo, painted)
    assert torch.allclose(result, result[:, :1].expand_as(result), atol=1e-5)
    assert (srgb_to_oklab(result)[0, 0].diff() > 0).all()
    assert result.max() < 1


def test_colours_only_of_a_near_flat_photo_shows_no_bands() -> None:
    sky = torch.full((3, 40, 40), 0.6) + 0.002 * noise(23, 40, 40)
    result = colours_only(sky, noise(24))
    assert srgb_to_oklab(result)[0].std() < 6 * srgb_to_oklab(sky)[0].std()


def test_wear_knows_every_way() -> None:
    painted, photo = noise(25), noise(26)
    ways = {
        Colours.STYLE: painted,
        Colours.MATCHED: keep_colours(painted, photo),
        Colours.LUMINANCE: luminance_only(painted, photo),
        Colours.ONLY: colours_only(photo, painted),
    }
    assert set(ways) == set(Colours)
    for colours, expected in ways.items():
        assert torch.equal(wear(painted, photo, colours), expected)


def test_the_same_bytes_every_time_and_inputs_untouched() -> None:
    painted, photo = noise(14), noise(15)
    copies = painted.clone(), photo.clone()
    assert torch.equal(keep_colours(painted, photo), keep_colours(painted, photo))
    assert torch.equal(painted, copies[0])
    assert torch.equal(photo, copies[1])


@pytest.mark.parametrize(
    "wrong", [torch.zeros(1, 3, 8, 8), torch.zeros(4, 8, 8), torch.zeros(3, 8, 8, dtype=torch.uint8)]
)
def test_shapes_are_checked(wrong: Tensor) -> None:
    for arguments in ((wrong, noise(16)), (noise(16), wrong)):
        with pytest.raises(ValueError, match=r"float tensor \(3, H, W\)"):
            keep_colours(*arguments)
