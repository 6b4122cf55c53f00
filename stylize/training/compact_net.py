"""The net that training teaches: VGG-19's shape, about a quarter of its widths."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylize.features.extractor import IMAGENET_MEAN, IMAGENET_SD
from stylize.features.vgg import BLOCKS

# Of the five blocks. Blocks 2 and 3 are wider than a quarter: there a quarter of the directions holds only nine tenths
# and eight tenths of the real features' variance.
WIDTHS = (16, 48, 96, 144, 144)
LAYERS = (
    "relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1", "relu3_4", "relu4_1", "relu4_2", "relu5_1",
)  # fmt: skip

Features = dict[str, Tensor]


class Compact(nn.Module):
    """VGG-19 up to relu5_1 in other widths, with torchvision's key names and reflection padding.

    Call with RGB in [0, 1], (B, 3, H, W); returns the relu maps of LAYERS. The painter does not use this class: it
    reads the exported weights as any VGG-19, with VggFeatures.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.ModuleDict()
        self.plan: list[tuple[str, str]] = []
        index, inputs = 0, 3
        for block, (depth, width) in enumerate(zip(BLOCKS["vgg19"], WIDTHS, strict=True), start=1):
            for place in range(1, 2 if block == 5 else depth + 1):
                convolution = nn.Conv2d(inputs, width, 3)
                self.features[str(index)] = convolution
                self.plan.append((str(index), f"relu{block}_{place}"))
                index, inputs = index + 2, width
            self.plan.append(("", "pool"))
            index += 1
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(IMAGENET_SD).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor, before_relu: Callable[[nn.Module, Tensor], Tensor] | None = None) -> Features:
        x = (pictures - self.get_buffer("mean")) / self.get_buffer("sd")
        x = x.contiguous(memory_format=torch.channels_last)
        found: Features = {}
        for index, name in self.plan[:-1]:
            if name == "pool":
                x = F.max_pool2d(x, 2)
                continue
            x = self.features[index](F.pad(x, (1, 1, 1, 1), mode="reflect"))
            x = F.relu(before_relu(self.features[index], x) if before_relu else x)
            if name in LAYERS:
                found[name] = x
        return found

    @torch.no_grad()
    def settle(self, pictures: Tensor) -> None:
        """Random weights scaled and biases set so that every channel has mean 0 and variance 1 before its ReLU.

        After Mishkin and Matas 2016; they scale layers and leave the biases. pictures: as for a call.
        """

        def standard(convolution: nn.Module, x: Tensor) -> Tensor:
            assert isinstance(convolution, nn.Conv2d)
            assert convolution.bias is not None
            mean, sd = x.mean((0, 2, 3)), x.std((0, 2, 3))
            convolution.weight /= sd[:, None, None, None]
            convolution.bias.copy_((convolution.bias - mean) / sd)
            return (x - mean[:, None, None]) / sd[:, None, None]

        self(pictures, standard)
