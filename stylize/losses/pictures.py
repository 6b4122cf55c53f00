"""Distances of structure, colours and smoothness."""

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


def total_variation(pictures: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels, (B,)."""
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).square().mean((1, 2, 3))
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).square().mean((1, 2, 3))
    return across + down
