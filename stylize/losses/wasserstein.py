"""The Wasserstein-2 distance of feature distributions, each taken as a Gaussian.

A Gram matrix alone mixes up a feature that is strong everywhere with one that is very strong in places, which is why
Gatys' loss paints patches of wrong brightness. Mean and covariance keep them apart, and the distance of transport
between Gaussians (Olkin and Pukelsheim 1982) weighs them in one unit.
"""

from typing import Any

import torch
from torch import Tensor

ITERATIONS = 12
RIDGE = 1e-4  # of the style's mean power, added to each: features that never vary leave a covariance without an inverse


def wasserstein_distance(
    mean: Tensor, gram: Tensor, style_mean: Tensor, style_gram: Tensor, style_root: Tensor | None = None
) -> Tensor:
    """|m - s|^2 + tr(A + B - 2 (B^1/2 A B^1/2)^1/2), relative to the style's own |s|^2 + tr B, (N,).

    mean, style_mean: (N, C); gram, style_gram: second raw moments, (N, C, C), as from `spatial_moments`, so that A and
    B are gram - mean mean^T. Second raw moments of several styles mix linearly, covariances don't. style_root: B^1/2
    from `root_of_spread`, where it is known already. The gradient goes to `mean` and `gram`.
    """
    size, ridge = _size_and_ridge(style_gram)
    ours, style = _covariance(mean, gram, ridge), _covariance(style_mean, style_gram, ridge)
    both = ours.diagonal(dim1=1, dim2=2).sum(1) + style.diagonal(dim1=1, dim2=2).sum(1)
    root = square_root(style)[0] if style_root is None else style_root
    shared: Tensor = _SharedSpread.apply(ours, root)
    apart = (mean - style_mean).square().sum(1) + both - 2 * shared
    return apart / size


def root_of_spread(style_mean: Tensor, style_gram: Tensor) -> Tensor:
    """B^1/2 of `wasserstein_distance`, (N, C, C): half of its work, and the same in every step of a descent."""
    return square_root(_covariance(style_mean, style_gram, _size_and_ridge(style_gram)[1]))[0]


def _size_and_ridge(style_gram: Tensor) -> tuple[Tensor, Tensor]:
    size = style_gram.diagonal(dim1=1, dim2=2).sum(1).clamp_min(1e-12)
    return size, RIDGE / style_gram.shape[1] * size


def _covariance(mean: Tensor, gram: Tensor, ridge: Tensor) -> Tensor:
    covariance = gram - mean[:, :, None] * mean[:, None, :]
    return covariance + ridge[:, None, None] * torch.eye(mean.shape[1], device=mean.device)


class _SharedSpread(torch.autograd.Function):
    """tr (B^1/2 A B^1/2)^1/2 of a covariance A and the root B^1/2 of another, (N, C, C); (N,).

    Its gradient by A is B^1/2 (B^1/2 A B^1/2)^-1/2 B^1/2 / 2, and the iteration that finds the root finds its inverse
    beside it.
    """

    @staticmethod
    def forward(ctx: Any, ours: Tensor, half: Tensor) -> Tensor:
        root, inverse = square_root(half @ ours @ half)
        ctx.save_for_backward(half @ inverse @ half)
        return root.diagonal(dim1=1, dim2=2).sum(1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (by_ours,) = ctx.saved_tensors
        return grads[0][:, None, None] * by_ours / 2, None


def square_root(matrices: Tensor) -> tuple[Tensor, Tensor]:
    """Roots of symmetric positive matrices (N, C, C) and the roots' inverses.

    By the coupled Newton-Schulz iteration (Higham 2008, section 6.3), which is matrix products alone: for 512 channels
    ten times as fast as eigenvectors. Directions that hardly vary come out too small, both in the root and, so that no
    gradient bursts, in its inverse.
    """
    scale = matrices.flatten(1).norm(dim=1)[:, None, None]
    identity = torch.eye(matrices.shape[1], device=matrices.device).expand_as(matrices)
    root, inverse = matrices / scale, identity
    for _ in range(ITERATIONS):
        step = (3 * identity - inverse @ root) / 2
        root, inverse = root @ step, step @ inverse
    return root * scale.sqrt(), inverse / scale.sqrt()
