"""What a descent will need of memory, before it starts."""

from collections.abc import Callable

import torch
from torch import Tensor

from stylize.methods.optimise.recipe import OptimiseRecipe

SIDES = (96, 160)  # px of the two pictures that the need is measured on; what does not grow with them cancels out
TRANSIENT = 1.6  # of what the gradient keeps: gradients on their way, padded maps, the kernels' own room
STATES = {"lbfgs": 6, "adam": 8, "adagrad": 7}  # pictures in float32 that an optimiser and its iterates hold
SHARE = 0.7  # of the free memory that a painting may take: other processes live too


def bytes_per_pixel(step: Callable[[Tensor], Tensor], device: torch.device, recipe: OptimiseRecipe) -> float:
    """Bytes that one pixel costs while a picture descends.

    step: gives the loss of a picture (1, 3, H, W). Counts what autograd keeps for the gradient (exact for any net,
    layer and precision) on two small pictures, and takes the growth between them. L-BFGS remembers two pictures for
    each step beside that.
    """
    kept = [_kept_by(step, torch.full((1, 3, side, side), 0.5, device=device)) for side in SIDES]
    growth = (kept[1] - kept[0]) / (SIDES[1] ** 2 - SIDES[0] ** 2)
    remembered = (
        2 * min(recipe.history, max(stage.steps for stage in recipe.stages)) if recipe.optimiser == "lbfgs" else 0
    )
    return TRANSIENT * growth + (STATES[recipe.optimiser] + remembered) * 3 * 4


def _kept_by(step: Callable[[Tensor], Tensor], picture: Tensor) -> int:
    storages: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        step(picture.requires_grad_())
    return sum(storages.values())
