"""The optimiser that levels the steps of matrices and kernels."""

import copy
import math

import pytest
import torch
from torch import Tensor, nn

from stylize.training.optimiser import MuonAndAdamW, Share

RATE, HALF = 1e-2, 0.5


def small_net() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(16, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 20)).to(
        memory_format=torch.channels_last  # type: ignore[call-overload]
    )


def learn(net: nn.Module, optimiser: MuonAndAdamW, steps: range) -> None:
    for step in steps:
        torch.manual_seed(step)
        net(torch.randn(256, 16, 3, 3)).square().mean().backward()
        optimiser.step(RATE)
        optimiser.clear()


def moved(net: nn.Module, before: nn.Module) -> dict[str, Tensor]:
    return {
        name: (now - then).detach()
        for (name, now), then in zip(net.named_parameters(), before.parameters(), strict=True)
    }


def test_all_directions_of_kernels_and_matrices_move_equally_far() -> None:
    net = small_net()
    before = copy.deepcopy(net)
    learn(net, MuonAndAdamW([Share(list(net.parameters()), HALF)]), range(1))
    steps = moved(net, before)
    for name, rows, columns in (("0.weight", 32, 144), ("3.weight", 20, 32)):
        lengths = torch.linalg.svdvals(steps[name].flatten(1)) / (HALF * RATE * 0.2 * math.sqrt(max(rows, columns)))
        assert lengths.shape == (min(rows, columns),)
        # Muon's polynomial levels singular values to about one, a gradient's own lie apart by orders.
        assert lengths.min() > 0.5
        assert lengths.max() < 1.3
    for name in ("0.bias", "3.bias"):  # AdamW's first step is the rate along the gradient's sign
        assert torch.allclose(steps[name].abs(), torch.full_like(steps[name], HALF * RATE), rtol=0.02)


def test_frozen_weights_stay() -> None:
    net = small_net()
    net[0].requires_grad_(False)
    before = copy.deepcopy(net)
    learn(net, MuonAndAdamW([Share(list(net.parameters()), 1.0)]), range(2))
    steps = moved(net, before)
    assert not steps["0.weight"].any()
    assert not steps["0.bias"].any()
    assert steps["3.weight"].any()


def test_it_goes_on_from_its_state_as_if_never_stopped() -> None:
    whole = small_net()
    learn(whole, MuonAndAdamW([Share(list(whole.parameters()), 1.0)]), range(4))

    stopped = small_net()
    first = MuonAndAdamW([Share(list(stopped.parameters()), 1.0)])
    learn(stopped, first, range(2))
    again = MuonAndAdamW([Share(list(stopped.parameters()), 1.0)])
    again.load_state_dict(copy.deepcopy(first.state_dict()))
    learn(stopped, again, range(2, 4))

    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), stopped.parameters(), strict=True))


def test_a_kernel_that_cannot_be_seen_as_rows_is_refused() -> None:
    with pytest.raises(RuntimeError, match="view"):
        MuonAndAdamW([Share(list(nn.Conv2d(16, 32, 3).parameters()), 1.0)])
