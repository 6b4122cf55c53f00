"""A corpus of one's own, from its pictures to the painting."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stylize import Engine, Options, Picture, Request, Result, SentenceStyle
from stylize.cli import app
from stylize.errors import StyleError, WeightsError
from stylize.pictures import encode_picture, open_picture
from stylize.sentence import Source, build_file
from stylize.sentence.commands import own_nets

SENTENCE = SentenceStyle("everything is red")
ADAPTIVE = Options()
OPTIMISE = Options(method="optimise", seconds=0.2, working_size=64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photo.png, and corpora of three artworks, each of blocks in many colours around one of its own."""
    folder = tmp_path_factory.mktemp("own")
    random = np.random.default_rng(0)
    tints = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (30, 60, 190)}
    for name, tint in tints.items():
        blocks = np.kron(random.integers(-110, 110, (12, 12, 3)), np.ones((12, 12, 1)))
        pixels = np.clip(blocks + np.array(tint), 0, 255).astype(np.uint8)
        (folder / f"{name}.png").write_bytes(encode_picture(Picture(pixels), "png"))
    captions = {f"{name}.png": [f"a {name} wall", f"everything is {name}"] for name in tints}
    build_file(folder / "mine.safetensors", [Source(folder, captions, "artwork")], own_nets())
    build_file(folder / "quick.safetensors", [Source(folder, captions, "artwork")], own_nets(grams=False))
    rows, columns = np.mgrid[0:64, 0:96]
    disc = (rows - 32) ** 2 + (columns - 48) ** 2 < 400
    photo = np.stack([90 + disc * 120, 110 + rows, 200 - columns], axis=2).astype(np.uint8)
    (folder / "photo.png").write_bytes(encode_picture(Picture(photo), "png"))
    return folder


def painted(folder: Path, corpus: str | None, options: Options = ADAPTIVE) -> Result:
    engine = Engine("cpu", corpus=folder / corpus if corpus else None)
    return engine.render(Request(open_picture(folder / "photo.png"), SENTENCE, options))


@pytest.mark.parametrize("options", [ADAPTIVE, OPTIMISE], ids=["adaptive", "optimise"])
def test_it_is_painted_from(folder: Path, options: Options) -> None:
    ours = painted(folder, "mine.safetensors", options)
    assert ours.picture.pixels.tobytes() != painted(folder, None, options).picture.pixels.tobytes()


def test_without_gram_matrices_only_the_quick_way_goes(folder: Path) -> None:
    quick, whole = painted(folder, "quick.safetensors"), painted(folder, "mine.safetensors")
    assert np.array_equal(quick.picture.pixels, whole.picture.pixels)
    with pytest.raises(StyleError, match="without Gram matrices"):
        painted(folder, "quick.safetensors", OPTIMISE)


def test_one_of_another_painter_is_refused(folder: Path) -> None:
    other = folder / "other.safetensors"
    other.write_bytes((folder / "mine.safetensors").read_bytes().replace(own_nets().code_net.encode(), b"0" * 64))
    with pytest.raises(WeightsError, match="another style encoder"):
        painted(folder, other.name)


def test_from_the_command_line(folder: Path) -> None:
    words = ["paint", str(folder / "photo.png"), "--sentence", SENTENCE.sentence, "-o", str(folder / "out.png")]
    result = CliRunner().invoke(app, [*words, "--corpus", str(folder / "mine.safetensors")])
    assert result.exit_code == 0, result.output
    picture = painted(folder, "mine.safetensors").picture
    assert np.array_equal(open_picture(folder / "out.png").pixels, picture.pixels)
    result = CliRunner().invoke(app, [*words, "--corpus", str(folder / "none.safetensors")])
    assert result.exit_code != 0
    assert "There is no corpus at" in result.stderr
