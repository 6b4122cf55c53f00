"""What compact sees of what VGG-19 sees: `python -m benchmarks.compact [--shared DIR] [--weights FILE] [--json FILE]`.

On photos and paintings of DIR that its training did not see, for each layer, beside the slim net of Collaborative
Distillation and compact's own untaught weights:

correlation  Pearson, over all channels of the teacher together, each about its own mean; linear maps from each net's
             channels to the teacher's are fitted by least squares on other pictures, the same for all nets
order        Spearman correlation of the Gram distances between all pairs of pictures with the teacher's distances;
             without maps, as a painter sees them

The teacher is the real VGG-19 up to relu3_4. Above, it is the slim net with its own maps to the full net's channels, so
that its rows there say how well compact copies it, no more.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.judge import SHARED
from stylize.features import VggFeatures
from stylize.losses import gram_matrix
from stylize.training.commands import RECIPES, evenly
from stylize.training.compact import Moments, picture_distances
from stylize.training.compact_lessons import Teachers
from stylize.training.compact_net import LAYERS, Compact
from stylize.training.compact_recipe import CompactRecipe
from stylize.training.data import ENDINGS, load_folders
from stylize.training.watching import centre_squares
from stylize.weights import fingerprint, shipped

SIDE = 256  # px
EACH = 24  # photos, and as many paintings, to measure with; as many others of each to fit the maps with
REAL, SLIM = "vgg19_normalised_conv1_1-conv3_4.safetensors", "vgg19_slim16x_conv1_1-conv5_1.safetensors"
KINDS = {"photos": "content", "paintings": "style"}
Eye = Callable[[Tensor], Mapping[str, Tensor]]
Maps = dict[str, tuple[Tensor, Tensor]]
Table = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class Pictures:
    """(N, 3, SIDE, SIDE) in [0, 1] of each kind: unseen by the training, and to fit maps with."""

    unseen: dict[str, Tensor]
    fitting: Tensor

    @classmethod
    def of(cls, shared: Path, recipe: CompactRecipe) -> Pictures:
        unseen, fitting = {}, []
        for kind, folder in KINDS.items():
            files = (shared / "images" / folder).iterdir()
            names = sorted(path.name for path in files if path.suffix in ENDINGS)
            held = [name for name in names if recipe.holds_out(name)]
            seen = [name for name in names if not recipe.holds_out(name)]
            unseen[kind], used = (_read(shared / "images" / folder, each) for each in (held, seen))
            fitting.append(used)
        return cls(unseen, torch.cat(fitting))


def _read(folder: Path, names: Sequence[str]) -> Tensor:
    chosen = frozenset(names[i] for i in evenly(len(names), EACH))
    return centre_squares(list(load_folders([folder], SIDE, only=chosen).pictures), SIDE)


class Sums:
    """From these follows the correlation of two streams of values (N, C)."""

    def __init__(self) -> None:
        self.count, self.sums = 0, torch.zeros(5, 1, dtype=torch.float64)

    def add(self, a: Tensor, b: Tensor) -> None:
        self.count += len(a)
        self.sums = self.sums + torch.stack([each.sum(0).double() for each in (a, b, a * a, b * b, a * b)])

    def correlation(self) -> float:
        """Covariances and variances are added over the channels, so that it stays the same when both are rotated."""
        x, y, xx, yy, xy = self.sums / self.count
        return float((xy - x * y).sum() / ((xx - x * x).sum() * (yy - y * y).sum()).sqrt())


def rows_of(features: Tensor) -> Tensor:
    """(B H W, C) of (B, C, H, W)."""
    return features.permute(0, 2, 3, 1).flatten(0, 2)


@torch.inference_mode()
def fitted(eyes: Mapping[str, Eye], teacher: Eye, pictures: Tensor) -> dict[str, Maps]:
    """For each net, weight and bias of the least-squares map to the teacher's channels, for each layer."""
    sums: dict[str, dict[str, Moments]] = {net: {} for net in eyes}
    for number, picture in enumerate(torch.split(pictures, 1)):
        theirs = {name: rows_of(features) for name, features in teacher(picture).items()}
        for net, eye in eyes.items():
            for name, features in eye(picture).items():
                now = Moments.of(rows_of(features), theirs[name])
                sums[net].setdefault(name, now).follow(now, 1 / (number + 1))
    return {net: {name: moments.map() for name, moments in layers.items()} for net, layers in sums.items()}


@torch.inference_mode()
def measure(eyes: Mapping[str, Eye], teacher: Eye, pictures: Pictures) -> Table:
    """For each net, a figure for each layer under correlation, by kind of picture, and order."""
    maps = fitted(eyes, teacher, pictures.fitting)
    table: Table = {net: {} for net in eyes}
    grams: dict[str, dict[str, list[Tensor]]] = {net: {name: [] for name in LAYERS} for net in ("teacher", *eyes)}
    for kind, some in pictures.unseen.items():
        sums = {net: {name: Sums() for name in LAYERS} for net in eyes}
        for picture in torch.split(some, 1):
            theirs = teacher(picture)
            for name, features in theirs.items():
                grams["teacher"][name].append(gram_matrix(features))
            for net, eye in eyes.items():
                for name, features in eye(picture).items():
                    grams[net][name].append(gram_matrix(features))
                    sums[net][name].add(F.linear(rows_of(features), *maps[net][name]), rows_of(theirs[name]))
        for net, layers in sums.items():
            table[net][kind] = {name: each.correlation() for name, each in layers.items()}
    apart = {
        net: {name: picture_distances(torch.cat(each)) for name, each in layers.items()}
        for net, layers in grams.items()
    }
    for net in eyes:
        table[net]["order"] = {name: spearman(apart[net][name], apart["teacher"][name]) for name in LAYERS}
    return table


def spearman(a: Tensor, b: Tensor) -> float:
    """Correlation of the ranks of two lists without ties."""
    ranks = [each.argsort().argsort().double().numpy() for each in (a, b)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def describe(table: Table) -> str:
    """Markdown, a row for each layer."""
    heads = [f"{net}, {column}" for net, columns in table.items() for column in columns]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for name in LAYERS:
        cells = [f"{column[name]:.3f}" for columns in table.values() for column in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--weights", type=Path, help="a file instead of the shipped one")
    ask.add_argument("--json", type=Path, default=Path("runs/compact.json"))
    given = ask.parse_args()
    files = [given.shared / "weights" / name for name in (REAL, SLIM)]
    for path in files:
        if not path.exists():
            raise SystemExit(f"Skipped: there is no {path}; give the folder of the weights and pictures with --shared.")
    weights = given.weights or shipped("compact")
    pictures = Pictures.of(given.shared, CompactRecipe.read(RECIPES / "compact.toml"))
    torch.manual_seed(0)
    untaught = Compact()
    untaught.settle(pictures.fitting[::6])
    teacher = Teachers(files, torch.device("cpu"))
    eyes: dict[str, Eye] = {
        "compact": VggFeatures(weights, LAYERS),
        "slim": VggFeatures(files[1], LAYERS),
        "untaught": untaught,
    }
    table = measure(eyes, teacher, pictures)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"weights": fingerprint(weights), "figures": table}, indent=1))
    unseen = ", ".join(f"{len(each)} {kind}" for kind, each in pictures.unseen.items())
    print(f"{unseen} that the training did not see, {SIDE} px; maps fitted on {len(pictures.fitting)} others\n")
    print(describe(table))


if __name__ == "__main__":
    main()
