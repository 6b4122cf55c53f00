"""Palettes and the map towards them, against their formulas."""

import numpy as np
import pytest
import torch
from torch import Tensor

from stylize.methods.adaptive_net import STYLE_SIZE, Nets
from stylize.methods.palette import PALETTE_SIZE, STEEPEST, in_light, palette_of, towards_palette
from stylize.methods.style_encoder import READING_SIZE
from stylize.sentence.colours import to_lab


def colours(seed: int, spread: float = 0.1) -> Tensor:
    """A picture of Gaussian colours around a middle grey, (1, 3, 32, 48)."""
    generator = torch.Generator().manual_seed(seed)
    mixed = torch.randn(1, 3, 3, generator=generator) @ torch.randn(1, 3, 32 * 48, generator=generator)
    mixed = mixed - mixed.mean(2, keepdim=True)
    return (0.3 + 0.1 * seed + spread * mixed / mixed.std(2, keepdim=True)).view(1, 3, 32, 48)


def root_of(palette: Tensor) -> np.ndarray:
    root = np.zeros((3, 3))
    root[np.triu_indices(3)] = palette[0, 3:]
    return root + root.T - np.diag(np.diag(root))


def test_a_palette_is_the_mean_and_the_root_of_the_covariance() -> None:
    picture = colours(1)
    palette = palette_of(picture)
    assert palette.shape == (1, PALETTE_SIZE)
    torch.testing.assert_close(palette[:, :3], picture.mean((2, 3)))
    root = root_of(palette)
    assert root @ root == pytest.approx(np.cov(picture[0].flatten(1).numpy(), ddof=0), abs=2e-5)


def test_the_map_takes_mean_and_covariance_to_the_palette() -> None:
    painted, palette = colours(1), palette_of(colours(2, 0.12))
    mean, aim, maps = towards_palette(painted.flatten(2), palette)
    moved = (maps[0] @ (painted[0].flatten(1) - mean[0, :, None])).numpy() + aim[0, :, None].numpy()
    assert moved.mean(1) == pytest.approx(palette[0, :3].numpy(), abs=1e-5)
    gains = np.linalg.eigvalsh(maps[0].numpy())
    if gains.min() > 1 / STEEPEST and gains.max() < STEEPEST:
        assert np.cov(moved, ddof=0) == pytest.approx(root_of(palette) @ root_of(palette), abs=1e-4)
    torch.testing.assert_close(maps, maps.mT)


def test_the_map_to_a_painting_s_own_palette_leaves_it() -> None:
    painted = colours(3)
    mean, aim, maps = towards_palette(painted.flatten(2), palette_of(painted))
    torch.testing.assert_close(maps[0], torch.eye(3), rtol=0, atol=1e-3)
    torch.testing.assert_close(mean, aim)


def test_contrast_is_at_most_doubled_and_at_least_halved() -> None:
    for spread in (0.001, 0.2):
        maps = towards_palette(colours(1, spread).flatten(2), palette_of(colours(2, 0.05)))[2]
        gains = torch.linalg.eigvalsh(maps[0])
        assert 1 / STEEPEST - 1e-4 <= gains.min() <= gains.max() <= STEEPEST + 1e-4


@pytest.mark.parametrize("palette", [palette_of(torch.zeros(1, 3, 8, 8)), palette_of(torch.full((1, 3, 8, 8), 0.5))])
def test_a_style_without_contrast_leaves_half_of_the_painting_s(palette: Tensor) -> None:
    maps = towards_palette(colours(1).flatten(2), palette)[2]
    torch.testing.assert_close(maps[0], torch.eye(3) / STEEPEST, rtol=0, atol=1e-4)


def test_the_share_of_the_way_is_learned_from_half_on() -> None:
    nets = Nets()
    painted, style = colours(1), torch.cat([torch.zeros(1, READING_SIZE), palette_of(colours(2))], dim=1)
    assert style.shape == (1, STYLE_SIZE)
    halfway = (palette_of(painted)[:, :3] + style[:, READING_SIZE:][:, :3]) / 2
    coloured = nets.coloured(painted, style)
    torch.testing.assert_close(palette_of(coloured)[:, :3], halfway, rtol=0, atol=1e-2)
    coloured.square().sum().backward()
    assert nets.share.grad is not None
    assert (nets.share.grad != 0).all()


@pytest.mark.parametrize("lightness", [12, 30, 55, 80])
def test_in_other_light_greys_have_the_lightness_and_colours_their_hue(lightness: int) -> None:
    greys = palette_of(torch.stack([torch.full((3, 8, 8), grey) for grey in (0.1, 0.5, 0.9)]))
    lit = in_light(greys, lightness)[:, :3]
    assert to_lab(lit.numpy() * 255)[:, 0] == pytest.approx(lightness, abs=0.1)
    warm = palette_of(colours(2) * torch.tensor([1.0, 0.8, 0.6])[:, None, None])
    before, after = (to_lab(each[0, :3].numpy() * 255) for each in (warm, in_light(warm, lightness)))
    assert after[0] == pytest.approx(lightness, abs=2)
    assert np.arctan2(*after[1:]) == pytest.approx(np.arctan2(*before[1:]), abs=0.1)


def test_more_light_raises_contrast_and_less_keeps_it() -> None:
    palette = palette_of(colours(1))
    more, less = in_light(palette, 80), in_light(palette, 20)
    assert torch.equal(less[:, 3:], palette[:, 3:])
    assert bool((more[:, :3] > palette[:, :3]).all())
    gain = more[0, 3:] / palette[0, 3:]
    assert gain.min() > 1
    torch.testing.assert_close(gain, gain.mean().expand(6))
