"""The PyTorch tutorial's optimisation, written plainly, against ours: `python -m benchmarks.tutorial [--shared DIR]`.

The tutorial (pytorch.org, "Neural transfer using PyTorch"): VGG-19, style conv_1 to conv_5, content conv_4, weights 1e6
and 1, L-BFGS as torch has it, 300 evaluations, from the photo. Both descend the same loss at the same size with the
same weights; every picture of both is judged by the tutorial's own code, off the clock, and what counts is the time
until ours reaches the lowest loss that the tutorial had. (Its last may be any: L-BFGS without a line search leaps now
and then, and one run ended at 444 after 17.) One process, one run, the same threads.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from benchmarks.judge import SHARED
from stylize import Options, Picture, Progress, open_picture
from stylize.devices import choose_precision
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise import Optimise, OptimiseRecipe
from stylize.tensors import to_tensor

WEIGHTS = "vgg19_normalised_conv1_1-conv3_4.safetensors"
PHOTO, STYLE = "images/large/kodak_kodim19.jpg", "images/presets/vincent_van_gogh-the_starry_night.jpg"
EVALUATIONS = 300
RESULTS = Path(__file__).parent / "results/tutorial.json"
CPU = torch.device("cpu")


@dataclass
class Run:
    """Seconds and losses on the way; seconds don't count the judging."""

    name: str
    seconds: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    @property
    def lowest(self) -> tuple[float, float]:
        """The lowest loss, and the seconds until it was there."""
        return min(zip(self.losses, self.seconds, strict=True))

    def time_to(self, loss: float) -> float | None:
        """Seconds until a loss this low; None where it never was."""
        return next((at for at, found in zip(self.seconds, self.losses, strict=True) if found <= loss), None)


class Tutorial:
    """The loss as the tutorial has it: a chain of convolutions with zero padding, losses read off on the way."""

    def __init__(self, weights: Path, photo: Tensor, style: Tensor) -> None:
        state = load_file(weights)
        self.convolutions = [
            (state[f"features.{index}.weight"].float(), state[f"features.{index}.bias"].float())
            for index in (0, 2, 5, 7, 10)
        ]
        self.mean = torch.tensor([0.485, 0.456, 0.406]).view(-1, 1, 1)
        self.sd = torch.tensor([0.229, 0.224, 0.225]).view(-1, 1, 1)
        with torch.no_grad():
            self.grams = [self.gram(x) for x in self.maps(style)]
            self.content = self.maps(photo)[3]

    def maps(self, picture: Tensor) -> list[Tensor]:
        x, found = (picture - self.mean) / self.sd, []
        for place, (weight, bias) in enumerate(self.convolutions):
            if place:
                x = F.relu(x)
            if place in (2, 4):
                x = F.max_pool2d(x, 2)
            x = F.conv2d(x, weight, bias, padding=1)
            found.append(x)
        return found

    @staticmethod
    def gram(x: Tensor) -> Tensor:
        a, b, c, d = x.size()
        rows = x.view(a * b, c * d)
        return torch.mm(rows, rows.t()).div(a * b * c * d)

    def __call__(self, picture: Tensor) -> Tensor:
        maps = self.maps(picture)
        style = sum(F.mse_loss(self.gram(x), gram) for x, gram in zip(maps, self.grams, strict=True))
        return 1e6 * style + F.mse_loss(maps[3], self.content)


def run_tutorial(loss_of: Tutorial, photo: Tensor) -> Run:
    run, picture = Run("the tutorial"), photo.clone(memory_format=torch.contiguous_format).requires_grad_()
    optimiser = torch.optim.LBFGS([picture])
    began = time.perf_counter()
    while len(run.losses) < EVALUATIONS:

        def closure() -> Tensor:
            with torch.no_grad():
                picture.clamp_(0, 1)
            optimiser.zero_grad()
            loss = loss_of(picture)
            loss.backward()  # type: ignore[no-untyped-call]
            run.losses.append(float(loss.detach()))
            run.seconds.append(time.perf_counter() - began)
            return loss

        optimiser.step(closure)  # type: ignore[no-untyped-call]
    return run


def run_ours(name: str, recipe: OptimiseRecipe, weights: Path, photo: Picture, style: Picture, judge: Judge) -> Run:
    run, away = Run(name), 0.0
    began = time.perf_counter()
    method = Optimise(CPU, recipe, Adaptive(CPU, torch.float32), weights, choose_precision(CPU))

    def watch(progress: Progress) -> bool:
        nonlocal away
        if progress.preview is None:
            return True
        now = time.perf_counter()
        if progress.preview.size == photo.size:
            run.seconds.append(now - began - away)
            run.losses.append(judge(to_tensor(progress.preview)[None]))
        away += time.perf_counter() - now
        return True

    method.paint([photo], method.prepare([style]), Options(preview_every=5), watch)
    return run


Judge = Callable[[Tensor], float]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--recipes", nargs="+", default=["tutorial-fast"])
    ask.add_argument("--size", type=int, default=512)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    torch.set_num_threads(given.threads)
    weights = given.shared / "weights" / WEIGHTS
    if not weights.exists():
        raise SystemExit(f"Skipped: there is no {weights}; give the folder of weights and pictures with --shared.")
    photo = _square(open_picture(given.shared / PHOTO), given.size)
    style = _square(open_picture(given.shared / STYLE), given.size)
    loss_of = Tutorial(weights, to_tensor(photo)[None], to_tensor(style)[None])

    @torch.no_grad()
    def judge(picture: Tensor) -> float:
        return float(loss_of(picture))

    tutorial = run_tutorial(loss_of, to_tensor(photo)[None])
    aim, there = tutorial.lowest
    print(f"start {tutorial.losses[0]:.4g}, of {tutorial.seconds[-1]:.1f} s in all", flush=True)
    print(f"the tutorial: loss {aim:.4g} after {there:.1f} s", flush=True)
    runs = [tutorial]
    for name in given.recipes:
        run = run_ours(name, OptimiseRecipe.named(name), weights, photo, style, judge)
        runs.append(run)
        reached = run.time_to(aim)
        shown = "never" if reached is None else f"{reached:.1f} s, {reached / there:.2f} of its time"
        print(f"{name}: loss {run.losses[-1]:.4g} after {run.seconds[-1]:.1f} s; there: {shown}", flush=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"size": given.size, "runs": [vars(run) for run in runs]}, indent=1) + "\n")


def _square(picture: Picture, side: int) -> Picture:
    """Its middle, as the tutorial's two pictures are of one size."""
    short = min(picture.size)
    left, top = (picture.width - short) // 2, (picture.height - short) // 2
    return Picture(picture.pixels[top : top + short, left : left + short].copy()).resized(side)


if __name__ == "__main__":
    main()
