"""VGG-shaped feature extractors (Simonyan and Zisserman 2015) with named layers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import WeightsError
from stylize.features.extractor import (
    AVERAGE_GAIN,
    IMAGENET_MEAN,
    IMAGENET_SD,
    Features,
    Padding,
    Pooling,
    check_layers,
    read_weights,
)

# Convolutions per block; every block but the last ends with a 2x2 pooling.
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
VggShape = Literal["vgg16", "vgg19"]


def vgg_layers(shape: VggShape) -> tuple[str, ...]:
    """conv1_1, relu1_1, conv1_2 … in the order of the net; conv is before the ReLU, relu after it."""
    return tuple(
        f"{kind}{block}_{place}"
        for block, depth in enumerate(BLOCKS[shape], start=1)
        for place in range(1, depth + 1)
        for kind in ("conv", "relu")
    )


class VggFeatures(Features):
    """A frozen VGG that answers with named conv and relu maps.

    Reads torchvision's key names (``features.N.weight``, input normalised here with ImageNet's mean and standard
    deviation) and those of the slim nets of Collaborative Distillation (``convXY.weight`` after a 1x1 ``conv0``,
    CVPR 2020), of any width and float type; computes in float32 unless moved to another. A partial file is fine as long
    as it reaches the deepest layer asked for. Files end in .safetensors, or in .pth as torchvision downloads them.

    ``padding`` is that of every convolution; VGG was trained with zeros, which draw a frame around a painting.
    ``gain`` multiplies what average pooling gives, and is 1 for max pooling.

    Call with RGB in [0, 1], shape (B, 3, H, W); returns ``{"relu1_1": (B, C, H, W), ...}`` in the order of ``layers``.

    Raises StyleError for a layer that no such net has, WeightsError when the file can't be read or ends before a layer.
    """

    def __init__(
        self,
        weights: Path,
        layers: Iterable[str],
        shape: VggShape = "vgg19",
        padding: Padding = "reflect",
        pooling: Pooling = "max",
        gain: float = AVERAGE_GAIN,
    ) -> None:
        super().__init__()
        known = vgg_layers(shape)
        self.layers = check_layers(shape, layers, known)
        self.padding = padding
        self.pooling = pooling
        self.gain = gain
        state = read_weights(weights)
        slim = "conv0.weight" in state
        if slim:
            first_weight, first_bias = state["conv0.weight"], state["conv0.bias"]
        else:
            sd = torch.tensor(IMAGENET_SD)
            first_weight = torch.diag(1 / sd).view(3, 3, 1, 1)
            first_bias = -torch.tensor(IMAGENET_MEAN) / sd
        self.register_buffer("first_weight", first_weight.float())
        self.register_buffer("first_bias", first_bias.float())
        deepest = max(self.layers, key=known.index)
        self.plan: list[str] = []
        index = 0
        for layer in known[: known.index(deepest) + 1]:
            if layer.startswith("relu"):
                continue
            name = layer.removeprefix("conv")
            if name.endswith("_1") and self.plan:
                self.plan.append("pool")
                index += 1
            key = layer.replace("_", "") if slim else f"features.{index}"
            if f"{key}.weight" not in state:
                beyond = next(each for each in known[known.index(layer) :] if each in self.layers)
                raise WeightsError(f"{weights.name} ends before {beyond}. Give a file that has this layer.")
            kernel = state[f"{key}.weight"].float().contiguous(memory_format=torch.channels_last)
            self.register_buffer(f"weight{name}", kernel)
            self.register_buffer(f"bias{name}", state[f"{key}.bias"].float())
            self.plan.append(name)
            index += 2

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        kind = self.get_buffer("weight1_1").dtype
        x = F.conv2d(
            pictures.to(kind), self.get_buffer("first_weight").to(kind), self.get_buffer("first_bias").to(kind)
        ).contiguous(memory_format=torch.channels_last)
        found: dict[str, Tensor] = {}
        for name in self.plan:
            if name == "pool":
                x = F.max_pool2d(x, 2) if self.pooling == "max" else F.avg_pool2d(x, 2) * self.gain
                continue
            weight, bias = self.get_buffer(f"weight{name}"), self.get_buffer(f"bias{name}")
            if self.padding == "zeros":
                x = F.conv2d(x, weight, bias, padding=1)
            else:
                x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode=self.padding), weight, bias)
            if f"conv{name}" in self.layers:
                found[f"conv{name}"] = x
                x = F.relu(x)
            else:
                x = F.relu(x, inplace=True)  # nothing else needs the map
            if f"relu{name}" in self.layers:
                found[f"relu{name}"] = x
        return {layer: found[layer] for layer in self.layers}
