"""Losses against two-line restatements of their formulas."""

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from stylize.losses import (
    Statistics,
    edge_distance,
    gram_distance,
    gram_matrix,
    moment_distance,
    palette_distance,
    spatial_moments,
    structure_distance,
    total_variation,
)


@pytest.fixture
def features() -> torch.Tensor:
    return torch.rand(2, 5, 6, 7, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def style(features: torch.Tensor) -> torch.Tensor:
    return features.flip(0) ** 2


def test_gram_matrix_is_the_mean_product_of_channels(features: torch.Tensor) -> None:
    expected = torch.einsum("bchw,bdhw->bcd", features, features) / (6 * 7)
    torch.testing.assert_close(gram_matrix(features), expected)


def test_gram_matrix_does_not_depend_on_size(features: torch.Tensor) -> None:
    tiled = features.repeat(1, 1, 3, 2)
    torch.testing.assert_close(gram_matrix(tiled), gram_matrix(features))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_moments_have_the_gradient_of_their_formula(features: torch.Tensor, layout: torch.memory_format) -> None:
    ours = features.double().contiguous(memory_format=layout).requires_grad_()
    theirs = features.double().requires_grad_()
    mean, gram = spatial_moments(ours)
    (mean.sin().sum() + gram.cos().sum()).backward()
    rows = theirs.flatten(2)
    (rows.mean(2).float().sin().sum() + (rows @ rows.transpose(1, 2) / 42).float().cos().sum()).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("size", [(8, 9), (130, 131)], ids=["small", "in parts with a rest"])
def test_moments_of_half_floats_are_as_exact_as_sums_in_float32(size: tuple[int, int]) -> None:
    half = torch.rand(2, 5, *size, generator=torch.Generator().manual_seed(1)).bfloat16().requires_grad_()
    full = half.detach().float().requires_grad_()
    for seen in (half, full):
        mean, gram = spatial_moments(seen)
        assert mean.dtype == gram.dtype == torch.float32
        (mean.sin().sum() + gram.cos().sum()).backward()
    for ours, exact in zip(spatial_moments(half), spatial_moments(full), strict=True):
        assert (ours - exact).norm() / exact.norm() < 6e-4
    assert half.grad is not None
    assert full.grad is not None
    assert (half.grad.float() - full.grad).norm() / full.grad.norm() < 0.01


@pytest.mark.parametrize("which", [0, 1], ids=["mean", "products"])
def test_each_moment_has_a_gradient_without_the_other(features: torch.Tensor, which: int) -> None:
    ours, theirs = features.clone().requires_grad_(), features.clone().requires_grad_()
    rows = theirs.flatten(2)
    spatial_moments(ours)[which].square().sum().backward()
    (rows.mean(2), rows @ rows.mT / 42)[which].square().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_statistics_are_mean_and_standard_deviation(features: torch.Tensor) -> None:
    found = Statistics.of(features)
    torch.testing.assert_close(found.mean, features.mean((2, 3)))
    torch.testing.assert_close(found.sd, features.std((2, 3), correction=0), rtol=1e-4, atol=1e-5)


def test_moment_distance_is_relative_to_the_style(features: torch.Tensor, style: torch.Tensor) -> None:
    mu, sd, mu_s, sd_s = (
        features.mean((2, 3)),
        features.std((2, 3), False),
        style.mean((2, 3)),
        style.std((2, 3), False),
    )
    expected = ((mu - mu_s) ** 2 + (sd - sd_s) ** 2).sum(1) / (mu_s**2 + sd_s**2).sum(1)
    torch.testing.assert_close(
        moment_distance(Statistics.of(features), Statistics.of(style)), expected, rtol=1e-3, atol=1e-6
    )


def test_gram_distance_is_relative_to_the_style(features: torch.Tensor, style: torch.Tensor) -> None:
    ours, theirs = gram_matrix(features), gram_matrix(style)
    expected = (ours - theirs).flatten(1).norm(dim=1) ** 2 / theirs.flatten(1).norm(dim=1) ** 2
    torch.testing.assert_close(gram_distance(Statistics.of(features), Statistics.of(style)), expected)


def test_structure_distance_ignores_brightness_and_contrast(features: torch.Tensor) -> None:
    changed = features * torch.tensor([0.5, 2, 1, 3, 4]).view(1, 5, 1, 1) + 7
    torch.testing.assert_close(structure_distance(changed, features), torch.zeros(2), rtol=0, atol=1e-3)
    assert structure_distance(features.flip(3), features).min() > 0.5


def test_total_variation_is_the_mean_squared_step() -> None:
    ramp = torch.arange(4.0).expand(1, 1, 3, 4)
    torch.testing.assert_close(total_variation(ramp), torch.ones(1))


def test_palette_distance_is_that_of_sorted_projections() -> None:
    ours, style = torch.rand(2, 3, 6, 6), torch.rand(2, 3, 6, 6)
    directions = torch.nn.functional.normalize(torch.randn(4, 3), dim=1)
    for i in range(2):
        lines = [(x[i].flatten(1).T @ directions.T).sort(0).values for x in (ours, style)]
        expected = (lines[0] - lines[1]).abs().mean()
        torch.testing.assert_close(palette_distance(ours, style, directions)[i], expected)


def test_palette_distance_sees_which_colours_but_not_where() -> None:
    picture = torch.rand(1, 3, 8, 8)
    directions = torch.eye(3)
    assert palette_distance(picture, picture.flip(3), directions) == pytest.approx(0, abs=1e-7)
    assert palette_distance(picture, picture + 0.1, directions) == pytest.approx(0.1, abs=1e-5)


def test_edge_distance_is_one_less_the_similarity_of_sobel_strengths() -> None:
    def windows(x: np.ndarray, side: int) -> np.ndarray:
        return sliding_window_view(x, (side, side))

    def strength(grey: np.ndarray) -> np.ndarray:
        parts = windows(windows(np.pad(grey, 1, mode="edge"), 3).mean((2, 3)), 3)
        found = np.hypot((parts * sobel).sum((2, 3)), (parts * sobel.T).sum((2, 3)))
        return found / found.mean()

    sobel = np.outer([1, 2, 1], [1, 0, -1])
    pictures = torch.rand(2, 3, 32, 30, generator=torch.Generator().manual_seed(3))
    a, b = (windows(strength(picture.mean(0).numpy()), 11).reshape(-1, 121) for picture in pictures)
    m, n, v, w = a.mean(1), b.mean(1), a.var(1), b.var(1)
    product = (a * b).mean(1) - m * n
    similarity = (2 * m * n + 0.01) / (m * m + n * n + 0.01) * (2 * product + 0.09) / (v + w + 0.09)
    assert float(edge_distance(pictures[:1], pictures[1:])) == pytest.approx(1 - similarity.mean(), abs=1e-4)


def test_edge_distance_ignores_tone_and_contrast_and_has_a_gradient_where_nothing_is() -> None:
    photo = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(4))
    assert float(edge_distance(0.3 + 0.5 * photo, photo)) == pytest.approx(0, abs=1e-3)
    flat = torch.full_like(photo, 0.5).requires_grad_()
    edge_distance(flat, photo).sum().backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()
