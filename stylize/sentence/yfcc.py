"""Captions from the metadata of YFCC100M (Thomee et al. 2016), a row for each of 100 million photos and videos.

Fields are separated by tabs: 23 in the first release, 25 in those that have a line number before the identifier and a
hash after it. Text is URL-encoded, so no field holds a tab.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import unquote_plus

from stylize.sentence.captions import CaptionsError, tidy

ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp", ".gif"))
FILES = frozenset(("", ".tsv", ".txt"))  # endings that the metadata may have
FIELDS = (23, 25)
TITLE, DESCRIPTION, TAGS, MARKER = -17, -16, -15, -1  # places counted from the end are the same in all releases
PHOTO, VIDEO = "0", "1"
TAG = re.compile(r"<[^<>]*>")
HASH_FOLDER = re.compile(r"[0-9a-f]{3}")


def is_yfcc(path: Path) -> bool:
    """Whether a file's first row has the fields of this metadata; False where it can't be read."""
    if path.suffix.lower() not in FILES or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
        fields = lines.readline(1 << 20).rstrip("\r\n").split("\t")
    return len(fields) in FIELDS and fields[MARKER] in (PHOTO, VIDEO)


def read_yfcc(path: Path, pictures: Path) -> tuple[dict[str, list[str]], int]:
    """Captions of the photos that a folder has, and how many photos of the file it lacks.

    Captions by the picture's path in the folder: its title, its description without HTML, its tags as one sentence;
    those without a word, such as “IMG_0520”, are left out. Pictures are found by identifier or hash, as
    ``6185218911.jpg`` in the folder itself or in the hash's folders, ``4e2/f7a/4e2f7a….jpg``.
    Raises CaptionsError.
    """
    names = _pictures(pictures)
    captions: dict[str, list[str]] = {}
    absent = 0
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) not in FIELDS or fields[MARKER] not in (PHOTO, VIDEO):
                raise CaptionsError(
                    f"{path.name}, line {number}: 23 or 25 fields separated by tabs are expected, the last one 0 or 1."
                )
            if fields[MARKER] == VIDEO:
                continue
            keys = fields[:1] if len(fields) == min(FIELDS) else fields[1:3]
            name = next((names[key] for key in keys if key in names), None)
            if name is None:
                absent += 1
            elif said := _captions(fields):
                captions[name] = said
    if not captions:
        raise CaptionsError(f"{path.name} has no captions for pictures in {pictures} ({absent} photos are not there).")
    return captions, absent


def _pictures(folder: Path) -> dict[str, str]:
    """The path in the folder of every picture, by its name without ending."""
    found: dict[str, str] = {}
    inner = sorted(child for child in _listed(folder) if child.is_dir() and HASH_FOLDER.fullmatch(child.name))
    for place in (folder, *(leaf for child in inner for leaf in sorted(child.iterdir()) if leaf.is_dir())):
        for file in sorted(_listed(place)):
            if file.suffix.lower() in ENDINGS:
                found.setdefault(file.stem, str(file.relative_to(folder)))
    return found


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise CaptionsError(f"There is no folder of pictures at {folder}.") from error


def _captions(fields: list[str]) -> list[str]:
    title, description = (_plain(unquote_plus(fields[place])) for place in (TITLE, DESCRIPTION))
    tags = ", ".join(unquote_plus(tag) for tag in fields[TAGS].split(",") if tag)
    return [tidied for text in (title, description, tags) if (tidied := tidy(text)) and _has_a_word(tidied)]


def _plain(text: str) -> str:
    return html.unescape(TAG.sub(" ", text))


def _has_a_word(text: str) -> bool:
    """Names that cameras give, such as "DSC00123" or "2012-02-16 09.56", have none."""
    return any(
        any(letter.isalpha() for letter in word) and not any(letter.isdigit() for letter in word)
        for word in text.split()
    )
