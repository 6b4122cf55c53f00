"""Feature statistics over space, and distances between them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

PART = 1024  # places whose sum a half float holds
PARTS = 16  # a half float's map with fewer is summed in float32


class _SpatialMoments(torch.autograd.Function):
    """Mean and second raw moments of the channels over space, in one pass forward and one back.

    Both come from matrix products over the map as it lies in memory (channels last); reductions over space and the
    elementwise chain that autograd would record for them cost ten times as much on a CPU.

    Half floats stay what they are: a product adds them up in float32, but gives a half float. So each is over a part of
    the map, and the parts are added in float32, which leaves a relative error of 1e-4 to 4e-4, where one product over
    all has 1.5e-3. Converting the map first takes four to seven times as long, both ways.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        rows = features.permute(0, 2, 3, 1).flatten(1, 2)
        ctx.save_for_backward(rows)
        ctx.set_materialize_grads(False)
        ctx.shape = features.shape
        count = rows.shape[1]
        total, products = _sums(rows)
        return total / count, products / count

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Tensor | None:
        (rows,) = ctx.saved_tensors
        grad_mean, grad_gram = grads
        batch, channels, height, width = ctx.shape
        count = rows.shape[1]
        flat = None
        if grad_gram is not None:
            flat = torch.bmm(rows, ((grad_gram + grad_gram.mT) / count).to(rows.dtype))
        if grad_mean is not None:
            of_mean = (grad_mean / count).to(rows.dtype)[:, None]
            flat = of_mean.expand_as(rows) if flat is None else flat.add_(of_mean)
        return None if flat is None else flat.view(batch, height, width, channels).permute(0, 3, 1, 2)


def _sums(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Over the places of (B, M, C): sums, (B, C), and sums of products, (B, C, C), float32."""
    batch, count, channels = rows.shape
    whole = count - count % PART
    if rows.dtype.itemsize > 2 or whole < PARTS * PART:
        rows = rows.float()
        return rows.sum(1), torch.bmm(rows.mT, rows).float()  # autocast makes it half
    parts = rows[:, :whole].reshape(-1, PART, channels)
    total, products = parts.sum(1), torch.bmm(parts.mT, parts)
    rest = _sums(rows[:, whole:])
    return (
        total.view(batch, -1, channels).sum(1, dtype=torch.float32) + rest[0],
        products.view(batch, -1, channels, channels).sum(1, dtype=torch.float32) + rest[1],
    )


def gram_matrix(features: Tensor) -> Tensor:
    """Channel correlations of a feature map (Gatys et al. 2016, eq. 3).

    features: (B, C, H, W). Returns (B, C, C), divided by H*W so that the value does not depend on the picture's
    size; the paper divides inside the loss instead.
    """
    return spatial_moments(features)[1]


def spatial_moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Channel means, (B, C), and the Gram matrix (second raw moments), (B, C, C), of features (B, C, H, W).

    float32 from any float type; the gradient has the type of the features.
    """
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

    def of_stronger(self, factor: float) -> "Statistics":
        """Those of features that are so many times as strong."""
        return Statistics(factor * self.mean, factor * self.sd, factor**2 * self.gram)


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
