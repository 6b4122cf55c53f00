"""Targets without pictures: of presets, and of sentences by the moments in their corpus."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from stylize import Engine, MixStyle, Options, Picture, PresetStyle, Request, SentenceStyle, StyleError
from stylize.errors import WeightsError
from stylize.methods.adaptive import Adaptive
from stylize.methods.adaptive_net import STYLE_SIZE
from stylize.methods.optimise import Optimise, OptimiseRecipe
from stylize.methods.optimise.eye import eye_name, gram_packer
from stylize.methods.optimise.shipped import PresetTargets
from stylize.methods.optimise.target import Targets
from stylize.presets import all_presets
from stylize.sentence.corpus import Corpus
from stylize.sentence.styles import SentenceCode
from tests.stylize.methods.optimise.test_method import PHOTO

QUICK = 'side = 96\nstages = [[0.75, 3], [1.0, 5]]\ncontent_layers = ["relu3_1"]\ncontent_weights = [1.0]\n'


def net(pictures: Tensor) -> dict[str, Tensor]:
    return {"a": torch.cat([pictures, pictures.roll(1, 3) - pictures], dim=1).relu()}


def test_they_come_back_from_their_file_and_know_what_they_fit(tmp_path: Path) -> None:
    file = tmp_path / "targets.safetensors"
    row = torch.rand(100, generator=torch.Generator().manual_seed(0))
    PresetTargets({"one": row}, "eye").save(file)
    again = PresetTargets.load(file, eye="eye")
    torch.testing.assert_close(again.of_preset("one"), row, rtol=1e-3, atol=1e-3)
    with pytest.raises(WeightsError, match="other weights"):
        PresetTargets.load(file, eye="other")
    with pytest.raises(WeightsError, match="no targets"):
        again.of_preset("two")
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="can't be read"):
        PresetTargets.load(tmp_path / "broken.safetensors")


def test_impossible_moments_become_the_nearest_possible_ones() -> None:
    targets = Targets(net, ("a",), by_places=False)
    packed = targets.pack(torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(targets.possible(packed), packed, rtol=1e-4, atol=1e-5)
    wrong = packed + 0.1 * torch.randn(packed.shape, generator=torch.Generator().manual_seed(1))
    assert least_variance(targets, wrong) < -1e-3
    assert least_variance(targets, targets.possible(wrong)) > -1e-5


def least_variance(targets: Targets, packed: Tensor) -> float:
    target = targets.unpack(packed, 128)["a"]
    assert target.mean is not None
    assert target.gram is not None
    return float(torch.linalg.eigvalsh(target.gram[0] - target.mean.T @ target.mean)[0])


def test_the_shipped_ones_fit_the_shipped_nets() -> None:
    packer = gram_packer()
    found = PresetTargets.load(eye=packer.eye)
    assert set(found.presets) == {preset.name for preset in all_presets()}
    grams = Corpus.load().grams
    assert grams is not None
    assert grams.eye == packer.eye
    assert len(found.of_preset("kiss")) == len(grams.mean) == sum(packer.parts) == len(packer.pack(PHOTO))


def test_presets_sentences_and_mixes_are_aimed_at(tmp_path: Path) -> None:
    recipe = tmp_path / "quick.toml"
    recipe.write_text(QUICK)
    options = Options(method="optimise", recipe=str(recipe))
    engine = Engine("cpu")
    mix = MixStyle(((PresetStyle("kiss"), 1.0), (SentenceStyle("thick blue swirls"), 2.0)))
    painted: list[Picture] = []
    for style in (PresetStyle("kiss"), SentenceStyle("thick blue swirls"), mix):
        losses: list[float] = []
        result = engine.render(
            Request(PHOTO, style, options), lambda p, losses=losses: losses.append(p.loss or 0.0) or True
        )
        descent = [loss for loss in losses if loss]
        assert descent[7] < descent[3]
        assert result.method == "optimise"
        painted.append(result.picture)
    assert len({picture.pixels.tobytes() for picture in painted}) == 3


def test_a_corpus_without_fitting_moments_is_refused() -> None:
    cpu = torch.device("cpu")
    method = Optimise(cpu, OptimiseRecipe.named("finest"), Adaptive(cpu, torch.float32))
    found = SentenceCode(torch.zeros(STYLE_SIZE), ((0, 1.0),), 0.5)
    corpus = Corpus.load()
    assert corpus.grams is not None
    assert corpus.grams.eye == eye_name()
    assert len(method.of_sentence(found, corpus)) > 1
    with pytest.raises(StyleError, match="without Gram matrices"):
        method.of_sentence(found, replace(corpus, grams=None))
    with pytest.raises(WeightsError, match="another net"):
        method.of_sentence(found, replace(corpus, grams=replace(corpus.grams, eye="0" * 64)))


def test_other_nets_say_what_they_can_not_aim_at(tmp_path: Path) -> None:
    recipe = tmp_path / "places.toml"
    recipe.write_text('style_loss = "nearest"\n')
    request = Request(PHOTO, PresetStyle("kiss"), Options(method="optimise", recipe=str(recipe)))
    with pytest.raises(StyleError, match="Choose the recipe finest"):
        Engine("cpu").render(request)
