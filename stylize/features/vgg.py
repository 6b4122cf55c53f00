"""VGG-shaped feature extractors (Simonyan and Zisserman 2015) with named layers."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from stylize.errors import WeightsError

# Convolutions per block; every block but the last ends with a 2x2 max pooling.
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


class VggFeatures(nn.Module):
    """A frozen VGG that answers with named relu maps.

    Reads torchvision's key names (``features.N.weight``, input normalised here with ImageNet's mean and standard
    deviation) and those of the slim nets of Collaborative Distillation (``convXY.weight`` after a 1x1 ``conv0``,
    CVPR 2020). A partial file is fine as long as it reaches the deepest layer asked for. Files end in .safetensors, or
    in .pth as torchvision downloads them.

    Call with RGB in [0, 1], shape (B, 3, H, W); returns ``{"relu1_1": (B, C, H, W), ...}`` in the order of ``layers``.

    Raises WeightsError when the file can't be read or lacks a layer that was asked for.
    """

    def __init__(
        self,
        weights: Path,
        layers: Iterable[str],
        shape: Literal["vgg16", "vgg19"] = "vgg19",
        padding: Literal["zeros", "reflect", "replicate"] = "reflect",
    ) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.padding = padding
        state = _read(weights)
        slim = "conv0.weight" in state
        if slim:
            first_weight, first_bias = state["conv0.weight"], state["conv0.bias"]
        else:
            sd = torch.tensor(IMAGENET_SD)
            first_weight = torch.diag(1 / sd).view(3, 3, 1, 1)
            first_bias = -torch.tensor(IMAGENET_MEAN) / sd
        self.register_buffer("first_weight", first_weight.float())
        self.register_buffer("first_bias", first_bias.float())
        self.plan: list[str] = []
        wanted = set(self.layers)
        index = 0
        for block, depth in enumerate(BLOCKS[shape], start=1):
            for place in range(1, depth + 1):
                if not wanted:
                    return
                key = f"conv{block}{place}" if slim else f"features.{index}"
                if f"{key}.weight" not in state:
                    raise WeightsError(
                        f"{weights.name} ends before {sorted(wanted)[0]}; give a file that has this layer"
                    )
                name = f"{block}_{place}"
                self.register_buffer(f"weight{name}", state[f"{key}.weight"].float())
                self.register_buffer(f"bias{name}", state[f"{key}.bias"].float())
                self.plan.append(name)
                wanted.discard(f"relu{name}")
                index += 2
            self.plan.append("pool")
            index += 1
        if wanted:
            known = ", ".join(layer for layer in sorted(wanted) if re.fullmatch(r"relu\d_\d", layer))
            raise WeightsError(f"{shape} has no layer {known or sorted(wanted)[0]}")

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        kind = self.get_buffer("weight1_1").dtype
        x = F.conv2d(
            pictures.to(kind), self.get_buffer("first_weight").to(kind), self.get_buffer("first_bias").to(kind)
        ).contiguous(memory_format=torch.channels_last)
        found: dict[str, Tensor] = {}
        for name in self.plan:
            if name == "pool":
                x = F.max_pool2d(x, 2)
                continue
            weight, bias = self.get_buffer(f"weight{name}"), self.get_buffer(f"bias{name}")
            if self.padding == "zeros":
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
            else:
                x = F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode=self.padding), weight, bias))
            if f"relu{name}" in self.layers:
                found[f"relu{name}"] = x
        return {layer: found[layer] for layer in self.layers}


def _read(weights: Path) -> dict[str, Tensor]:
    """The tensors of a file by name; a .pth is read without running any code that it may hold."""
    try:
        if weights.suffix in {".pth", ".pt"}:
            state: dict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
            return state
        return load_file(weights)
    except FileNotFoundError as error:
        raise WeightsError(f"There are no weights {weights}; docs/training.md says where to get them.") from error
    except Exception as error:  # unpickling and safetensors raise many kinds
        raise WeightsError(f"{weights.name} can't be read as weights; download it again.") from error
