"""The convolution that painter and encoder are made of."""

import torch.nn.functional as F
from torch import Tensor, nn


class Conv(nn.Conv2d):
    """A convolution with reflected borders, which leave no frame in the picture.

    It computes in the precision of its input, whatever that of its weights: training keeps float32 weights and runs in
    bfloat16. Autocast would not do here: it takes padding and norms back to float32 on a CPU.
    """

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1) -> None:
        super().__init__(inputs, outputs, size, stride)
        self.border = size // 2

    def forward(self, x: Tensor) -> Tensor:
        border = self.border
        padded = F.pad(x, (border, border, border, border), mode="reflect") if border else x
        assert self.bias is not None
        convolved: Tensor = F.conv2d(padded, self.weight.to(x.dtype), self.bias.to(x.dtype), self.stride)
        return convolved
