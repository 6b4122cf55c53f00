"""What style codes look like: statistics from a corpus, and the net that tells them from codes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from stylize.errors import StylizeError
from stylize.features import load_features
from stylize.methods.optimise.eye import EYE, gram_packer
from stylize.pictures import Picture
from stylize.sentence import Corpus
from stylize.sentence.lowrank import LowRank
from stylize.tensors import to_tensor
from stylize.training.appearance import Statistics, all_apart, apart, learned_appearance, statistics_of

SIZES = (4, 6)


def drawn(count: int, seed: int) -> Statistics:
    random = torch.Generator().manual_seed(seed)
    return tuple(torch.rand(count, size, generator=random) + 0.1 for size in SIZES)


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    noise = np.random.default_rng(0)
    return [Picture(noise.integers(0, 60 + 40 * i, (48, 64, 3), dtype=np.uint8)) for i in range(5)]


@pytest.fixture(scope="module")
def seen_corpus(pictures: list[Picture]) -> Corpus:
    """Five pictures of which only the moments mean something."""
    packer = gram_packer()
    count = len(pictures)
    return Corpus(
        meanings=torch.zeros(count, 384, dtype=torch.int8),
        scales=torch.ones(count),
        codes=torch.zeros(count, 4).half(),
        palettes=torch.zeros(count, 6).half(),
        strokes=torch.ones(count).half(),
        kinds=torch.zeros(count, dtype=torch.uint8),
        code_net="painter",
        encoder="encoder",
        grams=LowRank.fitted(torch.stack([packer.pack(picture) for picture in pictures]), packer.parts, packer.eye),
    )


def test_statistics_are_means_and_deviations_of_the_moments_held(seen_corpus: Corpus) -> None:
    found, grams = statistics_of(seen_corpus), seen_corpus.grams
    assert found is not None
    assert grams is not None
    packer = gram_packer()
    largest = grams.of_pictures(range(5)).tensor_split(3, dim=1)[2]
    for layer, moments in zip(found, torch.split(largest, packer.parts[: len(packer.parts) // 3], dim=1), strict=False):
        channels = layer.shape[1] // 2
        mean, gram = moments[:, :channels], torch.zeros(5, channels, channels)
        gram[:, *torch.triu_indices(channels, channels)] = moments[:, channels:]
        variance = gram.diagonal(dim1=1, dim2=2) - mean**2
        assert torch.equal(layer, torch.cat([mean, variance.clamp(min=0) ** 0.5], dim=1))


def test_statistics_are_nearest_to_what_compact_sees(seen_corpus: Corpus, pictures: list[Picture]) -> None:
    """Near is all that int8 allows."""
    found = statistics_of(seen_corpus)
    assert found is not None
    features = load_features(EYE, ("relu1_1", "relu2_1", "relu3_1"))
    with torch.inference_mode():
        maps = [tuple(features(to_tensor(picture)[None]).values()) for picture in pictures]
    for number, layer in enumerate(found):
        seen = [each[number] for each in maps]
        expected = torch.stack([torch.cat([m.mean((0, 2, 3)), m.std((0, 2, 3), correction=0)]) for m in seen])
        assert torch.cdist(layer, expected).argmin(dim=1).tolist() == [0, 1, 2, 3, 4]


def test_a_corpus_without_moments_has_no_statistics(seen_corpus: Corpus) -> None:
    assert statistics_of(replace(seen_corpus, grams=None)) is None


def test_moments_of_another_net_are_refused(seen_corpus: Corpus) -> None:
    assert seen_corpus.grams is not None
    other = replace(seen_corpus, grams=replace(seen_corpus.grams, eye="another"))
    with pytest.raises(StylizeError, match="another net"):
        statistics_of(other)


def test_distances_are_their_formula() -> None:
    ours, wanted = drawn(3, 0), drawn(5, 1)
    found = all_apart(ours, wanted)
    for i in range(3):
        for j in range(5):
            layers = [float(((a[i] - b[j]) ** 2).sum() / (b[j] ** 2).sum()) for a, b in zip(ours, wanted, strict=True)]
            assert float(found[i, j]) == pytest.approx(sum(layers) / 2, rel=1e-4)
    assert torch.allclose(apart(ours, tuple(layer[:3] for layer in wanted)), found[:, :3].diagonal(), rtol=1e-4)


def test_it_learns_what_codes_look_like() -> None:
    """On codes that it was not shown, where what follows from them is not linear."""
    random = torch.Generator().manual_seed(0)
    maps = [torch.randn(8, size, generator=random) for size in SIZES]
    look: Callable[[Tensor], Statistics] = lambda codes: tuple((codes @ each / 3).tanh() + 1.5 for each in maps)  # noqa: E731
    codes, others = torch.randn(600, 8, generator=random), torch.randn(100, 8, generator=random)
    net = learned_appearance(codes, look(codes), seed=0, steps=200)
    again = learned_appearance(codes, look(codes), seed=0, steps=200)
    usual = tuple(layer.mean(0, keepdim=True).expand(100, -1) for layer in look(codes))
    error = float(apart(net(others), look(others)).mean())
    assert error < 0.1 * float(apart(usual, look(others)).mean())
    assert all(torch.equal(a, b) for a, b in zip(net(others), again(others), strict=True))
