"""ResNet-50 (He et al. 2016) as a feature extractor with named layers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import resnet50

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

BLOCKS = (3, 4, 6, 3)
RESNET_LAYERS = ("relu1", *(f"layer{stage}.{block}" for stage, depth in enumerate(BLOCKS, 1) for block in range(depth)))
"""The stem after its ReLU at half the picture's size, then every block's output, the sum after its last ReLU.

Stages are at a quarter, an eighth, a sixteenth and a thirty-second of the picture's size.
"""


class ResNetFeatures(Features):
    """A frozen ResNet-50 that answers with the maps of its stem and blocks (see `RESNET_LAYERS`).

    Reads torchvision's key names. Batch norms are those of inference, folded into the convolutions: the same values up
    to rounding, a tenth less time and half the memory. ``padding`` is that of every convolution wider than one pixel.
    The only pooling is the stem's; ``gain`` multiplies it where it averages, and was measured for VGG, not here.

    Raises StyleError for a layer that the net lacks, WeightsError when the file can't be read or ends before a layer.
    """

    def __init__(
        self,
        weights: Path,
        layers: Iterable[str],
        padding: Padding = "zeros",
        pooling: Pooling = "max",
        gain: float = AVERAGE_GAIN,
    ) -> None:
        super().__init__()
        self.layers = check_layers("resnet50", layers, RESNET_LAYERS)
        self.pooling = pooling
        self.gain = gain
        parts = _parts(weights)
        wanted = RESNET_LAYERS[: max(map(RESNET_LAYERS.index, self.layers)) + 1]
        for name in wanted:
            if parts[name] is None:
                beyond = next(each for each in RESNET_LAYERS[RESNET_LAYERS.index(name) :] if each in self.layers)
                raise WeightsError(f"{weights.name} ends before {beyond}. Give a file that has this layer.")
        self.parts = nn.ModuleList([part for name in wanted if (part := parts[name]) is not None])
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(3, 1, 1))
        self.register_buffer("sd", torch.tensor(IMAGENET_SD).view(3, 1, 1))
        for module in self.parts.modules():
            if isinstance(module, nn.Conv2d) and module.kernel_size != (1, 1):
                module.padding_mode = padding
        self.requires_grad_(False)
        self.to(memory_format=torch.channels_last)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        mean, sd = self.get_buffer("mean"), self.get_buffer("sd")
        x = ((pictures.to(mean.dtype) - mean) / sd).contiguous(memory_format=torch.channels_last)
        found: dict[str, Tensor] = {}
        for name, part in zip(RESNET_LAYERS, self.parts, strict=False):
            x = part(x)
            if name in self.layers:
                found[name] = x
            if name == "relu1" and self.pooling == "max":
                x = F.max_pool2d(x, 3, 2, 1)
            elif name == "relu1":
                x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False) * self.gain
        return {layer: found[layer] for layer in self.layers}


def _parts(weights: Path) -> dict[str, nn.Module | None]:
    """The stem and the blocks by layer name, without batch norms; None for what the file lacks."""
    net = resnet50(weights=None).eval()
    state = {name: value for name, value in read_weights(weights).items() if not name.startswith("fc.")}
    try:
        missing = net.load_state_dict(state, strict=False).missing_keys
    except RuntimeError as error:  # other shapes
        raise WeightsError(f"{weights.name} holds another net than ResNet-50.") from error
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]  # old files lack these counters
    parts: dict[str, nn.Module | None] = {}
    for layer in RESNET_LAYERS:
        keys = ("conv1.", "bn1.") if layer == "relu1" else (f"{layer}.",)
        if any(name.startswith(keys) for name in missing):
            parts[layer] = None
        elif layer == "relu1":
            parts[layer] = nn.Sequential(fuse_conv_bn_eval(net.conv1, net.bn1), net.relu)
        else:
            parts[layer] = _without_norms(net.get_submodule(layer))
    return parts


def _without_norms(block: Any) -> nn.Module:
    """A torchvision Bottleneck, changed in place."""
    for number in "123":
        conv, norm = getattr(block, f"conv{number}"), getattr(block, f"bn{number}")
        setattr(block, f"conv{number}", fuse_conv_bn_eval(conv, norm))
        setattr(block, f"bn{number}", nn.Identity())
    if block.downsample is not None:
        block.downsample = fuse_conv_bn_eval(*block.downsample)
    bare: nn.Module = block
    return bare
