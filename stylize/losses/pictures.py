"""Distances of structure, edges, colours and smoothness."""

import torch
import torch.nn.functional as F
from torch import Tensor


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


def edge_distance(ours: Tensor, content: Tensor) -> Tensor:
    """1 - structural similarity of the strength of edges, (B,): 0 for the same edges (Chen, Yang and Xie 2006, G-SSIM).

    ours, content: (B, 3, H, W) in [0, 1], at least 13 px each way. Strength counts relative to a picture's mean, since
    tone and contrast belong to the style. The paper compares brightness too; here the means are those of the strengths.
    """
    found = [_edge_strength(pictures.float()) for pictures in (ours, content)]
    a, b = (strength / (strength.mean((1, 2, 3), keepdim=True) + 1e-6) for strength in found)
    mean_a, mean_b, square_a, square_b, product = (F.avg_pool2d(x, 11, 1) for x in (a, b, a * a, b * b, a * b))
    means = (2 * mean_a * mean_b + 0.01) / (mean_a.square() + mean_b.square() + 0.01)
    spreads = square_a - mean_a.square() + square_b - mean_b.square()
    return 1 - (means * (2 * (product - mean_a * mean_b) + 0.09) / (spreads + 0.09)).mean((1, 2, 3))


def _edge_strength(pictures: Tensor) -> Tensor:
    """Length of the gradient of grey, by Sobel's kernels after a blur over 3 px, (B, 1, H - 2, W - 2)."""
    grey = F.avg_pool2d(F.pad(pictures.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate"), 3, 1)
    across = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]], device=pictures.device)
    slopes = F.conv2d(grey, torch.stack([across, across.T])[:, None])
    return (slopes.square().sum(1, keepdim=True) + 1e-6).sqrt()  # a slope of 0 has no gradient without the sum


def total_variation(pictures: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels, (B,)."""
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).square().mean((1, 2, 3))
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).square().mean((1, 2, 3))
    return across + down
