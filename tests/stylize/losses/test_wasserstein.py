"""The Wasserstein-2 distance of Gaussians against its formula with exact roots."""

import pytest
import torch
from torch import Tensor

from stylize.losses import root_of_spread, spatial_moments, wasserstein_distance
from stylize.losses.wasserstein import square_root


def features(seed: int, channels: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixed = torch.einsum(
        "cd,bdhw->bchw",
        torch.randn(channels, channels, generator=generator),
        torch.randn(2, channels, 12, 11, generator=generator),
    )
    return mixed + torch.randn(1, channels, 1, 1, generator=generator)


def exact_root(matrix: Tensor) -> Tensor:
    values, axes = torch.linalg.eigh(matrix)
    return (axes * values.clamp_min(0).sqrt()) @ axes.T


def test_it_is_the_distance_of_gaussians_relative_to_the_style() -> None:
    ours, style = features(1).double(), features(2).double()
    found = wasserstein_distance(*spatial_moments(ours.float()), *spatial_moments(style.float()))
    for a, b, one in zip(ours.flatten(2), style.flatten(2), found, strict=True):
        cov_a, cov_b = torch.cov(a, correction=0), torch.cov(b, correction=0)
        half = exact_root(cov_b)
        transport = (a.mean(1) - b.mean(1)).square().sum() + torch.trace(
            cov_a + cov_b - 2 * exact_root(half @ cov_a @ half)
        )
        assert float(one) == pytest.approx(float(transport / b.square().sum(0).mean()), rel=2e-3)


def test_it_is_nothing_for_the_style_itself_in_whatever_order_of_places() -> None:
    style = features(3)
    shuffled = style.flatten(2)[:, :, torch.randperm(132)].view_as(style)
    found = wasserstein_distance(*spatial_moments(shuffled), *spatial_moments(style))
    torch.testing.assert_close(found, torch.zeros(2), rtol=0, atol=2e-3)


def test_equal_gram_matrices_of_other_spread_are_told_apart() -> None:
    """One channel: constantly 1, or 0 in half of the places and the root of 2 in the others."""
    flat, patchy = torch.ones(1, 1, 2, 4), torch.tensor([0.0, 2**0.5]).repeat(4).view(1, 1, 2, 4)
    torch.testing.assert_close(spatial_moments(flat)[1], spatial_moments(patchy)[1])
    assert float(wasserstein_distance(*spatial_moments(flat), *spatial_moments(patchy))) > 0.5


def test_its_gradient_is_that_of_its_formula() -> None:
    ours, style = features(4, 4)[:1].double(), features(5, 4)[:1].double()
    mean_s, gram_s = spatial_moments(style.float())
    ours_32 = ours.float().requires_grad_()
    wasserstein_distance(*spatial_moments(ours_32), mean_s, gram_s).sum().backward()

    def formula(x: Tensor) -> Tensor:
        a, b = x.flatten(2)[0], style.flatten(2)[0]
        cov_a, cov_b = torch.cov(a, correction=0), torch.cov(b, correction=0)
        half = exact_root(cov_b)
        spread = torch.linalg.eigvalsh(half @ cov_a @ half).sqrt().sum()
        apart = (a.mean(1) - b.mean(1)).square().sum() + torch.trace(cov_a + cov_b) - 2 * spread
        return apart / b.square().sum(0).mean()

    exact = ours.clone().requires_grad_()
    formula(exact).backward()  # type: ignore[no-untyped-call]
    assert ours_32.grad is not None
    assert exact.grad is not None
    assert float((ours_32.grad - exact.grad).norm() / exact.grad.norm()) < 0.02


def test_flat_features_give_numbers() -> None:
    flat = torch.zeros(1, 5, 4, 4, requires_grad=True)
    found = wasserstein_distance(*spatial_moments(flat), *spatial_moments(features(6, 5)[:1]))
    found.sum().backward()
    assert found.isfinite().all()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()


def test_square_roots_and_their_inverses() -> None:
    matrix = torch.cov(torch.randn(8, 200, generator=torch.Generator().manual_seed(1)))[None]
    root, inverse = square_root(matrix)
    torch.testing.assert_close(root @ root, matrix, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close((root @ inverse)[0], torch.eye(8), rtol=0, atol=1e-3)


def test_a_root_that_is_known_already_changes_nothing() -> None:
    ours, style = (spatial_moments(torch.randn(2, 6, 9, 8) + k) for k in range(2))
    known = wasserstein_distance(*ours, *style, root_of_spread(*style))
    torch.testing.assert_close(known, wasserstein_distance(*ours, *style))
