"""Colours of wide areas, taken from another picture.

The targets of a sentence are told by few numbers, whose errors ask for variance that none of its pictures has: patches
of strange colour in skies and walls. The fast painter's colours don't suffer from that.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

CELLS = 12  # along the long side: narrower patches are strokes
_LUMA = torch.tensor([0.299, 0.587, 0.114])  # ITU-R BT.601


def with_wide_colours(picture: Tensor, source: Tensor, share: float) -> Tensor:
    """A picture (1, 3, H, W) in [0, 1], in wide areas with the colours of another one, of any size.

    Light and dark stay its own. share: 0 leaves it as it is, 1 goes all the way.
    """
    if not share:
        return picture
    size = picture.shape[2:]
    cells = (max(1, round(CELLS * size[0] / max(size))), max(1, round(CELLS * size[1] / max(size))))
    apart = F.adaptive_avg_pool2d(source, cells) - F.adaptive_avg_pool2d(picture, cells)
    apart = apart - (apart * _LUMA.to(apart)[:, None, None]).sum(1, keepdim=True)
    wide = F.interpolate(apart, size, mode="bicubic")
    return (picture + share * wide).clamp(0, 1)
