"""What every feature net has in common: a door, a normalisation, a way to read its file."""

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from stylize.errors import StyleError, WeightsError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)

AVERAGE_GAIN = 1.4
"""What average pooling is multiplied by, so that activations keep the size that max pooling gives them.

Maxima are larger than means, and what is lost multiplies: without it relu3_1 comes out at half its root mean square.
Measured on 8 photos at 256 px: VGG-19 (normalised) loses a factor of 1.35, 1.40 and 1.45 with one, two and three
poolings each, VGG-16 (Caffe) 1.39, 1.40 and 1.45. crowsonkb/style-transfer-pytorch takes 2, which doubles relu3_1
instead; Gatys et al. (2016) take 1.
"""

Padding = Literal["zeros", "reflect", "replicate"]
Pooling = Literal["max", "average"]


class Features(nn.Module):
    """A frozen net that answers with named feature maps.

    Call with RGB in [0, 1], (B, 3, H, W), on its device; any float type. Returns {layer: (B, C, h, w)} in the order of
    `layers`, in the type of its weights and channels last. Differentiable to the pictures.
    """

    layers: tuple[str, ...]

    if TYPE_CHECKING:

        def __call__(self, pictures: Tensor) -> dict[str, Tensor]: ...


def check_layers(net: str, layers: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """The layers as a tuple; raises StyleError for none and for names that the net lacks."""
    layers = tuple(layers)
    if not layers:
        raise StyleError(f"Name at least one layer of {net}, such as {next(iter(known))}.")
    for layer in layers:
        if layer not in known:
            near = difflib.get_close_matches(layer, known, 3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"It has {', '.join(known)}."
            raise StyleError(f"{net} has no layer {layer}. {hint}")
    return layers


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors or .pth file by name; a .pth is read without running code that it may hold.

    Raises WeightsError when there is no such file, or when it is damaged.
    """
    try:
        if path.suffix in {".pth", ".pt"}:
            state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
            return state
        return load_file(path)
    except FileNotFoundError as error:
        raise WeightsError(f"There are no weights {path}; docs/backbones.md says where to get them.") from error
    except Exception as error:  # unpickling and safetensors raise many kinds
        raise WeightsError(
            f"{path} can't be read as weights. It may be cut short: delete it and download it again."
        ) from error
