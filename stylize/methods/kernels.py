"""The painter's convolutions as they are run: two kinds are computed by other kernels of the same value.

- Nearest upsampling and a 3x3 convolution are one transposed 4x4 convolution of stride 2 with less than half the
  multiplications, since two of three taps along each side fall on the same pixel.
- The last convolution has 3 outputs, which leave most of a vector register empty; on squares of 2x2 pixels it has 12.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.methods.adaptive_net import ResidualBlock, StyleNorm
from stylize.methods.layers import Conv


@dataclass(frozen=True, eq=False)
class Kernel:
    """A convolution, and the weight and bias of its norm's affine layer, float32.

    Its outputs have one `part`-th of the picture's size. stride: 1 or 2. doubles: it is a transposed one of stride 2.
    """

    weight: Tensor
    bias: Tensor
    affine: tuple[Tensor, Tensor] | None
    part: int
    stride: int = 1
    doubles: bool = False

    @property
    def border(self) -> int:
        """How many rows and columns it looks beyond its own, on every side."""
        return 1 if self.doubles else self.weight.shape[2] // 2

    @property
    def channels(self) -> int:
        """Of its outputs."""
        return len(self.bias)

    @property
    def work(self) -> float:
        """Multiplications for a pixel of the picture."""
        return self.weight.numel() / (4 if self.doubles else 1) / self.part**2

    def sources(self, rows: range) -> range:
        """The rows of the input from which these rows of the output come, without the border."""
        if self.doubles:
            return range(rows.start // 2, rows.stop // 2)
        return range(rows.start * self.stride, rows.stop * self.stride)

    def __call__(self, bordered: Tensor) -> Tensor:
        """Rows of the input with their border, (B, C, h, W), to rows of the output."""
        if self.doubles:
            return F.conv_transpose2d(bordered, self.weight, self.bias, stride=2, padding=3)
        return F.conv2d(bordered, self.weight, self.bias, self.stride)


Block = tuple[Kernel, Kernel]


@dataclass(frozen=True)
class Kernels:
    """Makes kernels of the painter's layers, for one device and precision."""

    device: torch.device
    precision: torch.dtype

    def conv(self, conv: Conv, norm: StyleNorm | None, part: int) -> Kernel:
        """A layer as it is."""
        return Kernel(self._map(conv.weight), self._bias(conv), self._affine(norm), part, stride=conv.stride[0])

    def block(self, block: ResidualBlock, part: int) -> Block:
        """The two convolutions of a residual block."""
        return self.conv(block.first, block.first_norm, part), self.conv(block.second, block.second_norm, part)

    def doubling(self, conv: Conv, norm: StyleNorm | None, part: int) -> Kernel:
        """Doubling by repeated pixels and a 3x3 convolution, as one transposed convolution.

        Output row 2i sees the source rows i-1, i, i by its taps 0, 1, 2 and row 2i+1 sees i, i, i+1: taps on one row
        add up. The reflected border of the doubled map is the repeated one of its source.
        """
        taps = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]]).to(conv.weight)
        weight = torch.einsum("oiyx,ky,lx->iokl", conv.weight, taps, taps)
        return Kernel(self._map(weight), self._bias(conv), self._affine(norm), part, doubles=True)

    def stem(self, conv: Conv, norm: StyleNorm, part: int) -> Kernel:
        """The first layer, which was trained on the order of channels that `pixel_unshuffle` gives, for `by_twos`."""
        outputs, inputs, height, width = conv.weight.shape
        colours = conv.weight.view(outputs, inputs // 4, 2, 2, height, width).permute(0, 2, 3, 1, 4, 5).flatten(1, 3)
        return Kernel(self._map(colours), self._bias(conv), self._affine(norm), part)

    def last(self, conv: Conv, part: int) -> Kernel:
        """A 5x5 convolution as a 3x3 one between pixels taken `by_twos`; `one_by_one` lays its outputs out again."""
        places = [F.pad(conv.weight, (x, 1 - x, y, 1 - y)) for y in (0, 1) for x in (0, 1)]
        weight = torch.cat([by_twos(place) for place in places])
        return Kernel(self._map(weight), self._bias(conv).repeat(4), None, part)

    def _map(self, weight: Tensor) -> Tensor:
        return weight.detach().to(self.device, self.precision).contiguous(memory_format=torch.channels_last)

    def _bias(self, conv: Conv) -> Tensor:
        assert conv.bias is not None
        return conv.bias.detach().to(self.device, self.precision)

    def _affine(self, norm: StyleNorm | None) -> tuple[Tensor, Tensor] | None:
        if norm is None:
            return None
        weight, bias = norm.affine.weight.detach(), norm.affine.bias.detach()
        return weight.to(self.device, torch.float32), bias.to(self.device, torch.float32)


def by_twos(x: Tensor) -> Tensor:
    """(B, C, 2H, 2W) -> (B, 4C, H, W): each square of 2x2 pixels becomes one, channel by channel within each pixel.

    `pixel_unshuffle` with channels in another order, the one that moves whole pixels of a channels-last map.
    """
    count, channels, height, width = x.shape
    squares = x.permute(0, 2, 3, 1).reshape(count, height // 2, 2, width // 2, 2, channels)
    return squares.transpose(2, 3).flatten(3).permute(0, 3, 1, 2)


def one_by_one(x: Tensor) -> Tensor:
    """(B, 4C, H, W) -> (B, C, 2H, 2W): the way back."""
    count, channels, height, width = x.shape
    squares = x.permute(0, 2, 3, 1).reshape(count, height, width, 2, 2, channels // 4)
    return squares.transpose(2, 3).flatten(3, 4).flatten(1, 2).permute(0, 3, 1, 2)
