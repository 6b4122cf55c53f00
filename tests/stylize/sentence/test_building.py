import gc
import json
import weakref
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from stylize.errors import StylizeError, WeightsError
from stylize.pictures import Picture
from stylize.sentence import Corpus, EncodeStyle, Nets, SentenceEncoder, Source, build_from
from stylize.sentence.building import BATCH
from stylize.sentence.corpus import KINDS, Kind
from stylize.sentence.lowrank import PackGrams


@pytest.fixture
def nets(palette_code: EncodeStyle, encoder: SentenceEncoder) -> Nets:
    return Nets(palette_code, "n", encoder)


def source(folder: Path, kind: Kind = "scene") -> Source:
    return Source.read(folder, folder / "captions.jsonl", kind)


def test_a_folder_becomes_a_corpus(coloured: Path, nets: Nets, encoder: SentenceEncoder) -> None:
    steps: list[tuple[int, int]] = []
    built = build_from([source(coloured)], nets, lambda done, total: steps.append((done, total)))
    corpus = built.corpus
    assert len(corpus) == 4
    assert [broken.file.name for broken in built.broken] == ["broken.png"]
    assert built.broken[0].reason
    assert steps[-1] == (5, 5)
    assert corpus.code_net == "n"
    assert corpus.encoder == encoder.sha256
    assert corpus.grams is None
    assert torch.allclose(corpus.codes, corpus.palettes)  # this code is the palette
    lightness, green_red, blue_yellow = corpus.palettes[:, :3].T
    assert int(lightness.argmax()) == 3  # white
    assert int(green_red.argmax()) == 0  # red
    assert int(blue_yellow.argmin()) == 2  # blue
    for index, sentence in enumerate(("red", "green", "blue", "white")):
        places, cosines = corpus.nearest(encoder.encode([sentence])[0], KINDS, 2)
        assert int(places[0]) == index
        assert cosines[0] > cosines[1]


def test_moments_of_all_pictures_are_told_by_those_of_a_sample(
    coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pack(picture: Picture) -> Tensor:
        return torch.from_numpy(picture.pixels.copy()).float().mean((0, 1))

    monkeypatch.setattr("stylize.sentence.building.SAMPLE", 3)
    nets = Nets(palette_code, "n", encoder, PackGrams(pack, (1, 2), "eye"))
    sources = [source(coloured), Source(coloured, {"blue.png": ["a blue one"]}, "artwork")]
    corpus = build_from(sources, nets).corpus
    assert corpus.grams is not None
    assert corpus.grams.eye == "eye"
    assert len(corpus.grams.basis) == 2  # of three colours, one of them the only artwork's
    for place in (2, 4):
        told = corpus.grams.of_pictures([place])[0]
        torch.testing.assert_close(told, torch.tensor([30.0, 60.0, 190.0]), rtol=0.02, atol=1)


@pytest.mark.parametrize("with_grams", [True, False])
def test_saved_and_loaded_it_is_the_same(
    coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder, tmp_path: Path, with_grams: bool
) -> None:
    packer = PackGrams(lambda picture: torch.arange(4.0) + picture.pixels[0, 0, 0], (4,), "eye")
    nets = Nets(palette_code, "n", encoder, packer if with_grams else None)
    corpus = build_from([source(coloured, "artwork")], nets).corpus
    file = tmp_path / "new" / "corpus.safetensors"
    corpus.save(file)
    loaded = Corpus.load(file, code_net="n", encoder=encoder.sha256)
    for name in ("meanings", "scales", "codes", "palettes", "strokes", "kinds"):
        assert torch.equal(getattr(loaded, name), getattr(corpus, name))
    if corpus.grams is None:
        assert loaded.grams is None
    else:
        assert loaded.grams is not None
        assert loaded.grams.eye == "eye"
        assert torch.equal(loaded.grams.of_pictures([1])[0], corpus.grams.of_pictures([1])[0])
    assert bool(loaded.of_kind("artwork").all())
    assert not bool(loaded.of_kind("scene", "texture").any())
    assert loaded.label(2) == "artwork 2"
    written = file.read_bytes()
    assert b"red" not in written  # neither captions nor names
    assert b".png" not in written


def test_several_folders_keep_their_kinds(coloured: Path, nets: Nets) -> None:
    corpus = build_from(
        [Source(coloured, {"red.png": ["red"]}, "texture"), Source(coloured, {"blue.png": ["blue"]}, "artwork")], nets
    ).corpus
    assert [corpus.label(picture) for picture in range(2)] == ["texture 0", "artwork 1"]


def test_pictures_are_not_all_in_memory(coloured: Path, encoder: SentenceEncoder) -> None:
    rows = [{"image": "./" * i + "red.png", "caption": "red"} for i in range(3 * BATCH)]
    (coloured / "captions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    alive: set[int] = set()
    most = 0

    def encode(pictures: Sequence[Picture]) -> Tensor:
        nonlocal most
        for picture in pictures:
            alive.add(id(picture))
            weakref.finalize(picture, alive.discard, id(picture))
        gc.collect()
        most = max(most, len(alive))
        return torch.zeros(len(pictures), 3)

    assert len(build_from([source(coloured)], Nets(encode, "n", encoder)).corpus) == 3 * BATCH
    assert most <= 2 * BATCH


def test_only_broken_pictures_are_refused(coloured: Path, nets: Nets) -> None:
    lost = Source(coloured, {"broken.png": ["one"], "absent.png": ["two"]}, "scene")
    with pytest.raises(StylizeError, match=r"None of the 2 .* broken\.png"):
        build_from([lost], nets)


def test_another_net_is_refused(coloured: Path, nets: Nets) -> None:
    file = coloured / "corpus.safetensors"
    build_from([source(coloured)], nets).corpus.save(file)
    with pytest.raises(WeightsError, match="another style encoder"):
        Corpus.load(file, code_net="b" * 64)
    with pytest.raises(WeightsError, match="another sentence encoder"):
        Corpus.load(file, encoder="b" * 64)


def test_files_that_are_no_corpus_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no corpus"):
        Corpus.load(tmp_path / "corpus.safetensors")
    (tmp_path / "corpus.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(WeightsError, match="damaged"):
        Corpus.load(tmp_path / "corpus.safetensors")
