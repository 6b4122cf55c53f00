from pathlib import Path

import pytest
from typer.testing import CliRunner

from stylize.sentence import EncodeStyle, SentenceEncoder, build_corpus
from stylize.sentence.commands import app

runner = CliRunner()


@pytest.fixture
def corpus(coloured: Path, palette_code: EncodeStyle, encoder: SentenceEncoder) -> Path:
    file = coloured / "corpus.safetensors"
    build_corpus(coloured, coloured / "captions.jsonl", palette_code, code_net="own", encoder=encoder).corpus.save(file)
    return file


def test_info(corpus: Path) -> None:
    result = runner.invoke(app, ["info", str(corpus)])
    assert result.exit_code == 0
    assert "4 pictures" in result.stdout
    assert "scene: 4" in result.stdout


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
