"""Feature statistics over space, and distances between them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


class _SpatialMoments(torch.autograd.Function):
    """Mean and second raw moments of the channels over space, in one pass forward and one back.

    Both come from matrix products over the map as it lies in memory (channels last); reductions over space and the
    elementwise chain that autograd would record for them cost ten times as much on a CPU.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        rows = features.permute(0, 2, 3, 1).flatten(1, 2)
        ctx.save_for_backward(rows)
        ctx.shape = features.shape
        count = rows.shape[1]
        gram = torch.bmm(rows.transpose(1, 2), rows).float() / count
        mean = rows.sum(1).float() / count
        return mean, gram

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (rows,) = ctx.saved_tensors
        grad_mean, grad_gram = grads
        batch, channels, height, width = ctx.shape
        count = rows.shape[1]
        both = ((grad_gram + grad_gram.transpose(1, 2)) / count).to(rows.dtype)
        flat = torch.baddbmm((grad_mean / count).to(rows.dtype)[:, None], rows, both)
        return flat.view(batch, height, width, channels).permute(0, 3, 1, 2)


def gram_matrix(features: Tensor) -> Tensor:
    """Channel correlations of a feature map (Gatys et al. 2016, eq. 3).

    features: (B, C, H, W). Returns (B, C, C), divided by H*W so that the value does not depend on the picture's
    size; the paper divides inside the loss instead.
    """
    return spatial_moments(features)[1]


def spatial_moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Channel means, (B, C), and the Gram matrix (second raw moments), (B, C, C), of features (B, C, H, W)."""
    mean, gram = _SpatialMoments.apply(features)
    return mean, gram


@dataclass(frozen=True)
class Statistics:
    """What one layer says of a style: channel means and standard deviations, (B, C) each, and Gram, (B, C, C)."""

    mean: Tensor
    sd: Tensor
    gram: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "Statistics":
        """features: (B, C, H, W). The variance is E[x^2] - E[x]^2, kept above rounding error."""
        mean, gram = spatial_moments(features)
        power = gram.diagonal(dim1=1, dim2=2)
        variance = torch.maximum(power - mean.square(), 1e-3 * power)
        return cls(mean, (variance + 1e-6).sqrt(), gram)


def moment_distance(ours: Statistics, style: Statistics) -> Tensor:
    """AdaIN's style loss (Huang and Belongie 2017, eq. 13) relative to the style's own size, (B,).

    (|mu - mu_s|^2 + |sd - sd_s|^2) / (|mu_s|^2 + |sd_s|^2). Dividing makes layers and styles comparable without a
    weight for each; the paper sums plain differences.
    """
    difference = (ours.mean - style.mean).square().sum(1) + (ours.sd - style.sd).square().sum(1)
    return difference / (style.mean.square().sum(1) + style.sd.square().sum(1))


def gram_distance(ours: Statistics, style: Statistics) -> Tensor:
    """Gatys' style loss (2016, eq. 4) relative to the style's own Gram matrix: |G - G_s|^2 / |G_s|^2, (B,)."""
    return (ours.gram - style.gram).square().sum((1, 2)) / style.gram.square().sum((1, 2))
