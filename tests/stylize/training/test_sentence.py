"""Training of the sentence head, on sentences and codes that are drawn from random numbers."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from typer.testing import CliRunner

from stylize.cli import app
from stylize.errors import StylizeError, WeightsError
from stylize.pictures import Picture, encode_picture
from stylize.sentence import Corpus, Nets, SentenceEncoder, Source, build_file
from stylize.sentence.colours import palette
from stylize.sentence.corpus import KINDS
from stylize.sentence.head import Head
from stylize.sentence.lowrank import quantised
from stylize.training.appearance import all_apart, apart
from stylize.training.commands import RECIPES
from stylize.training.sentence import (
    Lessons,
    found_among,
    losses,
    losses_by_looks,
    recall,
    split,
    train,
    untrained,
    whiten,
)
from stylize.training.sentence_recipe import SentenceRecipe

TOY = SentenceRecipe(steps=40, batch=64, width=64, components=6, held_out=30, validation=30)


@pytest.fixture
def encoder_corpus(tmp_path: Path) -> Path:
    """24 plain pictures with captions.txt, and mine.safetensors, whose style codes are their palettes."""
    lines = []
    for place in range(24):
        pixels = np.full((32, 40, 3), (place * 10, 255 - place * 10, 128), np.uint8)
        (tmp_path / f"{place}.png").write_bytes(encode_picture(Picture(pixels), "png"))
        lines.append(f"{place}.png\ta wall in tone number {place}")
    (tmp_path / "captions.txt").write_text("\n".join(lines), encoding="utf-8")

    def encode(pictures: Sequence[Picture]) -> Tensor:
        return torch.stack([torch.from_numpy(palette(picture)) for picture in pictures])

    source = Source.read(tmp_path, tmp_path / "captions.txt", "scene")
    build_file(tmp_path / "mine.safetensors", [source], Nets(encode, "palettes"))
    return tmp_path


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    """400 pictures, three sentences each; codes of 8 numbers follow from what the sentences share."""
    random = torch.Generator().manual_seed(0)
    few, wide = torch.randn(400, 6, generator=random), torch.randn(6, 384, generator=random)
    themes = F.normalize(few @ wide, dim=1)
    said = F.normalize(themes[:, None] + 0.02 * torch.randn(400, 3, 384, generator=random), dim=2)
    codes = themes @ torch.randn(384, 8, generator=random) + 0.1 * torch.randn(400, 8, generator=random)
    names = tuple(f"{place}.jpg" for place in range(400))
    owners = torch.arange(400).repeat_interleave(3)
    return Lessons(names, said.flatten(0, 1), owners, codes, torch.arange(400) >= 380, "painter", "encoder")


def look_of(codes: Tensor) -> tuple[Tensor, Tensor]:
    """Statistics of two layers that follow from codes of 8 numbers."""
    maps = torch.randn(8, 10, generator=torch.Generator().manual_seed(1)) / 4
    first, second = torch.split((codes @ maps).tanh() + 1.5, [4, 6], dim=1)
    return first, second


@pytest.fixture(scope="module")
def looks(lessons: Lessons) -> Lessons:
    """The same pictures with statistics."""
    return replace(lessons, statistics=look_of(lessons.codes))


def test_it_learns_what_it_is_not_shown(lessons: Lessons) -> None:
    _, _, measured = split(lessons, TOY)
    before = found_among(untrained(lessons, split(lessons, TOY)[0], TOY), lessons, measured, 4)
    after = found_among(train(lessons, TOY), lessons, measured, 4)
    assert before < 0.25  # chance is 4 of 30
    assert after > 0.5


def test_the_same_recipe_makes_the_same_head(lessons: Lessons) -> None:
    short = replace(TOY, steps=3)
    first, second = (train(lessons, short).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = train(lessons, replace(short, seed=1)).state_dict()
    assert not torch.equal(first["net.linear1.weight"], other["net.linear1.weight"])


def test_held_out_pictures_are_apart_and_follow_from_their_names(lessons: Lessons) -> None:
    parts = split(lessons, TOY)
    assert [len(part) for part in parts] == [340, 30, 30]
    assert sorted(torch.cat(parts).tolist()) == list(range(400))
    assert not bool(lessons.titled[torch.cat(parts[1:])].any())
    turned = replace(lessons, names=lessons.names[::-1], titled=lessons.titled.flip(0))
    assert {turned.names[place] for place in split(turned, TOY)[2]} == {lessons.names[place] for place in parts[2]}


def test_held_out_pictures_change_nothing_in_training(looks: Lessons) -> None:
    """Neither the nets nor the components may have seen them."""
    _, chosen, measured = split(looks, TOY)
    held = torch.cat([chosen, measured])
    codes, seen = looks.codes.clone(), look_of(looks.codes)
    for rows in (codes, *seen):
        rows[held] += 100
    short = replace(TOY, steps=3)
    first, second = (train(each, short).state_dict() for each in (looks, replace(looks, codes=codes, statistics=seen)))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_losses_are_their_formulas() -> None:
    random = torch.Generator().manual_seed(0)
    found, own = (torch.randn(5, 3, generator=random) for _ in range(2))
    lengths = torch.tensor([0.8, 0.5, 0.2])
    apart = torch.ones(5, 5, dtype=torch.bool)
    apart[0, 1] = apart[1, 0] = False
    recipe = SentenceRecipe(reach=0.3)
    each = losses(found, own, lengths, apart, recipe, torch.tensor(10.0))
    cosines = torch.stack([F.cosine_similarity(row[None], own) for row in found])
    squares = ((found[:, None] - own[None]) * lengths).square().sum(2)

    def told(scores: Tensor) -> float:
        kept = [[j for j in range(5) if {i, j} != {0, 1}] for i in range(5)]
        terms = [scores[i, i] - scores[i, kept[i]].exp().sum().log() for i in range(5)]
        return -float(torch.stack(terms).mean())

    expected = {
        "direction": float((1 - cosines.diagonal()).mean()),
        "ranking": (told(cosines * 10) + told(cosines.T * 10)) / 2,
        "distance": float(squares.diagonal().mean()),
        "ranking_by_distance": told(-squares / 0.3),
    }
    assert {name: float(value) for name, value in each.items()} == pytest.approx(expected, rel=1e-4)


def test_losses_by_looks_are_their_formulas() -> None:
    random = torch.Generator().manual_seed(0)
    found, own = (tuple(torch.rand(4, size, generator=random) + 0.1 for size in (3, 5)) for _ in range(2))
    mean = tuple(torch.rand(1, size, generator=random) + 0.1 for size in (3, 5))
    different = torch.ones(4, 4, dtype=torch.bool)
    different[0, 1] = different[1, 0] = False
    each = losses_by_looks(found, own, mean, different, SentenceRecipe(softness=0.5))
    to = all_apart(found, own)
    bland = all_apart(mean, own)[0]
    others = [(i, j) for i in range(4) for j in range(4) if i != j and {i, j} != {0, 1}]
    # sigmoid(log(a / b) / 0.5) is a² / (a² + b²)
    lost = [float(to[i, i] ** 2 / (to[i, i] ** 2 + to[i, j] ** 2)) for i, j in others]
    lost_to_mean = [float(to[i, i] ** 2 / (to[i, i] ** 2 + bland[i] ** 2)) for i in range(4)]
    assert float(each["beside_others"]) == pytest.approx(sum(lost) / len(lost), rel=1e-4)
    assert float(each["beside_mean"]) == pytest.approx(sum(lost_to_mean) / 4, rel=1e-4)


def test_it_learns_to_look_like_the_picture_rather_than_the_mean(looks: Lessons) -> None:
    """By the two losses alone, on pictures that it is not shown."""
    seen, _, measured = split(looks, TOY)
    only = replace(TOY, steps=150, direction=0, ranking=0, distance=0, ranking_by_distance=0)
    vectors = torch.stack([looks.vectors[looks.owners == place][0] for place in measured.tolist()])

    def won(head: Head) -> tuple[float, float]:
        found, wanted = look_of(head(vectors)), look_of(looks.codes[measured])
        to = all_apart(found, wanted)
        bland = look_of(head.mean[None].expand(len(measured), -1))
        beside_mean = apart(found, wanted) < apart(bland, wanted)
        return float((to.diagonal()[:, None] < to).float().mean()), float(beside_mean.float().mean())

    before, after = won(untrained(looks, seen, only).eval()), won(train(looks, only))
    assert before[0] < 0.65
    assert before[1] < 0.65
    assert after[0] > 0.85
    assert after[1] > 0.85


def test_recall_counts_by_rank() -> None:
    codes = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.4], [0.0, 1.0], [9.0, 9.0]]), dim=1)
    found = torch.tensor([[1.0, 0.1], [1.0, 0.1]])
    pictures, owners = torch.tensor([2, 1, 0]), torch.tensor([0, 1])
    assert recall(found, owners, codes, pictures, 1) == 0.5  # the sentence lies nearest to picture 0
    assert recall(found, owners, codes, pictures, 2) == 1.0


def test_whitened_codes_come_back(lessons: Lessons) -> None:
    seen = split(lessons, TOY)[0]
    head = untrained(lessons, seen, replace(TOY, components=8))
    codes = lessons.codes[seen]
    assert torch.allclose(head.mean + whiten(head, codes) @ head.axes, codes, atol=1e-4)
    assert torch.allclose(whiten(head, codes).std(0, correction=0), torch.ones(8), atol=1e-3)


def test_a_head_is_saved_and_read(lessons: Lessons, tmp_path: Path) -> None:
    head = untrained(lessons, split(lessons, TOY)[0], TOY).eval()
    head.save(tmp_path / "head.safetensors")
    read = Head.load(tmp_path / "head.safetensors")
    assert (read.code_net, read.encoder) == ("painter", "encoder")
    assert torch.allclose(read(lessons.vectors[:9]), head(lessons.vectors[:9]), atol=0.05)
    (tmp_path / "head.safetensors").write_bytes(b"no head")
    with pytest.raises(WeightsError, match="no head"):
        Head.load(tmp_path / "head.safetensors")


def test_lessons_are_the_corpus_with_its_sentences(tmp_path: Path) -> None:
    encoder = SentenceEncoder()
    captions = {"a.jpg": ["a red wall", "bricks"], "broken.jpg": ["left out"], "b.jpg": ["the blue sea"]}
    kept = [captions["a.jpg"], captions["b.jpg"]]
    means = torch.stack([F.normalize(encoder.encode(said).mean(0), dim=0) for said in kept])
    meanings, scales = quantised(means)
    corpus = Corpus(
        meanings=meanings,
        scales=scales,
        codes=torch.randn(2, 4).half(),
        palettes=torch.zeros(2, 6).half(),
        strokes=torch.ones(2).half(),
        kinds=torch.tensor([KINDS.index("scene"), KINDS.index("artwork")], dtype=torch.uint8),
        code_net="painter",
        encoder=encoder.sha256,
    )
    lessons = Lessons.read(corpus, [Source(tmp_path, captions, "scene")], encoder)
    assert lessons.names == ("a.jpg", "b.jpg")
    assert lessons.owners.tolist() == [0, 0, 1]
    assert lessons.titled.tolist() == [False, True]
    assert torch.allclose(lessons.meanings(), means, atol=1e-5)
    with pytest.raises(StylizeError, match="Only 1 of the corpus' 2 pictures"):
        Lessons.read(corpus, [Source(tmp_path, {"a.jpg": captions["a.jpg"]}, "scene")], encoder)


def test_the_shipped_recipe_is_the_default() -> None:
    assert SentenceRecipe.read(RECIPES / "sentence.toml") == SentenceRecipe()


def test_small_corpora_are_learned_from_and_smaller_ones_refused(lessons: Lessons) -> None:
    def first(count: int) -> Lessons:
        owned = lessons.owners < count
        return replace(
            lessons,
            names=lessons.names[:count],
            vectors=lessons.vectors[owned],
            owners=lessons.owners[owned],
            codes=lessons.codes[:count],
            titled=lessons.titled[:count],
        )

    assert [len(part) for part in split(first(40), SentenceRecipe())] == [32, 4, 4]
    with pytest.raises(StylizeError, match="needs at least 20"):
        train(first(19), TOY)


def test_from_the_command_line(encoder_corpus: Path) -> None:
    folder = encoder_corpus
    words = ["train", "sentence", "--pictures", str(folder), "--captions", str(folder / "captions.txt")]
    words += ["--corpus", str(folder / "mine.safetensors"), "-o", str(folder / "head.safetensors"), "--steps", "50"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "24 pictures with 24 sentences" in result.output
    head = Head.load(folder / "head.safetensors")
    assert head.code_net == Corpus.load(folder / "mine.safetensors").code_net
    assert (folder / "head.png").read_bytes().startswith(b"\x89PNG")


def test_unknown_keys_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("stepz = 3\n")
    with pytest.raises(ValueError, match="stepz"):
        SentenceRecipe.read(tmp_path / "mine.toml")
