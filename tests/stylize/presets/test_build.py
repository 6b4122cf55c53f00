"""Preset readings: descent brings one nearer to its painting, and a stopped build goes on."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from stylize.errors import StyleError, WeightsError
from stylize.methods.adaptive import Adaptive
from stylize.methods.adaptive_net import STYLE_SIZE
from stylize.presets import all_presets, find_preset
from stylize.presets.build import build_codes, optimise_style
from stylize.presets.codes import preset_code
from stylize.training.judging import Judge, load_judge
from stylize.training.recipe import AdaptiveRecipe


@pytest.fixture(scope="module")
def method() -> Adaptive:
    return Adaptive(torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def judge(shared: Path) -> Judge:
    return load_judge([shared / "weights" / "vgg19_slim16x_conv1_1-conv5_1.safetensors"], torch.device("cpu"))


def stripes(seed: int) -> torch.Tensor:
    """(3, 256, 256) uint8: coloured bars."""
    generator = torch.Generator().manual_seed(seed)
    bars = torch.rand(3, 1, 16, generator=generator).repeat_interleave(16, 2).expand(3, 256, 256)
    return (bars * 255).byte().contiguous()


def test_descent_brings_the_reading_nearer(method: Adaptive, judge: Judge) -> None:
    photos = [stripes(1).transpose(1, 2).contiguous()]
    style, before, after = optimise_style(method, stripes(2), photos, judge, AdaptiveRecipe(), steps=8, batch=1)
    assert style.shape == (STYLE_SIZE,)
    assert after < before


def test_a_build_keeps_what_was_done(method: Adaptive, judge: Judge, tmp_path: Path) -> None:
    photos, target = [stripes(1)], tmp_path / "codes.safetensors"
    told: list[str] = []

    def stop_after_one(name: str, before: float, after: float) -> None:
        told.append(name)
        if len(told) == 2:
            raise KeyboardInterrupt

    paintings = {"first": stripes(3), "second": stripes(4)}
    build = (method, paintings, photos, judge, AdaptiveRecipe(), target)
    with pytest.raises(KeyboardInterrupt):
        build_codes(*build, stop_after_one, steps=1)
    assert not target.exists()
    build_codes(*build, stop_after_one, steps=1)
    assert told == ["first", "second", "second"]
    with safe_open(target, "pt") as file:
        assert sorted(file.keys()) == ["first", "second"]
        assert file.metadata()["code_net"] == method.weights


def test_every_preset_has_a_code_for_the_shipped_painter(method: Adaptive) -> None:
    codes = torch.stack([preset_code(preset.name, method.weights) for preset in all_presets()])
    assert codes.isfinite().all()
    assert torch.pdist(codes).min() > 0.1


def test_codes_for_other_weights_are_refused() -> None:
    with pytest.raises(WeightsError, match="stylize presets build"):
        preset_code("scream", "0" * 64)


def test_an_unknown_preset_is_answered_with_the_known_ones() -> None:
    assert find_preset(" Scream ").artist == "Edvard Munch"
    with pytest.raises(StyleError, match="great-wave"):
        find_preset("lascaux")
