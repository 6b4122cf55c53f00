"""Targets without pictures: made, stored, mixed, read, against the pictures' own."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from stylize import Engine, MixStyle, Options, Picture, PresetStyle, Request, SentenceStyle, StyleError
from stylize.errors import WeightsError
from stylize.losses import wasserstein_distance
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise import Optimise, OptimiseRecipe
from stylize.methods.optimise.shipped import ShippedTargets, parts_of
from stylize.methods.optimise.target import LayerTarget, Targets
from stylize.presets import all_presets
from stylize.sentence.corpus import Corpus
from stylize.sentence.styles import SentenceCode
from stylize.weights import fingerprint, shipped
from tests.stylize.methods.optimise.test_method import PHOTO

QUICK = 'side = 96\nstages = [[0.75, 3], [1.0, 5]]\ncontent_layers = ["relu3_1"]\ncontent_weights = [1.0]\n'


def net(pictures: Tensor) -> dict[str, Tensor]:
    edges = torch.cat([pictures, pictures.roll(1, 3) - pictures], dim=1).relu()
    return {"a": edges, "b": torch.nn.functional.avg_pool2d(edges, 2).repeat(1, 2, 1, 1) ** 2}


def corpus(count: int) -> Corpus:
    zeros = torch.zeros
    return Corpus(
        zeros(count, 384, dtype=torch.int8),
        zeros(count),
        zeros(count, 4).half(),
        zeros(count, 6).half(),
        zeros(count).half(),
        zeros(count, dtype=torch.uint8),
        "code net",
        "encoder",
    )


def some_pictures(count: int) -> list[Tensor]:
    """Each a mixture of the same three looks, so that few components tell them apart."""
    generator = torch.Generator().manual_seed(0)
    looks = torch.rand(3, 3, 96, 128, generator=generator)
    return [(torch.rand(3, 1, 1, 1, generator=generator) * looks).sum(0, keepdim=True) / 2 for _ in range(count)]


@pytest.fixture(scope="module")
def made() -> tuple[Targets, Tensor, ShippedTargets]:
    targets = Targets(net, ("a", "b"), by_places=False)
    rows = torch.stack([targets.pack(picture) for picture in some_pictures(30)])
    few = ShippedTargets.fitted({"one": rows[0]}, rows, parts_of(targets), 12, "eye", corpus(30))
    return targets, rows, few


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


def least_variance(target: LayerTarget) -> float:
    mean, gram = moments(target)
    return float(torch.linalg.eigvalsh(gram[0] - mean.T @ mean)[0])


def test_a_few_components_tell_pictures_apart(made: tuple[Targets, Tensor, ShippedTargets]) -> None:
    targets, rows, few = made
    for place in (3, 11):
        told = targets.possible(few.of_pictures([(place, 0.5)]))
        assert distance(targets, told, rows[place]) < 0.1 * distance(targets, rows[place + 1], rows[place])


def test_several_pictures_are_the_mean_of_their_moments(made: tuple[Targets, Tensor, ShippedTargets]) -> None:
    targets, _, few = made
    mixed = few.of_pictures([(2, 3.0), (5, 1.0)])
    alone = torch.stack([few.of_pictures([(2, 1.0)]), few.of_pictures([(5, 1.0)])])
    torch.testing.assert_close(mixed, targets.mix(alone, torch.tensor([3.0, 1.0])), rtol=1e-3, atol=1e-4)


def test_they_come_back_from_their_file_and_know_what_they_fit(
    made: tuple[Targets, Tensor, ShippedTargets], tmp_path: Path
) -> None:
    _, rows, few = made
    few.save(tmp_path / "targets.safetensors")
    again = ShippedTargets.load(tmp_path / "targets.safetensors")
    torch.testing.assert_close(again.of_preset("one"), rows[0], rtol=1e-3, atol=1e-3)
    assert torch.equal(again.of_pictures([(4, 1.0)]), few.of_pictures([(4, 1.0)]))
    again.require(eye="eye", corpus=corpus(30))
    for eye, pictures in (("other", corpus(30)), ("eye", corpus(29))):
        with pytest.raises(WeightsError, match="other weights"):
            again.require(eye=eye, corpus=pictures)
    with pytest.raises(WeightsError, match="no targets"):
        again.of_preset("two")
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="can't be read"):
        ShippedTargets.load(tmp_path / "broken.safetensors")


def test_impossible_moments_become_the_nearest_possible_ones() -> None:
    targets = Targets(net, ("a",), by_places=False)
    packed = targets.pack(some_pictures(1)[0])
    torch.testing.assert_close(targets.possible(packed), packed, rtol=1e-4, atol=1e-5)
    wrong = packed + 0.1 * torch.randn(packed.shape, generator=torch.Generator().manual_seed(1))
    assert least_variance(targets.unpack(wrong, 128)["a"]) < -1e-3
    assert least_variance(targets.unpack(targets.possible(wrong), 128)["a"]) > -1e-5


def test_the_shipped_ones_fit_the_shipped_nets() -> None:
    found = ShippedTargets.load()
    found.require(eye=fingerprint(shipped("compact")), corpus=Corpus.load())
    assert set(found.presets) == {preset.name for preset in all_presets()}


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


def test_a_sentence_from_another_corpus_is_refused() -> None:
    cpu = torch.device("cpu")
    method = Optimise(cpu, OptimiseRecipe.named("finest"), Adaptive(cpu, torch.float32))
    found = SentenceCode(torch.zeros(1), ((0, 1.0),), 0.5)
    assert len(method.of_sentence(found, Corpus.load())) > 1
    with pytest.raises(WeightsError, match="other weights"):
        method.of_sentence(found, corpus(3))


def test_other_nets_say_what_they_can_not_aim_at(tmp_path: Path) -> None:
    recipe = tmp_path / "places.toml"
    recipe.write_text('style_loss = "nearest"\n')
    request = Request(PHOTO, PresetStyle("kiss"), Options(method="optimise", recipe=str(recipe)))
    with pytest.raises(StyleError, match="Choose the recipe finest"):
        Engine("cpu").render(request)
