from pathlib import Path

import pytest
from typer.testing import CliRunner

from stylize.sentence import Corpus, EncodeStyle, Nets, SentenceEncoder, Source, build_from
from stylize.sentence.commands import app, own_nets

runner = CliRunner()


@pytest.fixture
def corpus(coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder) -> Path:
    file = coloured / "corpus.safetensors"
    source = Source.read(coloured, coloured / "captions.jsonl", "scene")
    build_from([source], Nets(palette_code, "own", encoder)).corpus.save(file)
    return file


def test_info(corpus: Path) -> None:
    result = runner.invoke(app, ["info", str(corpus)])
    assert result.exit_code == 0
    assert "4 pictures" in result.stdout
    assert "scene: 4" in result.stdout
    assert "Gram matrices: none" in result.stdout


@pytest.mark.parametrize("grams", [True, False])
def test_build_makes_what_paints(coloured: Path, grams: bool) -> None:
    output = coloured / "mine.safetensors"
    arguments = ["build", "--pictures", str(coloured), "--captions", str(coloured / "captions.jsonl")]
    result = runner.invoke(app, [*arguments, "-o", str(output), *([] if grams else ["--no-grams"])])
    assert result.exit_code == 0
    assert "4 pictures" in result.stdout
    assert "left out" in result.stderr
    assert "broken.png" in result.stderr
    corpus = Corpus.load(output, code_net=own_nets(grams=False).code_net)
    assert (corpus.grams is not None) == grams
    assert not list(coloured.glob("*.parts"))


def test_photos_that_a_folder_lacks_are_counted(coloured: Path) -> None:
    rows = [["red", *[""] * 5, "A red wall", *[""] * 15, "0"], ["102", *[""] * 21, "0"], ["103", *[""] * 21, "0"]]
    metadata = coloured / "yfcc100m_dataset"
    metadata.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    output = str(coloured / "mine.safetensors")
    folder = ["--pictures", str(coloured), "--captions", str(metadata)]
    result = runner.invoke(app, ["build", *folder, "-o", output, "--no-grams"])
    assert result.exit_code == 0
    assert "1 pictures" in result.stdout
    assert result.stderr.splitlines() == ["2 captioned pictures are not in the folder"]


def test_search_puts_the_nearest_first(corpus: Path) -> None:
    result = runner.invoke(app, ["search", "everything was blue", "--corpus", str(corpus)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "understood: blue"
    assert "scene 2" in result.stdout.splitlines()[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["info", "absent.safetensors"], "no corpus"),
        (["search", ""], "no word"),
        (["build", "--pictures", ".", "--captions", "absent.csv", "-o", "x"], "no file of captions"),
        (["build", "--pictures", ".", "--captions", "a.csv", "--kind", "photo", "-o", "x"], "scene, texture, artwork"),
        (["build", "--pictures", ".", "--pictures", ".", "--captions", "a.csv", "-o", "x"], "as many"),
    ],
)
def test_wrong_input_is_said_in_one_line(corpus: Path, arguments: list[str], says: str) -> None:
    if arguments[0] == "search":
        arguments = [*arguments, "--corpus", str(corpus)]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output
