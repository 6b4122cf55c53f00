"""A build that was killed goes on where it was."""

import gc
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from stylize.pictures import Picture, encode_picture
from stylize.sentence import Corpus, Nets, SentenceEncoder, Source, build_file, build_from
from stylize.sentence.building import PART
from stylize.sentence.lowrank import PackGrams
from stylize.sentence.parts import Part

COUNT = PART + 40

# Another process than the test's: it is killed. It stands still when one part of the work is done.
BUILD = """
import sys, time
from pathlib import Path
from stylize.sentence import build_file
from tests.stylize.sentence.test_resuming import Seer, nets_of, sources_of

seer = Seer(patience=int(sys.argv[2]))
build_file(Path(sys.argv[1]) / "mine.safetensors", sources_of(Path(sys.argv[1])), nets_of(seer))
"""


class Seer:
    """Codes pictures by their mean colour and counts them; after `patience` pictures it stands still."""

    def __init__(self, patience: int = 10**9) -> None:
        self.seen = 0
        self.patience = patience

    def __call__(self, pictures: Sequence[Picture]) -> Tensor:
        self.seen += len(pictures)
        if self.seen > self.patience:
            time.sleep(600)
        return torch.stack([colour(picture) for picture in pictures])


def colour(picture: Picture) -> Tensor:
    return torch.from_numpy(picture.pixels.copy()).float().mean((0, 1))


def nets_of(seer: Seer, code_net: str = "n", grams: bool = False) -> Nets:
    return Nets(seer, code_net, SentenceEncoder(), PackGrams(colour, (3,), "eye") if grams else None)


def sources_of(folder: Path) -> list[Source]:
    return [Source(folder, {f"{i}.png": [f"picture {i % 7}"] for i in range(COUNT)}, "scene")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(COUNT):
        pixels = np.full((16, 20, 3), (i % 250, 50, 250 - i % 200), np.uint8)
        (tmp_path / f"{i}.png").write_bytes(encode_picture(Picture(pixels), "png"))
    (tmp_path / "3.png").write_bytes(b"damaged")
    return tmp_path


def killed(folder: Path, patience: int) -> Path:
    """Runs a build in a process of its own until it has a part, and kills it; the folder of parts."""
    parts = folder / "mine.safetensors.parts"
    with subprocess.Popen([sys.executable, "-c", BUILD, str(folder), str(patience)]) as process:
        try:
            deadline = time.monotonic() + 120
            while not list(parts.glob("*.part")) and time.monotonic() < deadline:
                assert process.poll() is None
                time.sleep(0.05)
        finally:
            process.kill()
    assert list(parts.glob("*.part"))
    return parts


def same(ours: Corpus, theirs: Corpus) -> bool:
    names = ("meanings", "scales", "codes", "palettes", "strokes", "kinds")
    return all(torch.equal(getattr(ours, name), getattr(theirs, name)) for name in names)


def test_killed_it_goes_on_and_makes_the_same(folder: Path) -> None:
    parts = killed(folder, PART)
    seer, steps = Seer(), []
    built = build_file(
        folder / "mine.safetensors", sources_of(folder), nets_of(seer), lambda done, total: steps.append((done, total))
    )
    assert seer.seen == COUNT - PART
    assert steps[0] == (PART, COUNT)
    assert steps[-1] == (COUNT, COUNT)
    assert [broken.file.name for broken in built.broken] == ["3.png"]
    assert same(Corpus.load(folder / "mine.safetensors"), build_from(sources_of(folder), nets_of(Seer())).corpus)
    assert not parts.exists()


def interrupted(folder: Path, nets: Nets, after: int) -> None:
    def stop(done: int, total: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_file(folder / "mine.safetensors", sources_of(folder), nets, stop)


@pytest.mark.parametrize("change", ["net", "list", "grams"])
def test_other_input_begins_anew(folder: Path, change: str) -> None:
    interrupted(folder, nets_of(Seer()), PART + 1)
    seer, sources = Seer(), sources_of(folder)
    if change == "list":
        sources = [replace(sources[0], captions={**sources[0].captions, "5.png": ["another caption"]})]
    nets = nets_of(seer, "another" if change == "net" else "n", grams=change == "grams")
    build_file(folder / "mine.safetensors", sources, nets)
    assert seer.seen == COUNT - 1  # all but the broken one


def test_finished_parts_are_not_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylize.sentence.building.PART", 32)
    in_memory: list[int] = []

    def look(done: int, total: int) -> None:
        if done > COUNT // 2:
            in_memory.append(sum(type(each) is Part for each in gc.get_objects()))

    built = build_file(folder / "mine.safetensors", sources_of(folder), nets_of(Seer()), look)
    assert len(built.corpus) == COUNT - 1
    assert max(in_memory) <= 1


def test_a_part_that_was_cut_off_is_made_again(folder: Path) -> None:
    interrupted(folder, nets_of(Seer()), PART + 1)
    (part,) = (folder / "mine.safetensors.parts").glob("*.part")
    part.write_bytes(part.read_bytes()[:100])
    seer = Seer()
    build_file(folder / "mine.safetensors", sources_of(folder), nets_of(seer))
    assert seer.seen == COUNT - 1


def test_moments_are_kept_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stylize.sentence.building.SAMPLE", 20)
    interrupted(folder, nets_of(Seer(), grams=True), 30)
    seer = Seer()
    built = build_file(folder / "mine.safetensors", sources_of(folder), nets_of(seer, grams=True))
    assert 0 < COUNT - 1 - seer.seen <= 20
    whole = build_from(sources_of(folder), nets_of(Seer(), grams=True)).corpus
    assert same(built.corpus, whole)
    assert built.corpus.grams is not None
    assert whole.grams is not None
    assert torch.equal(built.corpus.grams.coordinates, whole.grams.coordinates)
    told = built.corpus.grams.of_pictures([100])[0]
    torch.testing.assert_close(told, built.corpus.codes[100].float(), rtol=0.02, atol=1)


def test_what_is_not_a_part_is_left_alone(folder: Path) -> None:
    own = folder / "mine.safetensors.parts" / "diary.txt"
    own.parent.mkdir()
    own.write_text("mine")
    build_file(folder / "mine.safetensors", sources_of(folder), nets_of(Seer()))
    assert [file.name for file in own.parent.iterdir()] == ["diary.txt"]
