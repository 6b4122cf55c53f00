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
from stylize.sentence import Corpus, EncodeStyle, SentenceEncoder, Source, build_corpus, build_from
from stylize.sentence.building import BATCH
from stylize.sentence.corpus import KINDS


def test_a_folder_becomes_a_corpus(coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder) -> None:
    steps: list[tuple[int, int]] = []
    built = build_corpus(
        coloured,
        coloured / "captions.jsonl",
        palette_code,
        lambda done, total: steps.append((done, total)),
        code_net="n",
        encoder=encoder,
    )
    corpus = built.corpus
    assert len(corpus) == 4
    assert [broken.file.name for broken in built.broken] == ["broken.png"]
    assert built.broken[0].reason
    assert steps[-1] == (5, 5)
    assert corpus.code_net == "n"
    assert corpus.encoder == encoder.sha256
    assert torch.allclose(corpus.codes, corpus.palettes)  # this code is the palette
    lightness, green_red, blue_yellow = corpus.palettes[:, :3].T
    assert int(lightness.argmax()) == 3  # white
    assert int(green_red.argmax()) == 0  # red
    assert int(blue_yellow.argmin()) == 2  # blue
    for index, sentence in enumerate(("red", "green", "blue", "white")):
        assert int(corpus.nearest(encoder.encode([sentence])[0], KINDS, 2)[0][0]) == index


def test_saved_and_loaded_it_is_the_same(
    coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    corpus = build_corpus(
        coloured, coloured / "captions.jsonl", palette_code, kind="artwork", code_net="n", encoder=encoder
    ).corpus
    file = tmp_path / "new" / "corpus.safetensors"
    corpus.save(file)
    loaded = Corpus.load(file, code_net="n", encoder=encoder.sha256)
    for name in ("meanings", "scales", "codes", "palettes", "strokes", "kinds"):
        assert torch.equal(getattr(loaded, name), getattr(corpus, name))
    assert bool(loaded.of_kind("artwork").all())
    assert not bool(loaded.of_kind("scene", "texture").any())
    assert loaded.label(2) == "artwork 2"
    written = file.read_bytes()
    assert b"red" not in written  # neither captions nor names
    assert b".png" not in written


def test_several_folders_keep_their_kinds(coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder) -> None:
    corpus = build_from(
        [Source(coloured, {"red.png": ["red"]}, "texture"), Source(coloured, {"blue.png": ["blue"]}, "artwork")],
        palette_code,
        encoder=encoder,
    ).corpus
    assert [corpus.label(picture) for picture in range(2)] == ["texture 0", "artwork 1"]


def test_pictures_are_not_all_in_memory(coloured: Path, encoder: SentenceEncoder) -> None:
    rows = [{"image": "./" * i + "red.png", "caption": "red"} for i in range(3 * BATCH)]
    (coloured / "many.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
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

    assert len(build_corpus(coloured, coloured / "many.jsonl", encode, encoder=encoder).corpus) == 3 * BATCH
    assert most <= 2 * BATCH


def test_only_broken_pictures_are_refused(coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder) -> None:
    (coloured / "c.txt").write_text("broken.png\tone\nabsent.png\ttwo\n", encoding="utf-8")
    with pytest.raises(StylizeError, match=r"None of the 2 .* broken\.png"):
        build_corpus(coloured, coloured / "c.txt", palette_code, encoder=encoder)


def test_another_net_is_refused(coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder) -> None:
    file = coloured / "corpus.safetensors"
    build_corpus(coloured, coloured / "captions.jsonl", palette_code, code_net="a" * 64, encoder=encoder).corpus.save(
        file
    )
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
