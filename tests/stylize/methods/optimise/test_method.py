"""The method "optimise" at toy size, with the net that ships."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from stylize.errors import Cancelled, WeightsError
from stylize.features import BACKBONES, load_features
from stylize.losses import gram_matrix
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise import Optimise, OptimiseRecipe, recipe_names
from stylize.methods.optimise.method import enlarged
from stylize.methods.optimise.recipe import Stage
from stylize.pictures import Picture
from stylize.request import Options, Progress
from stylize.tensors import to_tensor

CPU = torch.device("cpu")
QUICK = replace(OptimiseRecipe.named("finest"), side=96, stages=(Stage(0.75, 4), Stage(1.0, 6)))


@pytest.fixture(scope="module")
def painter() -> Adaptive:
    return Adaptive(CPU, torch.float32)


def make_picture(width: int, height: int, seed: int) -> Picture:
    """Coloured blobs with fine grain."""
    rng = np.random.default_rng(seed)
    soft = torch.from_numpy(rng.random((1, 3, 5, 5), dtype=np.float32))
    pixels = torch.nn.functional.interpolate(soft, (height, width), mode="bicubic")[0].permute(1, 2, 0).numpy()
    return Picture(((pixels + rng.normal(0, 0.05, pixels.shape)).clip(0, 1) * 255).astype(np.uint8))


PHOTO, STYLE, OTHER = make_picture(96, 80, 1), make_picture(90, 120, 2), make_picture(100, 100, 3)


def run(method: Optimise, options: Options | None = None) -> tuple[Picture, list[Progress]]:
    told: list[Progress] = []
    painted = method.paint([PHOTO], method.prepare([STYLE]), options or Options(), lambda p: not told.append(p))
    return painted[0], told


TOY_STEPS = 40  # L-BFGS first goes astray


def toy(name: str) -> OptimiseRecipe:
    """A shipped recipe on the net that ships, a few steps at 64 px; layers that it lacks become its own."""
    recipe = OptimiseRecipe.named(name)
    known = recipe.backbone == "vgg19" or recipe.backbone == "compact"
    own = {} if known else dict.fromkeys(("style_layers", "style_weights", "content_layers", "content_weights"), ())
    return replace(recipe, backbone="compact", side=64, stages=(Stage(1.0, TOY_STEPS),), **own)


def style_distance(pictures: torch.Tensor) -> float:
    """Of Gram matrices to those of STYLE, each relative to its size; pictures: (1, 3, H, W)."""
    layers = ("relu1_1", "relu2_1", "relu3_1")
    see = load_features("compact", layers)
    ours, theirs = see(pictures), see(to_tensor(STYLE)[None])
    return sum(
        float((gram_matrix(ours[layer]) - gram_matrix(theirs[layer])).norm() / gram_matrix(theirs[layer]).norm())
        for layer in layers
    )


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_comes_nearer_to_its_target_and_paints_the_same_again(painter: Adaptive, name: str) -> None:
    method = Optimise(CPU, toy(name), painter)
    painted, told = run(method)
    assert painted.size == PHOTO.size
    losses = [each.loss for each in told if each.loss is not None]
    assert len(losses) == TOY_STEPS
    assert losses[-1] < losses[0]
    noise = torch.rand(1, 3, 80, 96, generator=torch.Generator().manual_seed(0))
    start = noise if method.recipe.start == "noise" else to_tensor(PHOTO)[None]
    assert style_distance(to_tensor(painted)[None]) < 0.98 * style_distance(start)
    assert np.array_equal(run(method)[0].pixels, painted.pixels)


@pytest.mark.parametrize("loss", ["gram", "wasserstein", "nearest"])
def test_every_loss_brings_the_style_nearer_than_the_photo_was(painter: Adaptive, loss: str) -> None:
    recipe = replace(QUICK, style_loss=loss, start="photo", content_weight=0.0, stages=(Stage(1.0, 40),))  # type: ignore[arg-type]
    told = run(Optimise(CPU, recipe, painter))[1]
    assert told[0].loss is not None
    assert told[-1].loss is not None
    assert told[-1].loss < 0.8 * told[0].loss


def test_it_tells_of_every_step_and_shows_each_size(painter: Adaptive) -> None:
    told = run(Optimise(CPU, QUICK, painter))[1]
    assert [each.step for each in told if each.loss is not None] == list(range(1, 11))
    assert {each.total for each in told} == {10}
    assert [each.preview.size for each in told if each.preview] == [(77, 64), (96, 80)]


def test_previews_come_as_often_as_asked(painter: Adaptive) -> None:
    told = run(Optimise(CPU, QUICK, painter), Options(preview_every=3))[1]
    assert [each.step for each in told if each.preview] == [3, 4, 6, 9, 10]  # 4 and 10 end a size


@pytest.mark.parametrize("last", [1, 21, 25])  # in the fast painting that it begins with, at its end, in the descent
def test_a_no_of_the_watcher_stops_at_once(painter: Adaptive, last: int) -> None:
    method, told = Optimise(CPU, QUICK, painter), []
    with pytest.raises(Cancelled):
        method.paint([PHOTO], method.prepare([STYLE]), Options(), lambda p: told.append(p) or len(told) < last)
    assert len(told) == last


def test_at_its_time_limit_it_gives_what_it_has(painter: Adaptive) -> None:
    painted, told = run(Optimise(CPU, replace(QUICK, stages=(Stage(1.0, 10_000),)), painter), Options(seconds=0.5))
    assert painted.size == PHOTO.size
    assert 1 <= len(told) < 1000


def test_a_mix_of_one_style_with_itself_is_that_style(painter: Adaptive) -> None:
    method = Optimise(CPU, QUICK, painter)
    codes = method.prepare([STYLE, STYLE])
    torch.testing.assert_close(method.mix(codes, torch.tensor([1.0, 2.0])), codes[0])


def test_a_mix_lies_between_its_styles(painter: Adaptive) -> None:
    method = Optimise(CPU, QUICK, painter)
    codes = method.prepare([STYLE, OTHER])
    mixed = method.mix(codes, torch.tensor([1.0, 3.0]))
    torch.testing.assert_close(mixed, 0.25 * codes[0] + 0.75 * codes[1])
    assert method.paint([PHOTO], mixed[None], Options(), lambda _: True)[0].size == PHOTO.size


def test_beyond_its_side_a_painting_is_enlarged_with_the_photo_s_detail() -> None:
    photo = torch.rand(1, 3, 40, 60, generator=torch.Generator().manual_seed(1))
    small = torch.nn.functional.interpolate(photo, (20, 30), mode="bicubic", antialias=True)
    grey = photo.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    painted = torch.full((1, 3, 20, 30), 0.5)
    detail = enlarged(painted, photo) - 0.5
    lost = (grey - torch.nn.functional.interpolate(small, (40, 60), mode="bicubic").mean(1, keepdim=True)).clamp(
        -0.5, 0.5
    )
    torch.testing.assert_close(detail, lost, rtol=0, atol=1e-5)


def test_a_photo_larger_than_the_recipe_s_side_comes_back_at_its_own_size(painter: Adaptive) -> None:
    method = Optimise(CPU, replace(QUICK, side=64, stages=(Stage(1.0, 1),)), painter)
    large = make_picture(200, 150, 4)
    told: list[Progress] = []
    painted = method.paint([large], method.prepare([STYLE]), Options(), lambda p: not told.append(p))[0]
    assert painted.size == (200, 150)
    assert told[-1].preview is not None
    assert max(told[-1].preview.size) <= 86  # the short side stays at 64


def test_weights_that_are_nowhere_are_asked_for_by_name(painter: Adaptive, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=str(tmp_path / "none")):
        Optimise(CPU, OptimiseRecipe.named("vgg19"), painter, tmp_path / "none")
    assert BACKBONES["vgg19"].url
