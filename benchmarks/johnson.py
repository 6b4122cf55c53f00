"""The yardstick: the net of Johnson et al. 2016, "Perceptual losses for real-time style transfer", with instance norms.

As in the paper's supplement, table 1, with Ulyanov et al.'s instance norms and nearest upsampling as every later
implementation has it: 1.68 M weights, one net for one style.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """Two normed convolutions beside an identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second = _layer(channels, channels, 3), _layer(channels, channels, 3)
        self.inner = nn.Sequential(*first, nn.ReLU(inplace=True), *second)

    def forward(self, x: Tensor) -> Tensor:
        outer: Tensor = x + self.inner(x)
        return outer


class Johnson(nn.Module):
    """(B, 3, H, W) to the same; H and W multiples of 4. Weights are random: its time doesn't depend on them."""

    def __init__(self, width: int = 32, blocks: int = 5) -> None:
        super().__init__()
        one, two, four = width, 2 * width, 4 * width
        self.layers = nn.Sequential(
            *_layer(3, one, 9),
            nn.ReLU(inplace=True),
            *_layer(one, two, 3, stride=2),
            nn.ReLU(inplace=True),
            *_layer(two, four, 3, stride=2),
            nn.ReLU(inplace=True),
            *(Block(four) for _ in range(blocks)),
            nn.Upsample(scale_factor=2),
            *_layer(four, two, 3),
            nn.ReLU(inplace=True),
            nn.Upsample(scale_factor=2),
            *_layer(two, one, 3),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(4),
            nn.Conv2d(one, 3, 9),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        return F.sigmoid(self.layers(pictures))


def _layer(inputs: int, outputs: int, size: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.ReflectionPad2d(size // 2),
        nn.Conv2d(inputs, outputs, size, stride),
        nn.InstanceNorm2d(outputs, affine=True),
    ]
