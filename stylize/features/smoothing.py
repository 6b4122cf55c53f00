"""Smoothed activations, without which the statistics of residual nets say little of a style."""

from collections.abc import Callable

from torch import Tensor

TEMPERATURE = 10.0  # of activations: torchvision's ResNet-50 has peaks of some tens, and its means are below 1


def smoothed(features: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """Softmax over all channels and places of each picture, times their number (SWAG: Wang et al. 2021, section 4).

    features: (B, C, H, W); returns the same shape, float32, with mean 1. In residual nets a few channels with a few
    high peaks make up a Gram matrix, and descent copies those peaks instead of the style; the softmax lifts what is
    small. The paper has no temperature and so lets the highest peak win where activations exceed ten; it leaves out the
    factor, which keeps values apart from the picture's size.
    """
    flat = (features.float() / temperature).flatten(1)
    return (flat.softmax(dim=1) * flat.shape[1]).view(features.shape)


def smoothing(
    net: Callable[[Tensor], dict[str, Tensor]], temperature: float = TEMPERATURE
) -> Callable[[Tensor], dict[str, Tensor]]:
    """The net with all of its maps smoothed."""
    return lambda pictures: {layer: smoothed(each, temperature) for layer, each in net(pictures).items()}
