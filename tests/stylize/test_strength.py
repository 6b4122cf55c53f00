"""Less than full strength, restated: fine detail comes back in proportion, the rest by the square."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.strength import CELL, soften


@pytest.fixture
def photo() -> Tensor:
    return torch.rand(3, 48, 60, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def painted() -> Tensor:
    return torch.rand(3, 48, 60, generator=torch.Generator().manual_seed(1)) * 0.6 + 0.2


@pytest.mark.parametrize(("strength", "scale"), [(0.2, 1.0), (0.7, 1.0), (0.7, 2.0)])
def test_the_formula(painted: Tensor, photo: Tensor, strength: float, scale: float) -> None:
    cell, missing = round(CELL * scale), 1 - strength
    difference = photo - painted
    means = difference.unflatten(2, (-1, cell)).unflatten(1, (-1, cell)).mean((2, 4))
    coarse = F.interpolate(means[None], scale_factor=cell, mode="bilinear")[0]
    expected = painted + missing * (difference - coarse) + missing**2 * coarse
    torch.testing.assert_close(soften(painted, photo, strength, scale), expected.clamp(0, 1))


def test_the_ends(painted: Tensor, photo: Tensor) -> None:
    torch.testing.assert_close(soften(painted, photo, 0), photo)
    for strength in (1.0, 1.5):
        assert torch.equal(soften(painted, photo, strength), painted)


def test_it_changes_in_even_steps(painted: Tensor, photo: Tensor) -> None:
    found = [soften(painted, photo, step / 20) for step in range(21)]
    distances = [float((each - photo).abs().mean()) for each in found]
    assert distances == sorted(distances)
    steps = [float((b - a).abs().mean()) for a, b in itertools.pairwise(found)]
    assert max(steps) < 2.5 * distances[-1] / 20
    assert min(steps) > 0.4 * distances[-1] / 20


def test_inputs_stay_as_they_are(painted: Tensor, photo: Tensor) -> None:
    copies = painted.clone(), photo.clone()
    soften(painted, photo, 0.5)
    assert torch.equal(painted, copies[0])
    assert torch.equal(photo, copies[1])
