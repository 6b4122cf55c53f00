"""Muon for the matrices and kernels of a net and AdamW for the rest of its weights, as one optimiser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

LEAST = 16  # rows and columns: less is no matrix whose directions are worth levelling


@dataclass(frozen=True)
class Share:
    """Weights that learn at a share of the rate."""

    weights: Sequence[nn.Parameter]
    share: float


class MuonAndAdamW:
    """Steps that go equally far in all directions of a matrix (Muon: Jordan et al. 2024), for convolutions too.

    torch's Muon takes matrices only. A kernel (O, I, H, W) counts as one of O rows and H W I columns: a view of the
    same memory, so kernels must be channels-last; torch raises RuntimeError for others. The steps are as long as
    AdamW's (Liu et al. 2025), so that one rate serves both. Biases and small matrices go to AdamW.
    """

    def __init__(self, shares: Sequence[Share]) -> None:
        self._views: list[tuple[nn.Parameter, nn.Parameter]] = []
        of_muon, of_adam = [], []
        for each in shares:
            trained = [weight for weight in each.weights if weight.requires_grad]
            large = [weight for weight in trained if _is_large(weight)]
            views = [nn.Parameter(_rows(weight.detach()).view(len(weight), -1)) for weight in large]
            self._views += zip(large, views, strict=True)
            of_muon.append({"params": views, "share": each.share})
            of_adam.append({"params": [weight for weight in trained if not _is_large(weight)], "share": each.share})
        self._muon = torch.optim.Muon(of_muon, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
        self._adam = torch.optim.AdamW(of_adam, betas=(0.9, 0.99), weight_decay=1e-4)

    def step(self, rate: float) -> None:
        """One step by the gradients of the weights."""
        for group in (*self._muon.param_groups, *self._adam.param_groups):
            group["lr"] = group["share"] * rate
        for weight, view in self._views:
            view.grad = None if weight.grad is None else _rows(weight.grad).reshape(len(weight), -1)
        self._muon.step()  # type: ignore[no-untyped-call]
        self._adam.step()

    def clear(self) -> None:
        """Forgets the gradients."""
        for weight, view in self._views:
            weight.grad = view.grad = None
        self._adam.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])


def _is_large(weight: Tensor) -> bool:
    return weight.ndim >= 2 and min(weight.shape[0], weight[0].numel()) >= LEAST


def _rows(weight: Tensor) -> Tensor:
    return weight.permute(0, 2, 3, 1) if weight.ndim == 4 else weight
