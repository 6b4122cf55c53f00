"""The nearest-neighbour distance: every place of a painting is to look like some place of the style."""

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK = 2**22  # similarities held at once


def nearest_distance(features: Tensor, style: Tensor) -> Tensor:
    """Mean cosine distance of each place's features to those of the most similar place of the style, ().

    After Kolkin et al. 2022 ("Neural Neighbor Style Transfer", eq. 4), who centre both by their own means first: else
    what all places share hides how they differ. features: (P, C), style: (Q, C); the gradient goes to `features`.
    """
    ours = F.normalize(features - features.mean(0).detach(), dim=1)
    theirs = F.normalize(style - style.mean(0), dim=1)
    with torch.no_grad():
        rows = max(1, CHUNK // len(theirs))
        nearest = torch.cat([(part @ theirs.T).argmax(1) for part in torch.split(ours, rows)])
    return 1 - (ours * theirs[nearest]).sum(1).mean()
