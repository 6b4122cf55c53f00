"""Descent of a picture's pixels, coarse to fine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.methods.optimise.recipe import OptimiseRecipe, Stage

Objective = Callable[[Tensor], Tensor]
GAIN = 0.75  # of a level of the pyramid, beside the one above it
_CARRIED = {"exp_avg": True, "exp_avg_sq": False, "sum": False}  # of an optimiser's state; True: may be negative


@dataclass(frozen=True)
class Step:
    """After a step: its number in all stages together, from 1 on, the loss before it, the stage, the picture so far."""

    number: int
    loss: float
    stage: Stage
    picture: Callable[[], Tensor]
    last_of_stage: bool


def descend(
    start: Tensor,
    size_of: Callable[[Stage], tuple[int, int]],
    objective_of: Callable[[Stage, tuple[int, int]], Objective],
    recipe: OptimiseRecipe,
) -> Iterator[Step]:
    """The steps of all stages; whoever iterates stops when it likes and takes the picture of the last step.

    start: (1, 3, H, W) in [0, 1], of any size. size_of: height and width of a stage. A new stage begins with the start
    at its size and, enlarged, what the last stage changed of it: the picture alone would have lost the fine lines.
    (From noise there are none to keep, so the picture is enlarged as it is.) For Adam and Adagrad the optimiser's
    moments are enlarged too: fresh ones would make steps of full length everywhere, which is noise. L-BFGS begins anew:
    its memory is of another space.

    What is looked at is clamped to [0, 1]; with ``average`` the picture is the running mean, which takes away the noise
    of Adam's steps. Adam and Adagrad go on from the clamped pixels. L-BFGS goes on from its own, since it compares
    gradients with its steps, and takes a step that was bent afterwards for a curve of the loss: the tutorial's loss
    after 100 steps by pixels at 192 px is 31 so, and 54 when they are clamped after each step, as in the tutorial.
    Without any clamp it finds its minimum among pixels that can't be shown.
    """
    picture, number = start, 0
    carried: dict[str, Tensor] = {}
    for stage in recipe.stages:
        size = size_of(stage)
        pixels = _resized(picture, size)
        if recipe.start != "noise":
            pixels += _resized(start, size) - _resized(_resized(start, picture.shape[2:]), size)
        variables = _Variables(pixels.clamp(0, 1), recipe.pyramid, bent=recipe.optimiser != "lbfgs")
        optimiser = _optimiser(variables.parts, recipe, carried)
        objective = objective_of(stage, size)
        mean = _RunningMean(recipe.average)
        for place in range(stage.steps):
            loss = _advance(optimiser, variables.seen, objective)
            mean.add(variables.shown())
            number += 1
            yield Step(number, loss, stage, lambda m=mean: m.value.clamp(0, 1), place + 1 == stage.steps)  # type: ignore[misc]
        picture, carried = mean.value, _state(optimiser, variables.parts[0])


class _Variables:
    """What descends: the pixels, and with more than one level coarser pictures that are enlarged and added to them.

    Coarse parts change large areas at once, where the gradient by pixels is small; so descent is conditioned better
    (as with the Laplacian pyramid of Kolkin et al. 2022). The tutorial's loss at 128 px after 50 and 100 steps of
    L-BFGS: 90 and 32 with pixels alone; with four levels 34 and 19, and 32 and 18 where each counts for 0.75 of the
    one above. bent: the pixels are clamped after each step.
    """

    def __init__(self, start: Tensor, levels: int, *, bent: bool) -> None:
        self.bent = bent
        sides = [[max(1, side // 2**level) for side in start.shape[2:]] for level in range(1, levels)]
        parts = [start.contiguous(), *(start.new_zeros(1, 3, *size) for size in sides)]  # L-BFGS reads no channels last
        self.parts = [part.requires_grad_() for part in parts]

    def picture(self) -> Tensor:
        pixels, *coarse = self.parts
        size = pixels.shape[2:]
        wide = (GAIN**level * F.interpolate(part, size, mode="bilinear") for level, part in enumerate(coarse, start=1))
        return sum(wide, start=pixels)

    def seen(self) -> Tensor:
        """The picture in [0, 1], for the objective."""
        within: Tensor = _Within.apply(self.picture())
        return within

    @torch.no_grad()
    def shown(self) -> Tensor:
        """The picture in [0, 1] after a step; where pixels are bent, what lay beyond is taken from them."""
        picture = self.picture()
        within = picture.clamp(0, 1)
        if self.bent:
            self.parts[0] += within - picture
        return within


class _Within(torch.autograd.Function):
    """Values clamped to [0, 1]; of one beyond, a gradient counts that leads back, unlike ``torch.clamp``'s."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        ctx.save_for_backward(values)
        return values.clamp(0, 1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        farther = ((values < 0) & (grad > 0)) | ((values > 1) & (grad < 0))
        return grad.masked_fill(farther, 0)


def _advance(optimiser: torch.optim.Optimizer, picture: Callable[[], Tensor], objective: Objective) -> float:
    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = objective(picture())
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    loss: Tensor = optimiser.step(closure)  # type: ignore[assignment, arg-type]
    return float(loss.detach())


def _optimiser(parts: list[Tensor], recipe: OptimiseRecipe, carried: dict[str, Tensor]) -> torch.optim.Optimizer:
    if recipe.optimiser == "lbfgs":
        # One iteration a call, so that every step can be watched; its memory lives on between calls.
        return torch.optim.LBFGS(parts, lr=recipe.rate, max_iter=1, history_size=recipe.history)
    kind = torch.optim.Adam if recipe.optimiser == "adam" else torch.optim.Adagrad
    (pixels,) = parts
    optimiser: torch.optim.Optimizer = kind(parts, lr=recipe.rate)
    if carried:
        state = {
            name: _resized(value, pixels.shape[2:]) if value.ndim == 4 else value for name, value in carried.items()
        }
        for name in state.keys() & _CARRIED.keys():
            if not _CARRIED[name]:
                state[name] = state[name].clamp_min(0)
        optimiser.state[pixels] = state
    return optimiser


def _state(optimiser: torch.optim.Optimizer, pixels: Tensor) -> dict[str, Tensor]:
    return {} if isinstance(optimiser, torch.optim.LBFGS) else dict(optimiser.state[pixels])


def _resized(x: Tensor, size: Sequence[int]) -> Tensor:
    if tuple(x.shape[2:]) == tuple(size):
        return x.clone()
    smaller = size[0] < x.shape[2]
    return F.interpolate(x, tuple(size), mode="bicubic", antialias=smaller)


class _RunningMean:
    """An exponential running mean without the pull of its beginning (as Adam corrects its moments)."""

    def __init__(self, decay: float) -> None:
        self._decay, self._sum, self._weight = decay, torch.zeros(()), 0.0

    def add(self, value: Tensor) -> None:
        self._sum = self._sum * self._decay + (1 - self._decay) * value
        self._weight = self._weight * self._decay + (1 - self._decay)

    @property
    def value(self) -> Tensor:
        return self._sum / self._weight
