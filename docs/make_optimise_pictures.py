"""Paints the comparisons of docs/optimise.md: `python docs/make_optimise_pictures.py --photos DIR --paintings DIR
--weights DIR`.

The folders are those of `make_pictures.py`, and one of weights: torchvision's files, or partial ones as named below.
What is missing there is left out and told. ResNet-50 without weights is shown untrained, its batch norms settled on the
photos, and says so.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from make_pictures import labelled, painting_of
from PIL import Image
from torch import nn
from torchvision.models import resnet50

from stylize import Engine, ImageStyle, Options, Picture, Request, all_presets, open_picture
from stylize.features import find_backbone
from stylize.methods.optimise.recipe import RECIPES
from stylize.tensors import to_tensor

HERE = Path(__file__).parent / "pictures"
PHOTO, STYLE = "kodak_kodim19.jpg", "starry-night"
CELL = (320, 400)
SIZE = 512  # px: long side of what is painted
SLIM, VGG19, VGG16 = (
    "vgg19_slim16x_conv1_1-conv5_1.safetensors",
    "vgg19_normalised_conv1_1-conv3_4.safetensors",
    "vgg16_caffe_conv1_1-conv3_3.safetensors",
)
# Partial nets are compared by what they all have: three style layers, and content in the third block.
THREE = """style_layers = ["relu1_1", "relu2_1", "relu3_1"]
style_weights = [0.33, 0.33, 0.33]
content_layers = ["relu3_2"]
content_weights = [1.0]
"""
COMMON = (
    'style_loss = "gram"\nstart = "photo"\ncontent_weight = 2.0\nstyle_weight = 12.0\nstages = [[0.5, 60], [1.0, 60]]\n'
)


@dataclass(frozen=True)
class Cell:
    """A painting of the sheet: what stands below it, its recipe as TOML, and the weights file that it needs."""

    label: str
    recipe: str
    weights: str | None = None


LOSS_CELLS = tuple(
    Cell(label, (RECIPES / "finest.toml").read_text(encoding="utf-8") + f'style_loss = "{loss}"\n')
    for label, loss in (
        ("Gram", "gram"),
        ("Wasserstein-2 (as shipped)", "wasserstein"),
        ("nearest neighbours", "nearest"),
    )
)
BACKBONE_CELLS = (
    Cell("compact, to relu3_1", COMMON + THREE),
    Cell("VGG-19, to relu3_1", COMMON + THREE + 'backbone = "vgg19"\n', VGG19),
    Cell("VGG-16, to relu3_1", COMMON + THREE + 'backbone = "vgg16"\n', VGG16),
    Cell("compact, to relu5_1", COMMON),
    Cell("slim VGG-19, to relu5_1", COMMON + 'backbone = "vgg19"\n', SLIM),
    Cell("ResNet-50, plain", COMMON + 'backbone = "resnet50"\n', find_backbone("resnet50").file),
    Cell("ResNet-50, smoothed", COMMON + 'backbone = "resnet50"\nsmoothed = true\n', find_backbone("resnet50").file),
)


def paint(cell: Cell, weights: Path, photo: Picture, style: Picture) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "recipe.toml"
        recipe.write_text(cell.recipe, encoding="utf-8")
        engine = Engine(weights_dir=weights / cell.weights if cell.weights else None)
        options = Options(method="optimise", recipe=str(recipe), size=SIZE)
        return engine.render(Request(photo, ImageStyle(style), options)).picture.to_pil()


def sheet(
    cells: tuple[Cell, ...], weights: Path, photo: Picture, style: Picture, first: tuple[Image.Image, str]
) -> Image.Image:
    shown = [(photo.to_pil(), "the photo"), first]
    for cell in cells:
        if cell.weights and not (weights / cell.weights).exists():
            print(f"left out: {cell.label}, which needs {cell.weights}")
            continue
        print(cell.label, flush=True)
        shown.append((paint(cell, weights, photo, style), cell.label))
    return labelled(shown, 5 if len(shown) == 5 else 3, CELL)


def untrained(folder: Path, photos: list[Picture]) -> None:
    """A ResNet-50 of random weights whose batch norms know the statistics of some photos, under the real one's name."""
    torch.manual_seed(0)
    net = resnet50(weights=None).train()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the plain mean over all that pass
    with torch.no_grad():
        for photo in photos:
            net(to_tensor(photo.resized(320))[None])
    torch.save(net.state_dict(), folder / find_backbone("resnet50").file)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--photos", type=Path, required=True)
    ask.add_argument("--paintings", type=Path, required=True)
    ask.add_argument("--weights", type=Path, required=True)
    ask.add_argument("--only", choices=("losses", "backbones"))
    given = ask.parse_args()
    photo = open_picture(given.photos / PHOTO)
    style = painting_of(next(preset for preset in all_presets() if preset.name == STYLE), given.paintings)
    if given.only != "backbones":
        fast = Engine().render(Request(photo, ImageStyle(style), Options(size=SIZE))).picture.to_pil()
        painted = sheet(LOSS_CELLS, given.weights, photo, style, (fast, "the fast painter"))
        painted.save(HERE / "losses.jpg", quality=85)
    if given.only != "losses":
        with tempfile.TemporaryDirectory() as folder:
            weights, cells = Path(folder), BACKBONE_CELLS
            for file in given.weights.iterdir():
                (weights / file.name).symlink_to(file.resolve())
            if not (weights / find_backbone("resnet50").file).exists():
                untrained(weights, [open_picture(file) for file in sorted(given.photos.glob("kodak_*"))[:4]])
                cells = tuple(
                    Cell(cell.label.replace("50,", "50, untrained,"), cell.recipe, cell.weights) for cell in cells
                )
            painted = sheet(cells, weights, photo, style, (style.to_pil(), "the painting"))
            painted.save(HERE / "backbones.jpg", quality=85)


if __name__ == "__main__":
    main()
