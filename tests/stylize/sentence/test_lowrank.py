"""Moments told by few numbers, against the pictures' own."""

import pytest
import torch
from torch import Tensor

from stylize.losses import wasserstein_distance
from stylize.methods.optimise.target import LayerTarget, Targets
from stylize.sentence.lowrank import LowRank, quantised

SAMPLE = 30  # pictures that a basis is fitted on


def net(pictures: Tensor) -> dict[str, Tensor]:
    edges = torch.cat([pictures, pictures.roll(1, 3) - pictures], dim=1).relu()
    return {"a": edges, "b": torch.nn.functional.avg_pool2d(edges, 2).repeat(1, 2, 1, 1) ** 2}


@pytest.fixture(scope="module")
def targets() -> Targets:
    return Targets(net, ("a", "b"), by_places=False)


@pytest.fixture(scope="module")
def rows(targets: Targets) -> Tensor:
    """Moments of 36 pictures, each a mixture of the same three looks, so that few components tell them apart."""
    generator = torch.Generator().manual_seed(0)
    looks = torch.rand(3, 3, 96, 128, generator=generator)
    mixtures = [(torch.rand(3, 1, 1, 1, generator=generator) * looks).sum(0, keepdim=True) / 2 for _ in range(36)]
    return torch.stack([targets.pack(picture) for picture in mixtures])


@pytest.fixture(scope="module")
def few(targets: Targets, rows: Tensor) -> LowRank:
    return fitted(targets, rows[:SAMPLE])


def fitted(targets: Targets, rows: Tensor) -> LowRank:
    return LowRank.fitted(rows, targets.sizes * targets.levels, "eye", rank=12)


def distance(targets: Targets, ours: Tensor, theirs: Tensor) -> float:
    """W2 over all layers and sizes."""
    found = 0.0
    for side in (128, 256, 512):
        a, b = targets.unpack(ours, side), targets.unpack(theirs, side)
        for layer in ("a", "b"):
            found += float(wasserstein_distance(*moments(a[layer]), *moments(b[layer]))[0])
    return found


def moments(target: LayerTarget) -> tuple[Tensor, Tensor]:
    assert target.mean is not None
    assert target.gram is not None
    return target.mean, target.gram


@pytest.mark.parametrize("place", [3, 11])
def test_a_few_components_tell_pictures_apart(targets: Targets, rows: Tensor, few: LowRank, place: int) -> None:
    told = targets.possible(few.of_pictures([place])[0])
    assert distance(targets, told, rows[place]) < 0.1 * distance(targets, rows[place + 1], rows[place])


@pytest.mark.parametrize("place", [SAMPLE, SAMPLE + 4])
def test_pictures_beyond_the_sample_are_told_apart(targets: Targets, rows: Tensor, few: LowRank, place: int) -> None:
    others = few.of_others(few.project(rows[SAMPLE:]))
    told = targets.possible(others.of_pictures([place - SAMPLE])[0])
    assert distance(targets, told, rows[place]) < 0.2 * distance(targets, rows[place + 1], rows[place])


def test_several_pictures_are_told_at_once(few: LowRank) -> None:
    both = few.of_pictures([2, 5])
    alone = torch.cat([few.of_pictures([2]), few.of_pictures([5])])
    torch.testing.assert_close(both, alone, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_even_a_few_pictures_are_told_by_finite_numbers(targets: Targets, rows: Tensor, count: int) -> None:
    few = fitted(targets, rows[:count])
    assert len(few.basis) < count
    for place in range(count):
        torch.testing.assert_close(few.of_pictures([place])[0], rows[place], rtol=0.02, atol=0.01)


def test_quantising_is_off_by_half_a_step_at_most() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(6, 384, generator=torch.Generator().manual_seed(0)), dim=1)
    rows, scales = quantised(vectors)
    restored = rows.float() * scales[:, None]
    assert bool(((restored - vectors).abs() <= scales[:, None] / 2 + 1e-7).all())
    cosines = vectors @ vectors.T
    bound = scales[:, None] * vectors.shape[1] ** 0.5 / 2
    assert bool(((restored @ vectors.T - cosines).abs() <= bound).all())
    assert float((restored @ vectors.T - cosines).abs().max()) < 0.003  # in practice far below the bound
