"""Reads which picture has which captions, from a file beside the pictures."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stylize.errors import StylizeError

IMAGE_KEYS = ("image", "file", "filename", "path", "name")
CAPTION_KEYS = ("sentences", "sentence", "captions", "caption", "text", "title", "description")
LONGEST = 1000  # characters of a caption that are kept: more than the encoder reads


class CaptionsError(StylizeError):
    """A file of captions that can't be read; the message says which line and what is expected there."""


def read_captions(path: Path) -> dict[str, list[str]]:
    """Picture (path relative to its folder) → its captions, in the file's order.

    .jsonl: one object a line with "image" and "sentences" (a list) or "caption" (a text).
    .csv: a header with a column for the picture (image, file, filename, path or name) and at least one for captions
    (sentences, caption, text, title, description). Pictures may have several rows.
    .txt, .tsv: one caption a line, "picture<tab>caption".
    Raises CaptionsError.
    """
    readers = {".jsonl": _from_jsonl, ".csv": _from_csv, ".txt": _from_txt, ".tsv": _from_txt}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CaptionsError(
            f"{path.name}: captions are read from .jsonl, .csv, .txt or .tsv files, or YFCC100M metadata."
        )
    captions: dict[str, list[str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="" if path.suffix.lower() == ".csv" else None) as lines:
            for image, sentence in reader(lines, path.name):
                if said := tidy(sentence):
                    captions.setdefault(image, []).append(said)
    except FileNotFoundError as error:
        raise CaptionsError(f"There is no file of captions at {path}.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CaptionsError(f"{path.name} can't be read as a text file of captions in UTF-8.") from error
    if not captions:
        raise CaptionsError(f"{path.name} holds no captions.")
    return captions


def tidy(sentence: str) -> str:
    """With single spaces and not too long; empty where nothing in it could be read aloud."""
    said = " ".join(sentence.split())[:LONGEST]
    return said if any(letter.isalnum() for letter in said) else ""


def _from_jsonl(lines: Iterable[str], name: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CaptionsError(f"{name}, line {number}: not a JSON object.") from error
        if not isinstance(row, dict) or not isinstance(row.get("image"), str):
            raise CaptionsError(f'{name}, line {number}: an object with "image" and "sentences" is expected.')
        yield from _row_captions(row["image"], row)


def _from_csv(lines: Iterable[str], name: str) -> Iterator[tuple[str, str]]:
    rows = csv.DictReader(lines)
    columns = rows.fieldnames or []
    image_column = next((key for key in IMAGE_KEYS if key in columns), None)
    if image_column is None or not any(key in columns for key in CAPTION_KEYS):
        raise CaptionsError(f"{name}: the first line must name a column “image” and a column “caption”.")
    for row in rows:
        if row[image_column]:
            yield from _row_captions(row[image_column], row)


def _from_txt(lines: Iterable[str], name: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        image, tab, sentence = line.partition("\t")
        if not tab:
            raise CaptionsError(f"{name}, line {number}: “picture<tab>caption” is expected.")
        yield image.strip(), sentence


def _row_captions(image: str, row: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key in CAPTION_KEYS:
        value = row.get(key)
        for sentence in value if isinstance(value, list) else [value]:
            if isinstance(sentence, str):
                yield image, sentence
