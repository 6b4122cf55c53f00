"""Metadata of YFCC100M as a file of captions."""

from pathlib import Path

import numpy as np
import pytest

from stylize.pictures import Picture, encode_picture
from stylize.sentence import Source
from stylize.sentence.captions import CaptionsError

HASH = "4e2f7a26a1dfbf165a7e30bdabf7e72a"


def row(identifier: str, title: str = "", description: str = "", tags: str = "", marker: str = "0") -> list[str]:
    """23 fields as in the first release."""
    return [
        *(identifier, "39089491@N00", "nick", "2012-02-16 09:56:37.0", "1331840483", "Canon+PowerShot+ELPH+310+HS"),
        *(title, description, tags, "", "-81.804885", "24.550558", "12"),
        *("http://www.flickr.com/photos/39089491@N00/6985418911/", "http://farm8.staticflickr.com/7205/6985418911.jpg"),
        *("Attribution License", "http://creativecommons.org/licenses/by/2.0/", "7205", "8", "2bf0bc3f93"),
        *("d6c9d7b9d5", "jpg", marker),
    ]


def written(file: Path, rows: list[list[str]]) -> Path:
    file.write_text("".join("\t".join(fields) + "\n" for fields in rows), encoding="utf-8")
    return file


def numbered(number: int, name: str, fields: list[str]) -> list[str]:
    """25 fields as in later releases: with a line number and a hash."""
    return [str(number), fields[0], name, *fields[1:]]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two photos, one by its identifier, one by its hash in the hash's folders."""
    folder = tmp_path / "photos"
    jpeg = encode_picture(Picture(np.zeros((30, 40, 3), np.uint8)), "jpeg")
    for name in ("101.jpg", f"4e2/f7a/{HASH}.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg)
    return folder


@pytest.mark.parametrize("name", ["yfcc100m_dataset", "yfcc.tsv", "yfcc.txt"])
def test_the_first_release(tmp_path: Path, photos: Path, name: str) -> None:
    rows = [
        row(
            "101", "A+stormy+night%21", "See+%3Ca+href%3D%22x%22%3Ethe+pier%3C%2Fa%3E+%26amp%3B+sea", "night,big+waves"
        ),
        row("102", "Not here"),
        row("101", "A video", marker="1"),
        row("103", "Not here either"),
    ]
    source = Source.read(photos, written(tmp_path / name, rows), "scene")
    assert source.captions == {"101.jpg": ["A stormy night!", "See the pier & sea", "night, big waves"]}
    assert source.absent == 2


def test_later_releases(tmp_path: Path, photos: Path) -> None:
    rows = [
        numbered(0, HASH, row("999", "Snow")),
        numbered(1, "0" * 32, row("101", "Rain")),
        numbered(2, "1" * 32, row("102", "Sun")),
    ]
    source = Source.read(photos, written(tmp_path / "yfcc100m_dataset-0", rows), "scene")
    assert source.captions == {f"4e2/f7a/{HASH}.jpg": ["Snow"], "101.jpg": ["Rain"]}
    assert source.absent == 1


def test_names_that_cameras_give_are_no_captions(tmp_path: Path, photos: Path) -> None:
    rows = [row("101", "DSC00123", "2012-02-16+09.56", "fog")]
    assert Source.read(photos, written(tmp_path / "y.tsv", rows), "scene").captions == {"101.jpg": ["fog"]}


def test_long_descriptions_are_cut(tmp_path: Path, photos: Path) -> None:
    rows = [row("101", description="word+" * 1000)]
    (said,) = Source.read(photos, written(tmp_path / "y.tsv", rows), "scene").captions["101.jpg"]
    assert len(said) == 1000


def test_a_picture_and_a_caption_a_line_are_still_read_as_such(tmp_path: Path, photos: Path) -> None:
    for name in ("c.txt", "c.tsv"):
        file = written(tmp_path / name, [["101.jpg", "A night"], ["absent.jpg", "A day"]])
        source = Source.read(photos, file, "scene")
        assert source.captions == {"101.jpg": ["A night"], "absent.jpg": ["A day"]}
        assert source.absent == 0


def test_what_is_wrong_is_said(tmp_path: Path, photos: Path) -> None:
    with pytest.raises(CaptionsError, match="line 2: 23 or 25 fields"):
        Source.read(photos, written(tmp_path / "y.tsv", [row("101", "Snow"), ["101", "x"]]), "scene")
    with pytest.raises(CaptionsError, match="1 photos are not there"):
        Source.read(photos, written(tmp_path / "y.tsv", [row("102", "Snow")]), "scene")
    with pytest.raises(CaptionsError, match="no folder"):
        Source.read(tmp_path / "absent", written(tmp_path / "y.tsv", [row("102", "Snow")]), "scene")
