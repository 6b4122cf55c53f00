"""Training at toy size: it learns, goes on where it stopped, and skips broken files."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from stylize.methods.adaptive import Adaptive
from stylize.pictures import Picture
from stylize.request import Options
from stylize.training.adaptive import Judges, export, rate_at, train
from stylize.training.commands import RECIPES
from stylize.training.data import Sampler, load_folders, random_crop
from stylize.training.recipe import AdaptiveRecipe

TOY = AdaptiveRecipe(
    steps=30,
    batch=2,
    side=48,
    late_side=48,
    style_side=48,
    pool=16,
    rate=1e-3,
    warm_up=3,
    average=0.9,
    identity_every=10,
)


def toy_vgg(path: Path, slim: bool) -> Path:
    """Random weights of VGG-19's shape, a few channels wide: random features still tell colours and strokes apart."""
    torch.manual_seed(0)
    state = {"conv0.weight": torch.eye(3).view(3, 3, 1, 1) * 4, "conv0.bias": torch.full((3,), -2.0)} if slim else {}
    index, inputs = 0, 3
    for block, depth in enumerate((2, 2, 4, 4, 4), start=1):
        for place in range(1, depth + 1):
            key = f"conv{block}{place}" if slim else f"features.{index}"
            state[f"{key}.weight"] = torch.randn(8, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
            state[f"{key}.bias"] = torch.zeros(8)
            inputs, index = 8, index + 2
        index += 1
    save_file(state, path)
    return path


@pytest.fixture
def judges(tmp_path: Path) -> Judges:
    files = toy_vgg(tmp_path / "low.safetensors", slim=False), toy_vgg(tmp_path / "deep.safetensors", slim=True)
    return Judges.load(*files, torch.device("cpu"))


def blobs(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    soft = torch.nn.functional.interpolate(torch.rand(1, 3, 4, 4, generator=generator), (96, 96), mode="bicubic")
    return (soft[0].clamp(0, 1) * 255).byte()


def samplers() -> tuple[Sampler, Sampler]:
    photos, styles = [blobs(i) for i in range(4)], [blobs(10 + i).flip(1) // 2 for i in range(4)]
    return Sampler([(photos, 1.0)], random.Random(0)), Sampler([(styles, 1.0)], random.Random(0))


def test_the_style_distance_falls_and_the_weights_paint(judges: Judges, tmp_path: Path) -> None:
    lines: list[dict[str, float]] = []
    # One phase only: values of the same loss can be compared.
    recipe = replace(TOY, steps=100, colour_chance=0.0, firm_from=1.0, late_from=1.0)
    state = train(*samplers(), judges, recipe, tmp_path / "run", torch.device("cpu"), report=lines.append)
    assert lines[1]["style"] < 0.8 * lines[0]["style"]
    method = Adaptive(torch.device("cpu"), torch.float32, export(state, tmp_path / "out.safetensors"))
    picture = Picture(blobs(1).permute(1, 2, 0).contiguous().numpy())
    assert method.paint([picture], method.prepare([picture]), Options(), lambda _: True)[0].size == (96, 96)


def test_a_stopped_run_goes_on_at_its_step(judges: Judges, tmp_path: Path) -> None:
    run = tmp_path / "run"
    first = train(*samplers(), judges, replace(TOY, steps=4), run, torch.device("cpu"))
    assert first.step == 4
    weights = first.nets.painter.stem.weight.clone()
    again = train(*samplers(), judges, replace(TOY, steps=4), run, torch.device("cpu"))
    assert torch.equal(again.nets.painter.stem.weight, weights)
    assert train(*samplers(), judges, replace(TOY, steps=6), run, torch.device("cpu")).step == 6


def test_the_same_seed_trains_the_same_weights(judges: Judges, tmp_path: Path) -> None:
    runs = [
        train(*samplers(), judges, replace(TOY, steps=3), tmp_path / name, torch.device("cpu")) for name in ("a", "b")
    ]
    for ours, theirs in zip(runs[0].nets.parameters(), runs[1].nets.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_broken_files_and_held_out_artists_are_left_out(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((90, 130, 3), np.uint8)).save(tmp_path / "good.png")
    Image.fromarray(np.zeros((90, 90, 3), np.uint8)).save(tmp_path / "held_out-1.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    (tmp_path / "notes.txt").write_text("not a picture")
    loaded = load_folders([tmp_path], short=64, leave_out=frozenset({"held_out"}))
    assert loaded.names == ("good.png",)
    assert loaded.pictures[0].shape == (3, 64, 92)
    assert [name for name, _ in loaded.skipped] == ["broken.jpg"]


def test_crops_fit_any_picture() -> None:
    rng = random.Random(0)
    for shape in ((3, 20, 300), (3, 64, 64), (3, 500, 90)):
        picture = torch.randint(0, 255, shape, dtype=torch.uint8)
        for _ in range(20):
            crop = random_crop(picture, 48, (0.5, 2.0), rng)
            assert crop.shape == (3, 48, 48)
            assert 0 <= crop.min() <= crop.max() <= 1


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
