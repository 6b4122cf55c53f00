"""A large corpus searched through its index, against every row compared."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from typer.testing import CliRunner

from stylize.errors import WeightsError
from stylize.sentence import Corpus, SentenceEncoder, SentenceStyles
from stylize.sentence.commands import app
from stylize.sentence.corpus import KINDS, WORTH_AN_INDEX
from stylize.sentence.encoder import OFFICIAL_SHA256
from stylize.sentence.lowrank import quantised

SCENES = WORTH_AN_INDEX
ARTWORKS = 300
TOPIC = 50  # pictures


def some_rows(count: int, seed: int) -> Tensor:
    """(count, 384) unit vectors in topics, as captions are."""
    generator = torch.Generator().manual_seed(seed)
    topics = torch.randn(SCENES // TOPIC, 384, generator=torch.Generator().manual_seed(0))
    chosen = topics[torch.randint(len(topics), (count,), generator=generator)]
    return F.normalize(chosen + 0.8 * torch.randn(count, 384, generator=generator), dim=1)


def corpus_of(rows: Tensor) -> Corpus:
    meanings, scales = quantised(rows)
    kinds = torch.zeros(len(rows), dtype=torch.uint8)
    kinds[::200] = KINDS.index("artwork")
    generator = torch.Generator().manual_seed(1)
    codes, palettes = torch.rand(len(rows), 4, generator=generator), 30 * torch.rand(len(rows), 6, generator=generator)
    return Corpus(meanings, scales, codes.half(), palettes.half(), codes[:, 0].half(), kinds, "net", OFFICIAL_SHA256)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with its index beside it."""
    file = tmp_path_factory.mktemp("large") / "mine.safetensors"
    corpus_of(some_rows(SCENES + ARTWORKS, seed=1)).save(file)
    result = CliRunner().invoke(app, ["index", str(file)])
    assert result.exit_code == 0, result.output
    assert "mine.safetensors.index: scene," in result.stdout
    return file


@pytest.fixture(scope="module")
def indexed(file: Path) -> Corpus:
    return Corpus.load(file)


def test_it_finds_nearly_all_of_the_nearest(indexed: Corpus) -> None:
    exact = replace(indexed, index=None)
    hits = 0
    for vector in some_rows(50, seed=2):
        places, cosines = indexed.nearest(vector, ("scene",), 10)
        assert bool((cosines.diff() <= 0).all())
        torch.testing.assert_close(cosines, indexed.rows(places) @ vector)  # not those of the codes
        hits += len(set(places.tolist()) & set(exact.nearest(vector, ("scene",), 10)[0].tolist()))
    assert hits >= 0.9 * 500


def test_few_pictures_of_a_kind_are_all_compared(indexed: Corpus) -> None:
    exact = replace(indexed, index=None)
    for vector in some_rows(5, seed=3):
        assert torch.equal(indexed.nearest(vector, ("artwork",), 9)[0], exact.nearest(vector, ("artwork",), 9)[0])
        both = indexed.nearest(vector, ("artwork", "scene"), 20)
        assert float(both[1][0]) >= float(indexed.nearest(vector, ("artwork",), 1)[1][0])


def test_sentences_are_read_through_it(indexed: Corpus, encoder: SentenceEncoder) -> None:
    code = SentenceStyles(indexed, encoder).code("a snowy day")
    assert code.code.shape == (4,)
    assert bool(code.code.isfinite().all())
    assert sum(weight for _, weight in code.looked_at) == pytest.approx(1, abs=1e-5)


def test_of_another_corpus_it_is_not_used(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    corpus_of(some_rows(100, seed=4)).save(other)
    (tmp_path / "other.safetensors.index").write_bytes(file.with_name(f"{file.name}.index").read_bytes())
    assert Corpus.load(file).index is not None
    assert Corpus.load(other).index is None
    assert "index: none" in CliRunner().invoke(app, ["info", str(other)]).stdout
    assert "index: scene" in CliRunner().invoke(app, ["info", str(file)]).stdout


def test_a_damaged_one_is_refused(file: Path, tmp_path: Path) -> None:
    other = tmp_path / file.name
    other.symlink_to(file)
    (tmp_path / f"{file.name}.index").write_bytes(file.with_name(f"{file.name}.index").read_bytes()[:5000])
    with pytest.raises(WeightsError, match="`stylize corpus index` makes it anew"):
        Corpus.load(other)


def test_a_small_corpus_needs_none(tmp_path: Path) -> None:
    corpus_of(some_rows(100, seed=4)).save(tmp_path / "small.safetensors")
    result = CliRunner().invoke(app, ["index", str(tmp_path / "small.safetensors")])
    assert result.exit_code == 2
    assert "50,000 pictures or more" in result.stderr
    assert not (tmp_path / "small.safetensors.index").exists()
