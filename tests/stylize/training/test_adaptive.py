"""Training at toy size: it learns, goes on exactly where it stopped, and stops when asked."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stylize.errors import StylizeError
from stylize.losses import Statistics
from stylize.methods.adaptive import Adaptive
from stylize.methods.adaptive_net import READER
from stylize.pictures import Picture
from stylize.request import Options
from stylize.training.adaptive import State, calibration, export, rate_at, step_losses, train
from stylize.training.commands import RECIPES
from stylize.training.data import Sampler
from stylize.training.judging import (
    CONTENT_LAYERS,
    FURTHER_LAYERS,
    LAYERS,
    Judge,
    StyleLook,
    content_distance,
    load_judge,
    look_distance,
    turned,
)
from stylize.training.recipe import AdaptiveRecipe

CPU = torch.device("cpu")
TOY = AdaptiveRecipe(
    steps=30,
    batch=2,
    side=48,
    late_side=48,
    style_side=48,
    sizes=(1.0,),
    rate=1e-3,
    warm_up=3,
    average=0.9,
    identity_every=10,
)


@pytest.fixture(scope="module")
def judge(judge_file: Path) -> Judge:
    return load_judge([judge_file], CPU)


def blobs(seed: int) -> Tensor:
    """(3, 96, 96) uint8"""
    generator = torch.Generator().manual_seed(seed)
    soft = torch.nn.functional.interpolate(torch.rand(1, 3, 4, 4, generator=generator), (96, 96), mode="bicubic")
    return (soft[0].clamp(0, 1) * 255).byte()


def samplers(drawn: float = 0.0) -> tuple[Sampler, Sampler]:
    """Of photos and of styles."""
    photos, styles = [blobs(i) for i in range(4)], [blobs(10 + i).flip(1) // 2 for i in range(4)]
    return Sampler([(photos, 1.0)], random.Random(0)), Sampler([(styles, 1.0)], random.Random(0), drawn, 64)


def after(steps: int) -> Callable[[], bool]:
    """True from the given time of asking on."""
    asked = iter(range(steps))
    return lambda: next(asked, steps) >= steps - 1


def assert_same(ours: State, theirs: State) -> None:
    for net in ("nets", "average"):
        pairs = zip(getattr(ours, net).named_parameters(), getattr(theirs, net).named_parameters(), strict=True)
        for (name, a), (_, b) in pairs:
            assert torch.equal(a, b), f"{net}.{name}"


def test_the_losses_fall_and_the_weights_paint(judge: Judge, tmp_path: Path) -> None:
    lines: list[dict[str, float]] = []
    recipe = replace(TOY, steps=100, colour_chance=0.0, late_from=1.0, edge_weight=0.3, telling=0.1)
    state = train(*samplers(), judge, recipe, tmp_path / "run", CPU, report=lines.append)
    assert [line["step"] for line in lines] == [50, 100]
    weights = {"style": 2.5, "content": 1.5, "edges": 0.3, "palette": 1.0, "smoothness": 0.05, "telling": 0.1}
    for line in lines:
        assert line["total"] == pytest.approx(sum(weight * line[name] for name, weight in weights.items()), rel=1e-4)
    assert lines[-1]["style"] < 0.8 * lines[0]["style"]
    assert lines[-1]["total"] < 0.9 * lines[0]["total"]
    written = [json.loads(line) for line in (tmp_path / "run" / "losses.jsonl").read_text().splitlines()]
    assert written == [{name: pytest.approx(value, abs=1e-5) for name, value in line.items()} for line in lines]
    method = Adaptive(CPU, torch.float32, export(state, tmp_path / "out.safetensors"))
    picture = Picture(blobs(1).permute(1, 2, 0).contiguous().numpy())
    assert method.paint([picture], method.prepare([picture]), Options(), lambda _: True)[0].size == (96, 96)


def test_what_several_judges_see_counts_by_layers(judge_file: Path) -> None:
    def apart(*names: str) -> tuple[Tensor, Tensor]:
        """Style and content distance of the first picture to the second in these layers."""
        seen = [{name: both(picture[None])[name] for name in names} for picture in pictures]
        looks = [StyleLook(({name: Statistics.of(each) for name, each in one.items()},)) for one in seen]
        return look_distance(*looks, recipe), content_distance(*seen) if set(names) & inner else torch.zeros(())

    recipe = replace(TOY, third_block=2.0)
    both = load_judge([judge_file, judge_file], CPU)
    pictures = torch.stack([blobs(0), blobs(1)]).float() / 255
    names = list(both(pictures))
    assert names == [f"{name} of 0" for name in LAYERS] + [f"{name} of 1" for name in FURTHER_LAYERS]
    inner = {name for name in names if name.split()[0] in CONTENT_LAYERS}
    style, content = apart(*names)
    third = ["relu3_1 of 0", "relu3_1 of 1", "relu3_4 of 1"]
    assert torch.allclose(style, torch.stack([apart(name)[0] for name in names + third]).mean(0))
    assert torch.allclose(content, torch.stack([apart(name)[1] for name in inner]).mean(0))


def test_a_style_is_aimed_at_as_much_stronger_as_the_recipe_says() -> None:
    features = torch.rand(2, 5, 8, 8)
    look, stronger = (StyleLook(({"relu1_1 of 0": Statistics.of(factor * features)},)) for factor in (1, 1.1))
    recipe = replace(TOY, overshoot=1.1)
    assert look_distance(stronger, look, recipe) == pytest.approx([0, 0], abs=1e-6)
    moments, grams = (1 - 1 / 1.1) ** 2, (1 - 1 / 1.1**2) ** 2
    assert look_distance(look, look, recipe) == pytest.approx([moments + grams] * 2, rel=1e-4)


def test_a_turned_judge_sees_a_picture_in_one_of_48_ways() -> None:
    picture = blobs(0)
    ways = {
        (way.mT if transposed else way).numpy().tobytes()
        for order in permutations(range(3))
        for flips in ([], [1], [2], [1, 2])
        for way in [picture[list(order)].flip(flips)]
        for transposed in (False, True)
    }
    torch.manual_seed(0)
    turns = [turned(lambda pictures: {"pixels": pictures})(picture[None])["pixels"][0] for _ in range(400)]
    assert {turn.numpy().tobytes() for turn in turns} == ways
    assert len(ways) == 48


@pytest.mark.parametrize("seed", range(4))
def test_a_turned_judge_sees_all_pictures_of_a_step_alike(judge: Judge, seed: int) -> None:
    recipe = replace(TOY, turned=True)
    state = State.start(recipe, judge, CPU)
    torch.nn.init.zeros_(state.nets.share)
    photos = torch.stack([blobs(i)[:, :48, :48] / 255 for i in (0, 1)])
    torch.manual_seed(seed)
    losses = step_losses(state, lambda photos, *_: photos, judge, photos, photos, recipe)
    assert losses["style"].item() == pytest.approx(0, abs=1e-6)
    assert losses["content"].item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("recipe", [replace(TOY, steps=7), replace(TOY, steps=7, turned=True)], ids=["plain", "turned"])
def test_a_run_that_was_stopped_twice_ends_as_one_without_a_break(
    judge: Judge, tmp_path: Path, recipe: AdaptiveRecipe
) -> None:
    whole = train(*samplers(drawn=0.3), judge, recipe, tmp_path / "whole", CPU)
    for stop, reached in ((after(2), 2), (after(3), 5), (after(99), 7)):
        broken = train(*samplers(drawn=0.3), judge, recipe, tmp_path / "broken", CPU, stop=stop)
        assert broken.step == reached
    assert_same(whole, broken)


def test_other_seeds_train_other_weights(judge: Judge, tmp_path: Path) -> None:
    runs = [train(*samplers(), judge, replace(TOY, steps=1, seed=s), tmp_path / str(s), CPU) for s in (1, 2)]
    stems = [run.nets.painter.state_dict() for run in runs]
    assert any(not torch.equal(stems[0][name], stems[1][name]) for name in stems[0])


def test_frozen_weights_stay_and_with_them_what_codes_mean(judge: Judge, tmp_path: Path) -> None:
    def trained(name: str, recipe: AdaptiveRecipe, start: Path | None = None) -> Path:
        state = train(*samplers(), judge, recipe, tmp_path / name, CPU, start=start)
        return export(state, tmp_path / f"{name}.safetensors")

    first = trained("first", replace(TOY, steps=1))
    more = trained("more", replace(TOY, steps=2, frozen=READER), first)
    other = trained("other", replace(TOY, steps=2), first)
    old, new = load_file(first), load_file(more)
    assert all(torch.equal(old[name], new[name]) for name in old if name.startswith(READER))
    assert not torch.equal(old["painter.stem.weight"], new["painter.stem.weight"])
    methods = [Adaptive(CPU, torch.float32, weights) for weights in (first, more, other)]
    assert len({method.weights for method in methods}) == 3
    assert methods[0].reader == methods[1].reader != methods[2].reader


@pytest.mark.parametrize(("slower", "begins"), [("painter_rate", "painter."), ("reader_rate", READER)])
def test_a_part_can_learn_at_half_the_rate(
    judge: Judge, tmp_path: Path, slower: str, begins: str | tuple[str, ...]
) -> None:
    recipe = replace(TOY, steps=1)
    start = State.start(recipe, judge, CPU, pictures=calibration(samplers()[1], recipe)).nets.state_dict()
    full, half = (
        train(*samplers(), judge, each, tmp_path / str(i), CPU).nets.state_dict()
        for i, each in enumerate((recipe, replace(recipe, **{slower: 0.5})))
    )
    assert any(name.startswith(begins) and not torch.equal(start[name], full[name]) for name in start)
    for name, before in start.items():
        share = 0.5 if name.startswith(begins) else 1.0
        assert torch.allclose(half[name] - before, share * (full[name] - before), rtol=1e-3, atol=3e-7)


@pytest.mark.parametrize(("share", "told"), [(0.1, True), (1.0, False)])
def test_some_of_a_batch_or_all_teach_the_corrector(judge: Judge, tmp_path: Path, share: float, told: bool) -> None:
    recipe = replace(TOY, steps=1, corrected=share)
    before = State.start(recipe, judge, CPU).nets.corrector.state_dict()
    state = train(*samplers(), judge, recipe, tmp_path, CPU)
    assert any(not torch.equal(value, before[name]) for name, value in state.nets.corrector.state_dict().items())
    photos, styles = (torch.stack([blobs(i)[:, :48, :48] / 255 for i in (k, k + 1)]) for k in (0, 10))
    losses = step_losses(state, state.nets.painter, judge, photos, styles, recipe)
    assert ("raw" in losses) == told
    assert torch.isfinite(losses["style"])


def test_a_finished_run_stays_as_it_is(judge: Judge, tmp_path: Path) -> None:
    first = train(*samplers(), judge, replace(TOY, steps=2), tmp_path, CPU)
    assert_same(first, train(*samplers(), judge, replace(TOY, steps=2), tmp_path, CPU))


def test_samples_are_painted_whenever_a_checkpoint_is_kept(judge: Judge, tmp_path: Path) -> None:
    painted: dict[int, Tensor] = {}
    photos, styles = torch.rand(2, 3, 64, 48), torch.rand(2, 3, 64, 64)

    def sample(step: int, paint: Callable[[Tensor, Tensor], Tensor]) -> None:
        painted[step] = paint(photos, styles)

    state = train(*samplers(), judge, replace(TOY, steps=5), tmp_path, CPU, sample=sample, keep_every=2)
    assert list(painted) == [2, 4, 5]
    for result in painted.values():
        assert result.shape == photos.shape
        assert 0 <= result.min() <= result.max() <= 1
        assert not result.requires_grad
    assert state.step == 5


def test_a_run_whose_gradients_are_no_numbers_ends_and_says_so(judge: Judge, tmp_path: Path) -> None:
    def blind(pictures: Tensor) -> dict[str, Tensor]:
        return {name: seen / 0 for name, seen in judge(pictures).items()}

    with pytest.raises(StylizeError, match="no numbers, so nothing is learned"):
        train(*samplers(), blind, TOY, tmp_path / "run", CPU)


def test_the_rate_warms_up_stays_and_falls() -> None:
    recipe = AdaptiveRecipe(steps=1000, warm_up=100, late_from=0.75, rate=1.0)
    rates = [rate_at(step, recipe) for step in (0, 99, 500, 749, 875, 999)]
    assert rates == pytest.approx([0.01, 1, 1, 1, 0.51, 0.024], abs=0.005)


def test_the_shipped_recipe_reads_and_a_slip_in_it_is_named(tmp_path: Path) -> None:
    assert "vincent_van_gogh" in AdaptiveRecipe.read(RECIPES / "adaptive.toml").leave_out
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("stepps = 3\n")
    with pytest.raises(ValueError, match="stepps"):
        AdaptiveRecipe.read(wrong)
    wrong.write_text("side = 64\nsizes = [1.0, 0.5, 0.5]\n")
    with pytest.raises(ValueError, match="side must be at least 128 px"):
        AdaptiveRecipe.read(wrong)
