"""The nets that optimisation sees through, their default layers, and where their weights come from."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from stylize.errors import StyleError, WeightsError
from stylize.features.download import Tell, download
from stylize.features.extractor import AVERAGE_GAIN, Features, Padding, Pooling, check_layers
from stylize.features.resnet import RESNET_LAYERS, ResNetFeatures
from stylize.features.vgg import VggFeatures, vgg_layers
from stylize.weights import shipped


@dataclass(frozen=True)
class Backbone:
    """A net, its weights file and its default layers.

    `url`, `sha256` and `size` (bytes) are those of torchvision's official file; None and 0 for a net that ships with
    the package. Weights of style layers and of content layers add up to 1 each. `smallest_side` (px) of a picture
    leaves two rows in the deepest default map; with fewer, a covariance has nothing to vary over.
    """

    name: str
    shape: Literal["vgg16", "vgg19", "resnet50"]
    file: str
    url: str | None
    sha256: str | None
    size: int
    style_layers: tuple[str, ...]
    style_weights: tuple[float, ...]
    content_layers: tuple[str, ...]
    content_weights: tuple[float, ...]
    smallest_side: int

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer of the net, in its order; a partial file may end before the last ones."""
        return RESNET_LAYERS if self.shape == "resnet50" else vgg_layers(self.shape)


# Gatys et al. 2016: one style layer for each block, w_l = 1/5; content one layer into the fourth block, deep enough to
# forget single pixels, shallow enough to keep where things are. They write conv, and mean the map after the ReLU.
_VGG19_STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
_VGG19_CONTENT = ("relu4_2",)

# torchvision's file names begin with the first 8 digits of the sha256; the rest of each was compared between at least
# five independent public listings.
BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            name="vgg16",
            shape="vgg16",
            file="vgg16-397923af.pth",
            url="https://download.pytorch.org/models/vgg16-397923af.pth",
            sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
            size=553_433_881,
            # Johnson et al. 2016: the last layer of each of the first four blocks, and relu3_3 for content, as their
            # fast-neural-style has it; PyTorch's example takes relu2_2, which keeps more of the photo.
            style_layers=("relu1_2", "relu2_2", "relu3_3", "relu4_3"),
            style_weights=(0.25,) * 4,
            content_layers=("relu3_3",),
            content_weights=(1.0,),
            smallest_side=16,
        ),
        Backbone(
            name="vgg19",
            shape="vgg19",
            file="vgg19-dcbb9e9d.pth",
            url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
            sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
            size=574_673_361,
            style_layers=_VGG19_STYLE,
            style_weights=(0.2,) * 5,
            content_layers=_VGG19_CONTENT,
            content_weights=(1.0,),
            smallest_side=32,
        ),
        Backbone(
            name="resnet50",
            shape="resnet50",
            file="resnet50-0676ba61.pth",  # the first of torchvision's two; the second, of 2022, is unknown in painting
            url="https://download.pytorch.org/models/resnet50-0676ba61.pth",
            sha256="0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
            size=102_530_333,
            # SWAG (Wang et al. 2021), in the authors' code: the stem and the last block of each stage, equal weights;
            # content at a sixteenth of the size, the end of the third stage. Of use only with smoothed activations.
            style_layers=("relu1", "layer1.2", "layer2.3", "layer3.5", "layer4.2"),
            style_weights=(0.2,) * 5,
            content_layers=("layer3.5",),
            content_weights=(1.0,),
            smallest_side=33,
        ),
        Backbone(
            name="compact",
            shape="vgg19",
            file="compact.safetensors",
            url=None,
            sha256=None,
            size=0,
            style_layers=_VGG19_STYLE,  # it reproduces VGG-19's maps
            style_weights=(0.2,) * 5,
            content_layers=_VGG19_CONTENT,
            content_weights=(1.0,),
            smallest_side=32,
        ),
    )
}


def find_backbone(name: str) -> Backbone:
    """The backbone of that name; raises StyleError for an unknown one, with names that are near."""
    if name not in BACKBONES:
        near = difflib.get_close_matches(name, BACKBONES, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(BACKBONES)}."
        raise StyleError(f"There is no backbone {name}. {hint}")
    return BACKBONES[name]


def cache_folder() -> Path:
    """Where torch keeps downloaded weights, and we too: moved by TORCH_HOME or XDG_CACHE_HOME."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def local_weights(backbone: Backbone, folder: Path | None = None) -> Path | None:
    """The weights file where it lies on this machine, else None: no network is asked.

    folder: looked into first; may also be a weights file of the backbone's shape, partial or not.
    Raises WeightsError where `folder` does not exist, and where a shipped file is missing.
    """
    if folder is not None and folder.is_file():
        return folder
    if folder is not None and not folder.is_dir():
        raise WeightsError(f"There is no folder or file {folder} to take the weights of {backbone.name} from.")
    if folder is not None and (folder / backbone.file).is_file():
        return folder / backbone.file
    if backbone.url is None:
        return shipped(Path(backbone.file).stem)
    cached = cache_folder() / backbone.file
    return cached if cached.is_file() else None


def find_weights(backbone: Backbone, folder: Path | None = None, tell: Tell = lambda done, total: None) -> Path:
    """As `local_weights`; downloads the official file into `cache_folder` where it is nowhere else.

    tell: hears the bytes that are there and the bytes in all, several times a second.
    Raises WeightsError where the file can't be had; says where it was looked for and how to bring it here.
    """
    path = local_weights(backbone, folder)
    if path is not None:
        return path
    assert backbone.url is not None  # such a file is shipped
    assert backbone.sha256 is not None
    path = cache_folder() / backbone.file
    try:
        download(backbone.url, path, backbone.size, backbone.sha256, tell)
    except WeightsError as error:
        looked = " and ".join(map(str, (folder, path.parent) if folder else (path.parent,)))
        raise WeightsError(
            f"{backbone.file} ({backbone.size / 1e6:.0f} MB) is not in {looked}. {error} "
            f"With a network, `stylize weights {backbone.name}` downloads it; without one, copy it into {path.parent} "
            "or name its folder with --weights-dir."
        ) from error
    return path


def load_features(
    name: str,
    layers: Iterable[str],
    folder: Path | None = None,
    *,
    pooling: Pooling = "max",
    gain: float = AVERAGE_GAIN,
    padding: Padding = "replicate",
    device: torch.device | str | None = None,
    tell: Tell = lambda done, total: None,
) -> Features:
    """A backbone as a frozen net in float32: RGB in [0, 1], (B, 3, H, W) -> {layer: (B, C, h, w)}.

    name: one of `BACKBONES`. layers: names of `Backbone.layers`; the net ends at the deepest.
    folder: where to look for weights first, or a weights file; `--weights-dir` on the command line.
    pooling: Gatys et al. prefer "average". gain: what it is multiplied by; 1 as they had it. Nothing for "max".
    padding: of every convolution. The nets were trained with "zeros", which draw a frame around a painting.
    tell: hears of a download, (bytes there, bytes in all).

    Raises StyleError for an unknown backbone or layer, before anything is downloaded; WeightsError where the weights
    can't be had, are damaged, or end before a layer.
    """
    backbone = find_backbone(name)
    layers = check_layers(name, layers, backbone.layers)
    path = find_weights(backbone, folder, tell)
    net: Features
    if backbone.shape == "resnet50":
        net = ResNetFeatures(path, layers, padding, pooling, gain)
    else:
        net = VggFeatures(path, layers, backbone.shape, padding, pooling, gain)
    return net.eval().to(device)
