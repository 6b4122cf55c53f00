from pathlib import Path

import pytest

from stylize.errors import StylizeError
from stylize.sentence.captions import read_captions


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.jsonl", '{"image": "a.jpg", "sentences": ["one", "two"]}\n\n{"image": "b.jpg", "caption": "three"}\n'),
        ("c.csv", 'image,caption\na.jpg,one\na.jpg,two\nb.jpg,"three"\n'),
        ("c.txt", "a.jpg\tone\na.jpg\ttwo\nb.jpg\tthree\n"),
        ("c.CSV", "\ufefffile,title,description\na.jpg,one,two\nb.jpg,three,\n"),
    ],
)
def test_every_format_reads_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_captions(tmp_path / name) == {"a.jpg": ["one", "two"], "b.jpg": ["three"]}


def test_captions_are_tidied(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("a.jpg\t  two   words \nb.jpg\t ...\n", encoding="utf-8")
    assert read_captions(tmp_path / "c.txt") == {"a.jpg": ["two words"]}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("c.jsonl", '{"image": "a.jpg", "caption": "x"}\nnot json\n', "line 2"),
        ("c.jsonl", '["a.jpg"]\n', "line 1"),
        ("c.csv", "a,b\n1,2\n", "image"),
        ("c.txt", "a.jpg one\n", "tab"),
        ("c.txt", "", "no captions"),
        ("c.xml", "<a/>", "jsonl"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(StylizeError, match=says):
        read_captions(tmp_path / name)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(StylizeError, match="no file"):
        read_captions(tmp_path / "c.csv")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(StylizeError, match="UTF-8"):
        read_captions(tmp_path / "c.csv")
