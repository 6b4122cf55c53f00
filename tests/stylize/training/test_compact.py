"""The small net at toy size: it learns what a teacher sees, goes on exactly, and is read as any VGG-19."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor
from typer.testing import CliRunner, Result

from stylize.cli import app
from stylize.errors import WeightsError
from stylize.features import VggFeatures
from stylize.training.commands import RECIPES
from stylize.training.compact import Moments, State, export, mapped_moments, picture_distances, rate_at, train
from stylize.training.compact_lessons import Teachers
from stylize.training.compact_net import LAYERS, Compact
from stylize.training.compact_recipe import CompactRecipe
from stylize.training.data import Sampler
from stylize.training.procedural import procedural_style
from stylize.weights import shipped

CPU = torch.device("cpu")
TOY = CompactRecipe(steps=30, batch=4, side=32, lesson=8, passes=2, places=64, warm_up=3, average=0.9)


@pytest.fixture(scope="module")
def teachers(judge_file: Path) -> Teachers:
    return Teachers([judge_file], CPU)


def sampler() -> Sampler:
    pictures = [(procedural_style(64, random.Random(i)) * 255).byte() for i in range(6)]
    return Sampler([(pictures, 1.0)], random.Random(0))


def after(steps: int) -> Callable[[], bool]:
    """True from the given time of asking on."""
    asked = iter(range(steps))
    return lambda: next(asked, steps) >= steps - 1


def assert_same(ours: State, theirs: State) -> None:
    for net in ("net", "average"):
        pairs = zip(getattr(ours, net).named_parameters(), getattr(theirs, net).named_parameters(), strict=True)
        for (name, a), (_, b) in pairs:
            assert torch.equal(a, b), f"{net}.{name}"


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_it_learns_what_the_teacher_sees(teachers: Teachers, tmp_path: Path) -> None:
    lines: list[dict[str, float]] = []
    train(sampler(), teachers, replace(TOY, steps=100), tmp_path, CPU, report=lines.append)
    assert [line["step"] for line in lines] == [50, 100]
    # relu4_1 and deeper have fewer places in crops this small than their maps have numbers.
    for name in ("total", "statistics", "relations", "features", *LAYERS[:6]):
        assert lines[-1][name] < 0.95 * lines[0][name], name
    expected = lines[-1]["features"] + TOY.statistics * lines[-1]["statistics"] + TOY.relations * lines[-1]["relations"]
    assert lines[-1]["total"] == pytest.approx(expected, rel=1e-4)
    assert lines[-1]["features"] == pytest.approx(np.mean([lines[-1][name] for name in LAYERS]), rel=1e-4)


def test_a_run_that_was_stopped_inside_lessons_ends_as_one_without_a_break(teachers: Teachers, tmp_path: Path) -> None:
    recipe = replace(TOY, steps=11)  # a lesson is four steps
    whole = train(sampler(), teachers, recipe, tmp_path / "whole", CPU)
    for stop, reached in ((after(3), 3), (after(5), 8), (after(99), 11)):
        broken = train(sampler(), teachers, recipe, tmp_path / "broken", CPU, stop=stop)
        assert broken.step == reached
    assert_same(whole, broken)
    other = train(sampler(), teachers, replace(recipe, seed=2), tmp_path / "other", CPU)
    assert not torch.equal(other.net.features["0"].weight, whole.net.features["0"].weight)


def test_the_file_is_read_as_any_vgg_19(teachers: Teachers, tmp_path: Path) -> None:
    state = train(sampler(), teachers, replace(TOY, steps=2), tmp_path, CPU)
    path = export(state, tmp_path / "compact.safetensors")
    tensors = load_file(path)
    assert {name for name in tensors if name.endswith("weight")} == {
        f"features.{i}.weight" for i in (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28)
    }
    assert all(value.dtype == torch.float16 for value in tensors.values())
    pictures = noise(2, 3, 64, 48)
    seen = VggFeatures(path, LAYERS)(pictures)
    with torch.no_grad():
        expected = state.average(pictures)
    assert list(seen) == list(expected) == list(LAYERS)
    for name in LAYERS:
        assert (seen[name] - expected[name]).norm() < 0.01 * expected[name].norm(), name


def test_a_run_begins_with_given_weights(teachers: Teachers, tmp_path: Path) -> None:
    first = train(sampler(), teachers, replace(TOY, steps=2), tmp_path / "first", CPU)
    path = export(first, tmp_path / "first.safetensors")
    still = train(sampler(), teachers, replace(TOY, steps=1, rate=0.0), tmp_path / "second", CPU, start=path)
    for name, value in load_file(path).items():
        assert torch.equal(still.net.state_dict()[name], value.float()), name
    save_file({"features.0.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="holds no weights of this net"):
        train(sampler(), teachers, TOY, tmp_path / "third", CPU, start=tmp_path / "other.safetensors")


def test_random_weights_settle() -> None:
    torch.manual_seed(0)
    net, pictures = Compact(), noise(4, 3, 48, 48)
    net.settle(pictures)
    with torch.no_grad():
        x = net.features["0"](F.pad((pictures - net.mean) / net.sd, (1, 1, 1, 1), mode="reflect"))
        assert x.mean((0, 2, 3)).abs().max() < 1e-4
        assert (x.std((0, 2, 3)) - 1).abs().max() < 1e-3
        # The ReLU of a standard normal has a mean square of one half.
        assert all(0.3 < features.square().mean() < 0.7 for features in net(pictures).values())


def test_the_map_is_that_of_least_squares_and_forgets() -> None:
    rows, values = noise(200, 5), noise(200, 3, seed=1)
    weight, bias = Moments.of(rows, values).map()
    best = torch.linalg.lstsq(torch.cat([rows, torch.ones(200, 1)], 1), values).solution
    assert torch.allclose(torch.cat([weight, bias[:, None]], 1), best.T, atol=1e-3)
    moments = Moments.of(rows, values)
    for _ in range(200):
        moments.follow(Moments.of(rows, 2 * values), 0.05)
    assert torch.allclose(moments.map()[0], 2 * weight, atol=1e-3)


def test_moments_of_mapped_features_are_those_of_the_map() -> None:
    rows, weight, bias = noise(2, 50, 4), noise(6, 4, seed=1) - 0.5, noise(6, seed=2)
    mapped = F.linear(rows, weight, bias)
    mean, gram = mapped_moments(rows.mean(1), rows.transpose(1, 2) @ rows / 50, weight, bias)
    assert torch.allclose(mean, mapped.mean(1), atol=1e-6)
    assert torch.allclose(gram, mapped.transpose(1, 2) @ mapped / 50, atol=1e-5)


def test_distances_of_pictures_are_those_of_gatys_loss() -> None:
    gram = noise(3, 4, 4)
    pairs = [(gram[a] - gram[b]).square().mean().sqrt() for a, b in ((0, 1), (0, 2), (1, 2))]
    assert torch.allclose(picture_distances(gram), torch.stack(pairs))


def test_each_layer_comes_from_the_first_file_that_reaches_it(judge_file: Path, tmp_path: Path) -> None:
    state = load_file(judge_file)
    short = {name: value + 0.1 for name, value in state.items() if name[4] in "0123"}
    save_file(short, tmp_path / "short.safetensors")
    pictures = noise(1, 3, 32, 32)
    found = Teachers([tmp_path / "short.safetensors", judge_file], CPU, torch.float32)(pictures)
    first, second = VggFeatures(tmp_path / "short.safetensors", LAYERS[:6]), VggFeatures(judge_file, LAYERS[6:])
    expected = first(pictures) | second(pictures)
    assert list(found) == list(LAYERS)
    for name in LAYERS:
        assert torch.allclose(found[name], expected[name], atol=1e-6), name
    with pytest.raises(WeightsError, match="No teacher reaches relu4_1"):
        Teachers([tmp_path / "short.safetensors"], CPU)


def test_a_slim_teacher_s_maps_to_the_full_net_keep_their_distances(judge_file: Path, tmp_path: Path) -> None:
    state = load_file(judge_file)
    wide = {"weight": torch.randn(20, 8, 1, 1, generator=torch.Generator().manual_seed(3)), "bias": noise(20, seed=4)}
    save_file(state | {f"conv41_aux.{name}": value for name, value in wide.items()}, tmp_path / "slim.safetensors")
    pictures = noise(2, 3, 64, 64)
    full = F.conv2d(VggFeatures(judge_file, ["relu4_1"])(pictures)["relu4_1"], wide["weight"], wide["bias"])
    short = Teachers([tmp_path / "slim.safetensors"], CPU, torch.float32)(pictures)["relu4_1"]
    assert short.shape == (2, 9, 8, 8)

    def gram_of(features: Tensor) -> Tensor:
        flat = features.flatten(2)
        return flat @ flat.transpose(1, 2) / flat.shape[2]

    assert torch.allclose(picture_distances(gram_of(short)), picture_distances(gram_of(full)), rtol=1e-4)
    a, b = ((each[0] - each[1]).square().sum(0) / len(each[0]) for each in (short, full))
    assert torch.allclose(a, b, rtol=1e-3, atol=1e-6)


def test_the_rate_warms_up_and_falls() -> None:
    recipe = CompactRecipe(steps=1000, warm_up=100, rate=1.0)
    assert [rate_at(step, recipe) for step in (0, 99, 500, 999)] == pytest.approx([0.01, 0.9, 0.5, 0.01], abs=0.01)


def test_the_shipped_recipe_reads_and_a_slip_in_it_is_named(tmp_path: Path) -> None:
    recipe = CompactRecipe.read(RECIPES / "compact.toml")
    assert recipe.holds_out("vincent_van_gogh_1.jpg")
    held = [name for name in (f"{i}.jpg" for i in range(4000)) if recipe.holds_out(name)]
    assert 60 < len(held) < 140  # one in forty
    wrong = tmp_path / "wrong.toml"
    for text, complaint in (("stepps = 3\n", "stepps"), ("side = 16\n", "at least 32"), ("batch = 7\n", "multiple")):
        wrong.write_text(text)
        with pytest.raises(ValueError, match=complaint):
            CompactRecipe.read(wrong)


def correlation(ours: Tensor, theirs: Tensor) -> float:
    """R of theirs told from ours by least squares; (B, K, H, W) and (B, C, H, W)."""
    rows, values = (each.permute(0, 2, 3, 1).flatten(0, 2) for each in (ours, theirs))
    error = F.linear(rows, *Moments.of(rows, values).map()) - values
    return float(1 - error.square().sum() / (values - values.mean(0)).square().sum()) ** 0.5


def test_the_shipped_weights_see_what_the_real_net_sees(shared: Path) -> None:
    real = VggFeatures(shared / "weights/vgg19_normalised_conv1_1-conv3_4.safetensors", LAYERS[:6])
    picture = Image.open(shared / "images/content/kodak_kodim05.jpg").convert("RGB").resize((256, 256))
    pictures = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None] / 255
    ours, theirs = VggFeatures(shipped("compact"), LAYERS[:6])(pictures), real(pictures)
    torch.manual_seed(0)
    blank = Compact()
    blank.settle(pictures)
    with torch.no_grad():
        untaught = blank(pictures)
    for name in LAYERS[:6]:
        r = correlation(ours[name], theirs[name])
        assert r > 0.7, name
        assert 1 - r < 0.7 * (1 - correlation(untaught[name], theirs[name])), name


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="stylize")


def test_a_folder_and_a_teacher_give_weights(judge_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(9):
        picture = (procedural_style(64, random.Random(i)).permute(1, 2, 0) * 255).byte().numpy()
        Image.fromarray(picture).save(folder / f"{i}.png")
    (folder / "held_out.png").write_bytes((folder / "0.png").read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    toy = (
        "batch = 4\nside = 32\nlesson = 8\npasses = 2\nplaces = 64\nleave_out = ['held_']\nhold_out_one_in = 1000000\n"
    )
    (tmp_path / "toy.toml").write_text(toy)
    told = ["train", "compact", "--pictures", folder, "--recipe", tmp_path / "toy.toml", "-o", tmp_path / "run"]
    told += ["--device", "cpu", "--steps", 50]
    result = run(*told, "--teacher", judge_file)
    assert result.exit_code == 0, result.output
    assert "9 pictures to train on, 0 kept for the evaluation" in result.stderr
    assert "1 pictures held out" in result.stderr
    assert "left out broken.jpg: " in result.stderr
    assert "50/50" in result.stderr
    assert Image.open(tmp_path / "run" / "losses.png").size[0] == 1120
    assert VggFeatures(tmp_path / "run" / "compact.safetensors", ["relu5_1"])(noise(1, 3, 32, 32))["relu5_1"].any()
    for wrong, words in (
        (["--teacher", tmp_path / "absent.pth"], "there is no"),
        (["--teacher", judge_file, "--share", 1, "--share", 2], "2 --share for 1 --pictures"),
        (["--teacher", judge_file, "--start", tmp_path / "toy.toml", "-o", tmp_path / "new"], "toy.toml"),
    ):
        refused = run(*told, *wrong)
        assert refused.exit_code in {1, 2}
        assert words in refused.stderr
        assert "Traceback" not in refused.output
