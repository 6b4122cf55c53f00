"""How long a descent will take, before it starts."""

import time
from collections.abc import Callable

import torch
from torch import Tensor

from stylize.methods.optimise.recipe import OptimiseRecipe
from stylize.request import Pace

SIDES = (128, 320)  # px of the two pictures that a step is timed on
TRIES = 3  # the shortest counts: whatever disturbs, adds


def pace_of(
    step: Callable[[Tensor], Tensor],
    recipe: OptimiseRecipe,
    device: torch.device,
    clock: Callable[[], float] = time.perf_counter,
) -> Pace:
    """step: gives the loss of a picture (1, 3, H, W). A step costs a part for any picture and one for each pixel."""
    small, large = (_seconds(step, torch.rand(1, 3, side, side).to(device), clock) for side in SIDES)
    per_pixel = max(0.0, (large - small) / (SIDES[1] ** 2 - SIDES[0] ** 2))
    fixed = max(0.0, small - per_pixel * SIDES[0] ** 2)
    steps = sum(stage.steps for stage in recipe.stages)
    pixels = sum(stage.steps * stage.scale**2 for stage in recipe.stages)
    return Pace(steps * fixed, 1e6 * pixels * per_pixel, recipe.side)


def _seconds(step: Callable[[Tensor], Tensor], picture: Tensor, clock: Callable[[], float]) -> float:
    taken = []
    for _ in range(TRIES + 1):
        began = clock()
        pixels = picture.clone().requires_grad_()
        step(pixels).backward()  # type: ignore[no-untyped-call]
        assert pixels.grad is not None
        pixels.grad.sum().item()  # a GPU has finished only then
        taken.append(clock() - began)
    return min(taken[1:])  # the first one chooses kernels
