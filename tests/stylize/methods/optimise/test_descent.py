"""The descent itself, towards targets that are known."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from stylize.methods.optimise.descent import Step, descend
from stylize.methods.optimise.recipe import Optimiser, OptimiseRecipe, Stage, Start

STAGES = (Stage(0.5, 20), Stage(1.0, 30))


def size_of(stage: Stage) -> tuple[int, int]:
    return round(16 * stage.scale), round(24 * stage.scale)


def towards(target: Tensor) -> Callable[[Stage, tuple[int, int]], Callable[[Tensor], Tensor]]:
    def objective_of(stage: Stage, size: tuple[int, int]) -> Callable[[Tensor], Tensor]:
        aim = torch.nn.functional.interpolate(target, size, mode="bicubic", antialias=True)
        return lambda picture: (picture - aim).square().sum()

    return objective_of


def run(recipe: OptimiseRecipe, start: Tensor, target: Tensor) -> list[tuple[Step, Tensor]]:
    return [(step, step.picture()) for step in descend(start, size_of, towards(target), recipe)]


@pytest.mark.parametrize(("optimiser", "rate"), [("lbfgs", 1.0), ("adam", 0.02), ("adagrad", 0.2)])
@pytest.mark.parametrize("start", ["photo", "noise"])
def test_every_optimiser_arrives(optimiser: Optimiser, rate: float, start: Start) -> None:
    torch.manual_seed(0)
    target = torch.nn.functional.interpolate(torch.rand(1, 3, 4, 6), (16, 24), mode="bilinear")
    recipe = OptimiseRecipe(
        optimiser=optimiser, rate=rate, stages=(Stage(0.5, 60), Stage(1.0, 90)), average=0.5, start=start
    )
    steps = run(recipe, torch.rand(1, 3, 16, 24), target)
    assert [step.number for step, _ in steps] == list(range(1, 151))
    assert [place for place, (step, _) in enumerate(steps) if step.last_of_stage] == [59, 149]
    assert steps[0][1].shape == (1, 3, 8, 12)
    assert steps[-1][0].loss < 0.01 * steps[0][0].loss
    torch.testing.assert_close(steps[-1][1], target, rtol=0, atol=0.05)


def test_what_nothing_changes_keeps_its_fine_lines_through_coarse_stages() -> None:
    start = torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(1))
    recipe = OptimiseRecipe(stages=STAGES, start="photo")

    def indifferent(stage: Stage, size: tuple[int, int]) -> Callable[[Tensor], Tensor]:
        return lambda picture: 0 * picture.sum()

    *_, last = descend(start, size_of, indifferent, recipe)
    torch.testing.assert_close(last.picture(), start)


def test_adam_goes_on_with_its_moments_and_does_not_leap_at_a_new_size() -> None:
    """At the goal, fresh moments would step by the full rate for the least of gradients."""
    torch.manual_seed(0)
    target = torch.nn.functional.interpolate(torch.rand(1, 3, 2, 3), (16, 24), mode="bilinear")
    recipe = OptimiseRecipe(rate=0.05, stages=(Stage(0.5, 60), Stage(1.0, 1)), average=0.0, start="photo")
    pictures = [picture for _, picture in run(recipe, torch.rand(1, 3, 8, 12), target)]
    enlarged = torch.nn.functional.interpolate(pictures[-2], (16, 24), mode="bicubic")
    assert float((pictures[-1] - enlarged).abs().median()) < 0.5 * recipe.rate


def test_the_picture_is_the_mean_of_the_iterates_without_the_pull_of_the_first() -> None:
    start, target = torch.zeros(1, 3, 16, 24), torch.ones(1, 3, 16, 24)
    bare = OptimiseRecipe(rate=0.1, stages=(Stage(1.0, 3),), average=0.0, start="photo")
    iterates = [picture.mean() for _, picture in run(bare, start, target)]
    averaged = run(OptimiseRecipe(rate=0.1, stages=(Stage(1.0, 3),), average=0.8, start="photo"), start, target)
    weights = torch.tensor([0.64, 0.8, 1.0])
    expected = (weights * torch.stack(iterates)).sum() / weights.sum()
    torch.testing.assert_close(averaged[-1][1].mean(), expected)


def test_whatever_is_returned_lies_between_black_and_white() -> None:
    start = torch.full((1, 3, 16, 24), 0.5)
    for optimiser, rate in (("lbfgs", 1.0), ("adam", 0.5)):
        recipe = OptimiseRecipe(optimiser=optimiser, rate=rate, stages=STAGES, start="photo")  # type: ignore[arg-type]
        for _, picture in run(recipe, start, torch.full((1, 3, 16, 24), 3.0)):
            assert 0 <= picture.min() <= picture.max() <= 1


@pytest.mark.parametrize(("optimiser", "rate"), [("lbfgs", 1.0), ("adam", 0.05)])
def test_a_pixel_that_left_black_and_white_finds_its_way_back(optimiser: Optimiser, rate: float) -> None:
    calls = 0

    def objective_of(stage: Stage, size: tuple[int, int]) -> Callable[[Tensor], Tensor]:
        def loss(picture: Tensor) -> Tensor:
            nonlocal calls
            calls += 1
            return (picture - (3.0 if calls <= 6 else 0.4)).square().sum()

        return loss

    recipe = OptimiseRecipe(optimiser=optimiser, rate=rate, stages=(Stage(1.0, 60),), average=0.0, start="photo")
    steps = [step.picture().clone() for step in descend(torch.full((1, 3, 16, 24), 0.9), size_of, objective_of, recipe)]
    assert float(steps[5].min()) == 1
    torch.testing.assert_close(steps[-1], torch.full((1, 3, 16, 24), 0.4), rtol=0, atol=0.05)


def test_l_bfgs_takes_a_start_that_lies_channels_last() -> None:
    """As a photo does that needs no other size."""
    start = torch.rand(1, 16, 24, 3).permute(0, 3, 1, 2)
    recipe = OptimiseRecipe(optimiser="lbfgs", rate=1.0, stages=(Stage(1.0, 4),), average=0.0, start="photo")
    losses = [step.loss for step, _ in run(recipe, start, torch.zeros(1, 3, 16, 24))]
    assert losses[-1] < losses[0]


def test_by_a_pyramid_wide_areas_change_in_few_steps() -> None:
    """An objective that sees single pixels only faintly beside their neighbours, as deep layers do."""
    target = torch.nn.functional.interpolate(torch.rand(1, 3, 2, 3), (16, 24), mode="bilinear")

    def objective_of(stage: Stage, size: tuple[int, int]) -> Callable[[Tensor], Tensor]:
        def loss(picture: Tensor) -> Tensor:
            apart = picture - target
            return torch.nn.functional.avg_pool2d(apart, 8).square().sum() + 0.01 * apart.square().sum()

        return loss

    def last(pyramid: int) -> tuple[float, Tensor]:
        recipe = OptimiseRecipe(
            optimiser="lbfgs", rate=1.0, pyramid=pyramid, stages=(Stage(1.0, 4),), average=0.0, start="photo"
        )
        steps = list(descend(torch.full((1, 3, 16, 24), 0.5), size_of, objective_of, recipe))
        return steps[-1].loss, steps[-1].picture()

    by_pixels, by_pyramid = last(1), last(4)
    assert by_pyramid[0] < by_pixels[0]
    assert by_pyramid[1].shape == (1, 3, 16, 24)
    assert 0 <= by_pyramid[1].min() <= by_pyramid[1].max() <= 1
