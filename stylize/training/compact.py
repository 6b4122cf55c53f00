"""Training of `compact`, which is taught to see what VGG-19 sees.

Feature distillation: linear maps, which only the training has, tell the teacher's channels from the student's, layer by
layer. Only the student ships.
"""

import copy
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from stylize.errors import WeightsError
from stylize.losses import Statistics, gram_distance, moment_distance, spatial_moments
from stylize.training.compact_lessons import Aim, Lesson, Teachers, values_at
from stylize.training.compact_net import Compact
from stylize.training.compact_recipe import CompactRecipe
from stylize.training.data import Sampler


@dataclass
class Moments:
    """Second moments of the student's features, followed by 1, with themselves and with the teacher's.

    power: (K + 1, K + 1), cross: (K + 1, C); float64.
    """

    power: Tensor
    cross: Tensor

    @classmethod
    def of(cls, rows: Tensor, values: Tensor) -> "Moments":
        """rows: (N, K), values: (N, C)."""
        x = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)
        return cls((x.T @ x / len(x)).double(), (x.T @ values / len(x)).double())

    def follow(self, newer: "Moments", share: float) -> None:
        """Forgets a share of the old moments for the newer ones."""
        self.power.lerp_(newer.power, share)
        self.cross.lerp_(newer.cross, share)

    def map(self) -> tuple[Tensor, Tensor]:
        """The linear map of least squares, weight (C, K) and bias (C,), float32.

        A hundred-thousandth of the mean power is added as ridge, so that dead channels do no harm.
        """
        ridge = 1e-5 * self.power.diagonal().mean() * torch.eye(len(self.power)).to(self.power)
        affine = torch.linalg.solve(self.power + ridge, self.cross).T.float()
        return affine[:, :-1].contiguous(), affine[:, -1].contiguous()


