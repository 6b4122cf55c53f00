"""Distances between pictures in feature space."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
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


def palette_distance(ours: Tensor, style: Tensor, directions: Tensor) -> Tensor:
    """Sliced Wasserstein-1 distance of the colours of two sets of pictures, (B,) (Bonneel et al. 2015).

    ours, style: (B, 3, H, W) with as many pixels each, in [0, 1]; directions: (D, 3), of length 1. What feature
    statistics miss: which colours there are, not only their mean and spread.
    """
    lines = [(directions @ pictures.float().flatten(2)).sort(dim=2).values for pictures in (ours, style)]
    return (lines[0] - lines[1]).abs().mean((1, 2))


def structure_distance(features: Tensor, content: Tensor) -> Tensor:
    """1 - cosine of instance-normalised feature maps, (B,): 0 for the same structure, near 1 for none shared.

    Normalising each channel removes brightness and contrast, which belong to the style (AdaAttN 2021 does the same).
    """
    ours, theirs = F.instance_norm(features.float()), F.instance_norm(content.float())
    return 1 - F.cosine_similarity(ours.flatten(1), theirs.flatten(1), dim=1)


def total_variation(pictures: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels, (B,)."""
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).square().mean((1, 2, 3))
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).square().mean((1, 2, 3))
    return across + down
