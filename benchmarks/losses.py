"""The three style losses and two nets beside the fast painter: `python -m benchmarks.losses [--shared DIR]`.

Paints every n-th pair of DIR/pairs.csv at short side 512 with the recipe finest, changed in the style loss and in the
net, and judges as `benchmarks.quality` does. The real VGG-19 ends at conv3_4 where it is partial, so its recipes stop
at relu3_1. Optimisation wins the metric that it optimises: the judge's columns are moments of VGG features too, and its
content column is a layer of the very net that the VGG-19 recipes see.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import torch

from benchmarks.curves import mean
from benchmarks.judge import COLUMNS, SHARED, Judge, Row
from benchmarks.quality import paint
from stylize import Engine, encode_picture
from stylize.methods.optimise.recipe import RECIPES

REAL = "vgg19_normalised_conv1_1-conv3_4.safetensors"
LOSSES = ("gram", "wasserstein", "nearest")
PARTIAL = """backbone = "vgg19"
style_layers = ["relu1_1", "relu2_1", "relu3_1"]
style_weights = [0.33, 0.33, 0.33]
"""
RESULTS = Path(__file__).parent / "results/losses.json"


def recipe_text(net: str, loss: str) -> str:
    """The recipe finest as TOML, with this loss, through compact or through the real net up to relu3_1."""
    text = (RECIPES / "finest.toml").read_text(encoding="utf-8") + f'style_loss = "{loss}"\n'
    if net == "vgg19":
        text = text.replace('"relu3_1", "relu4_1"', '"relu3_1"').replace("[0.5, 0.5]", "[1.0]") + PARTIAL
    return text


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--every", type=int, default=12)
    ask.add_argument("--size", type=int, help="long side; by default that of short side 512")
    ask.add_argument("--nets", nargs="+", default=["compact", "vgg19"])
    ask.add_argument("--losses", nargs="+", default=LOSSES)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--keep", type=Path, help="a folder for the pictures")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    torch.set_num_threads(given.threads)
    judge = Judge(given.shared)
    pairs = judge.pairs[:: given.every]
    size = {"size": given.size} if given.size else {}
    rows: dict[str, list[Row]] = {}
    print(f"| {len(pairs)} pairs | " + " | ".join([*COLUMNS, "seconds"]) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    with tempfile.TemporaryDirectory() as folder:
        wishes: dict[str, tuple[str, dict[str, str]]] = {"the fast painter": ("compact", {})}
        for net in given.nets:
            for loss in given.losses:
                file = Path(folder) / f"{net}-{loss}.toml"
                file.write_text(recipe_text(net, loss), encoding="utf-8")
                wishes[f"{net}, {loss}"] = net, {"method": "optimise", "recipe": str(file)}
        engines = {
            "compact": Engine("cpu"),
            "vgg19": Engine("cpu", weights_dir=given.shared / "weights" / REAL),
        }
        for label, (net, chosen) in wishes.items():
            found: list[Row] = []
            for pair in pairs:
                result = paint(engines[net], pair, {**chosen, **size})
                found.append(judge.score(result.picture, pair) | {"seconds": result.seconds})
                if given.keep:
                    given.keep.mkdir(parents=True, exist_ok=True)
                    name = f"{pair.name}__{label.replace(', ', '-').replace(' ', '-')}.png"
                    (given.keep / name).write_bytes(encode_picture(result.picture, "png"))
            rows[label] = found
            cells = [f"{mean(found, column):.3f}" for column in COLUMNS]
            print(f"| {label} | " + " | ".join([*cells, f"{mean(found, 'seconds'):.0f}"]) + " |", flush=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"pairs": [pair.name for pair in pairs], "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