def mapped_moments(mean: Tensor, gram: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (B, C) and Gram matrix (B, C, C) of W x + b, from those of x, (B, K) and (B, K, K).

    With A = [W b] and H the Gram matrix of x followed by 1, E[(Wx + b)(Wx + b)^T] = A H A^T.
    """
    one = torch.ones_like(mean[:, :1])
    longer = torch.cat([mean, one], dim=1)
    both = torch.cat([torch.cat([gram, mean[:, :, None]], dim=2), longer[:, None]], dim=1)
    affine = torch.cat([weight, bias[:, None]], dim=1)
    return longer @ affine.T, affine @ both @ affine.T


def picture_distances(gram: Tensor) -> Tensor:
    """Frobenius distances of the Gram matrices (B, C, C) of all pairs of pictures, divided by C; (B (B - 1) / 2,)."""
    return F.pdist(gram.flatten(1)) / gram.shape[1]


def _statistics(mean: Tensor, gram: Tensor) -> Statistics:
    power = gram.diagonal(dim1=1, dim2=2)
    return Statistics(mean, (torch.maximum(power - mean.square(), 1e-3 * power.abs()) + 1e-6).sqrt(), gram)


def layer_losses(features: Tensor, aim: Aim, rows: Tensor, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    """Three errors of the student's features (B, K, H, W), as numbers.

    rows: the features at the places of the aim; weight, bias: the map to the teacher's channels.

    features: squared error of the mapped features over the variance of the teacher's, which is 1 - R^2.
    statistics: of the mapped features' means, standard deviations and Gram matrices, relative to the teacher's.
    relations: squared ratio, as logarithm, of the Gram distances between the pictures of the batch to the teacher's;
    without a map, since the painter has none
    (distance-wise relational distillation, Park et al. 2019, with Gram matrices for the embedding).
    """
    mapped = F.linear(rows, weight, bias)
    spread = (aim.values - aim.values.mean((0, 1))).square().sum()
    mean, gram = spatial_moments(features)
    ours, theirs = _statistics(*mapped_moments(mean, gram, weight, bias)), _statistics(aim.mean, aim.gram)
    near, far = picture_distances(gram), picture_distances(aim.gram)
    return {
        "features": (mapped - aim.values).square().sum() / spread,
        "statistics": (moment_distance(ours, theirs) + gram_distance(ours, theirs)).mean(),
        # Of the logarithms: crops with noise have distances that would drown all others.
        "relations": ((near + 1e-4).log() - (far + 1e-4).log()).square().mean(),
    }


def step_losses(
    net: Compact, moments: dict[str, Moments], share: float, pictures: Tensor, aims: dict[str, Aim]
) -> dict[str, Tensor]:
    """Means over LAYERS of the losses of one batch (B, 3, S, S), and the first of them for each layer, by its name.

    The maps are not learned but solved from the moments, which follow the batch by ``share``: where a map is the best
    one, it does not matter for the gradient that the map depends on the features too.
    """
    found: dict[str, dict[str, Tensor]] = {}
    for name, features in net(pictures).items():
        wide, aim = features.float(), aims[name]
        rows = values_at(wide, aim.places)
        now = Moments.of(rows.detach().flatten(0, 1), aim.values.flatten(0, 1))
        moments.setdefault(name, now).follow(now, share)
        found[name] = layer_losses(wide, aim, rows, *moments[name].map())
    kinds = ("features", "statistics", "relations")
    means = {kind: torch.stack([losses[kind] for losses in found.values()]).mean() for kind in kinds}
    return means | {name: losses["features"].detach() for name, losses in found.items()}


@dataclass
class State:
    """Everything that a run needs to go on where it was stopped."""

    net: Compact
    average: Compact
    moments: dict[str, Moments]
    optimiser: torch.optim.Optimizer
    step: int = 0

    @classmethod
    def start(cls, recipe: CompactRecipe, lesson: Lesson, device: torch.device, weights: Path | None = None) -> "State":
        """A fresh net, or that of a weights file, as the file has it; the lesson shows pictures to settle on."""
        torch.manual_seed(recipe.seed)
        net = Compact()
        if weights:
            try:
                net.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
            except Exception as error:  # safetensors and torch raise many kinds
                raise WeightsError(f"{weights} holds no weights of this net to begin with.") from error
        net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if not weights:
            net.settle(lesson.pictures[: recipe.batch])
        groups = [
            {"params": list(each.parameters()), "share": (2 / (9 * each.in_channels)) ** 0.5}
            for each in net.features.children()
            if isinstance(each, nn.Conv2d)
        ]
        optimiser = torch.optim.Adam(groups, lr=recipe.rate, betas=(0.9, 0.99))
        return cls(net, copy.deepcopy(net).requires_grad_(False), {}, optimiser)

    def save(self, path: Path) -> None:
        """Written beside and renamed, so that a crash leaves the last good file."""
        parts: dict[str, Any] = {name: getattr(self, name).state_dict() for name in ("net", "average", "optimiser")}
        parts["moments"] = {name: (each.power, each.cross) for name, each in self.moments.items()}
        fresh = path.with_suffix(".part")
        torch.save(parts | {"step": self.step}, fresh)
        fresh.replace(path)

    def load(self, path: Path) -> None:
        """Raises WeightsError for a file that is damaged or of another net."""
        try:
            saved = torch.load(path, map_location="cpu", weights_only=True)
            for name in ("net", "average", "optimiser"):
                getattr(self, name).load_state_dict(saved[name])
            self.moments = {name: Moments(*each) for name, each in saved["moments"].items()}
            self.step = saved["step"]
        except Exception as error:  # unpickling raises whatever damaged bytes lead it to
            raise WeightsError(
                f"The checkpoint {path} is damaged or of another version. Move it away, or choose another run folder."
            ) from error


def rate_at(step: int, recipe: CompactRecipe) -> float:
    """Warm-up, then linearly down to 1 %."""
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * (1 - 0.99 * step / recipe.steps)


def train(
    sampler: Sampler,
    teachers: Teachers,
    recipe: CompactRecipe,
    folder: Path,
    device: torch.device,
    *,
    start: Path | None = None,
    report: Callable[[dict[str, float]], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    keep_every: int = 500,
) -> State:
    """Runs the recipe, from the checkpoint in ``folder`` where there is one; returns the last state.

    All random choices follow from the recipe's seed and the step's number, and a lesson that a stop cut through is
    taught again: a run that was stopped and resumed computes what one without a break does, bit for bit on a CPU.

    start: weights to begin with instead of random ones. report gets step, seconds per step and the mean of each loss
    since the last report, every 50 steps. stop is asked after each step; True ends the run there, with a checkpoint,
    which is also kept every ``keep_every`` steps.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    per_pass = recipe.lesson // recipe.batch
    number, lesson = 0, Lesson.number(0, sampler, teachers, recipe, device)
    state = State.start(recipe, lesson, device, start)
    if checkpoint.exists():
        state.load(checkpoint)
    sums: dict[str, float] = {}
    summed, began = 0, time.perf_counter()
    while state.step < recipe.steps:
        wanted, within = divmod(state.step, per_pass * recipe.passes)
        if wanted != number:
            number, lesson = wanted, Lesson.number(wanted, sampler, teachers, recipe, device)
        chosen = lesson.order(within // per_pass, recipe, number)[within % per_pass].to(device)
        for group in state.optimiser.param_groups:
            group["lr"] = group["share"] * rate_at(state.step, recipe)
        with torch.autocast(device.type, teachers.precision, enabled=teachers.precision != torch.float32):
            aims = {name: aim[chosen] for name, aim in lesson.aims.items()}
            losses = step_losses(state.net, state.moments, recipe.renewal, lesson.pictures[chosen], aims)
        total = losses["features"] + recipe.statistics * losses["statistics"] + recipe.relations * losses["relations"]
        total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(state.net.parameters(), recipe.clip)
        if torch.isfinite(norm):
            state.optimiser.step()
        state.optimiser.zero_grad(set_to_none=True)
        decay = min(recipe.average, (state.step + 1) / (state.step + 10))
        with torch.no_grad():
            for slow, fast in zip(state.average.parameters(), state.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        state.step += 1

        summed += 1
        for name, value in {"total": total, **losses}.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        if state.step % 50 == 0:
            means = {name: value / summed for name, value in sums.items()}
            line = {"step": float(state.step), "seconds": (time.perf_counter() - began) / summed} | means
            with (folder / "losses.jsonl").open("a") as log:
                log.write(json.dumps({k: round(v, 5) for k, v in line.items()}) + "\n")
            if report:
                report(line)
            sums, summed, began = {}, 0, time.perf_counter()
        stopped = stop()
        if stopped or state.step % keep_every == 0 or state.step == recipe.steps:
            state.save(checkpoint)
        if stopped:
            break
    return state


def export(state: State, path: Path) -> Path:
    """The averaged weights, float16, with torchvision's key names."""
    save_file({name: value.half().contiguous() for name, value in state.average.state_dict().items()}, path)
    return path
