"""Seconds and memory of a step of optimisation: `python -m benchmarks.backbones [--weights-dir DIR] [--json FILE]`.

For each backbone and size a process of its own paints a few steps with Adam by the backbone's default layers, so that
peaks don't mix. Weights that lie neither in DIR nor in torch's cache are replaced by random ones of the same shape,
which take the same time and memory. Beside the measured memory stands what was predicted before the start. Linux only.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import torch
from torchvision import models

from benchmarks.photo import make_photo
from stylize import Options, Progress
from stylize.devices import choose_precision
from stylize.features import BACKBONES, find_backbone, local_weights
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise import Optimise, OptimiseRecipe
from stylize.methods.optimise.recipe import Stage

SIZES = (256, 512, 1024)
STEPS = 5
RESULTS = Path(__file__).parent / "results/backbones.json"
CPU = torch.device("cpu")


def measure(name: str, size: int, threads: int, precision: torch.dtype, weights: Path | None) -> dict[str, float]:
    """Median seconds of a step after the first, MB above those of the loaded nets, and the MB that were predicted."""
    torch.set_num_threads(threads)
    recipe = OptimiseRecipe(
        backbone=name,
        style_loss="gram" if name == "resnet50" else "wasserstein",
        smoothed=name == "resnet50",
        start="photo",
        stages=(Stage(1.0, STEPS),),
    )
    method = Optimise(CPU, recipe, Adaptive(CPU, precision), weights, precision)
    photo = make_photo(size, size)
    code = method.prepare([make_photo(128, 128)])
    predicted = method.memory_for((size, size))
    before = psutil.Process().memory_info().rss
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew; Linux only
    moments = [time.perf_counter()]

    def watch(progress: Progress) -> bool:
        moments.append(time.perf_counter())
        return True

    method.paint([photo], code, Options(working_size=size), watch)
    taken = [b - a for a, b in itertools.pairwise(moments)][1:]
    status = Path("/proc/self/status").read_text().splitlines()
    peak = 1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    return {"seconds": statistics.median(taken), "mb": (peak - before) / 1e6, "predicted_mb": predicted / 1e6}


def stand_in(name: str, folder: Path) -> None:
    """Random weights under the file name that the backbone's real ones have."""
    torch.manual_seed(0)
    state = getattr(models, name)(weights=None).state_dict()
    kept = {key: value for key, value in state.items() if not key.startswith(("classifier", "fc"))}
    torch.save(kept, folder / find_backbone(name).file)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--weights-dir", type=Path)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    ask.add_argument("--one", nargs=2, metavar=("BACKBONE", "SIZE"), help="only this one, as JSON")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    if given.one:
        chosen = choose_precision(CPU) if given.precision == "auto" else getattr(torch, given.precision)
        print(json.dumps(measure(given.one[0], int(given.one[1]), given.threads, chosen, given.weights_dir)))
        return
    print("| | " + " | ".join(f"{size} px, s | s per megapixel | MB | predicted" for size in SIZES) + " |")
    print("|---" * (4 * len(SIZES) + 1) + "|")
    table: dict[str, dict[int, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in BACKBONES:
            weights = given.weights_dir
            if local_weights(find_backbone(name), weights) is None:
                stand_in(name, Path(folder))
                weights = Path(folder)
            table[name] = {size: _apart(name, size, given, weights) for size in SIZES}
            cells = [
                f"{found['seconds']:.3f} | {found['seconds'] / size**2 * 1e6:.2f} | {found['mb']:.0f} | "
                f"{found['predicted_mb']:.0f}"
                for size, found in table[name].items()
            ]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"threads": given.threads, "steps": table}, indent=1) + "\n")


def _apart(name: str, size: int, given: argparse.Namespace, weights: Path | None) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.backbones", "--one", name, str(size)]
    command += ["--threads", str(given.threads), "--precision", given.precision]
    command += ["--weights-dir", str(weights)] if weights else []
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


if __name__ == "__main__":
    main()
