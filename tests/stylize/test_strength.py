"""Less than full strength, restated: fine detail comes back in proportion, the rest by the square."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.strength import RADIUS, soften


@pytest.fixture
def photo() -> Tensor:
    return torch.rand(3, 48, 60, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def painted() -> Tensor:
    return torch.rand(3, 48, 60, generator=torch.Generator().manual_seed(1)) * 0.6 + 0.2


@pytest.mark.parametrize(("strength", "scale"), [(0.2, 1.0), (0.7, 1.0), (0.7, 2.0)])
def test_the_formula(painted: Tensor, photo: Tensor, strength: float, scale: float) -> None:
    radius, missing = round(RADIUS * scale), 1 - strength
    box = torch.full((3, 1, 2 * radius + 1, 2 * radius + 1), (2 * radius + 1) ** -2.0)
    difference = photo - painted
    coarse = F.conv2d(F.conv2d(difference, box, groups=3), box, groups=3)
    inner = (slice(None), slice(2 * radius, -2 * radius), slice(2 * radius, -2 * radius))  # away from the borders
    expected = painted[inner] + missing * (difference[inner] - coarse) + missing**2 * coarse
    result = soften(painted, photo, strength, scale)
    torch.testing.assert_close(result[inner], expected.clamp(0, 1))
    assert result.shape == painted.shape


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
