"""Pictures as tensors and back."""

import torch
from torch import Tensor

from stylize.pictures import Picture


def to_tensor(picture: Picture) -> Tensor:
    """(3, H, W) float32 in [0, 1], on the CPU."""
    return torch.from_numpy(picture.pixels).permute(2, 0, 1).float() / 255


def to_picture(pixels: Tensor) -> Picture:
    """(3, H, W) in [0, 1] -> 8 bit. Raises FloatingPointError where a value is not a finite number."""
    if not torch.isfinite(pixels.sum()):
        raise FloatingPointError("a picture holds values that are no numbers")
    rounded = (pixels.clamp(0, 1) * 255).round().to(torch.uint8)
    return Picture(rounded.permute(1, 2, 0).cpu().contiguous().numpy())
