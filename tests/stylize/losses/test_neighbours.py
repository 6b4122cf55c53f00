"""The nearest-neighbour distance against loops over places."""

import pytest
import torch
import torch.nn.functional as F

from stylize.losses import nearest_distance
from stylize.losses import neighbours as module


def places(count: int, seed: int) -> torch.Tensor:
    return torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("chunk", [1, 7, 2**22])
def test_every_place_is_compared_with_its_most_similar_one(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    ours, style = places(9, 1), places(5, 2)
    a, b = ours - ours.mean(0), style - style.mean(0)
    best = [max(F.cosine_similarity(x, y, dim=0) for y in b) for x in a]
    torch.testing.assert_close(nearest_distance(ours, style), 1 - torch.stack(best).mean())


def test_a_picture_is_at_no_distance_from_itself_in_another_order() -> None:
    style = places(20, 3)
    found = nearest_distance(style[torch.randperm(20)], style)
    torch.testing.assert_close(found, torch.tensor(0.0), rtol=0, atol=1e-6)


def test_descent_brings_places_to_the_style_s() -> None:
    ours, style = places(30, 4).requires_grad_(), places(6, 5)
    optimiser = torch.optim.Adam([ours], lr=0.1)
    first = float(nearest_distance(ours.detach(), style))
    for _ in range(60):
        optimiser.zero_grad()
        nearest_distance(ours, style).backward()
        optimiser.step()
    assert float(nearest_distance(ours.detach(), style)) < 0.1 * first
