"""Words for what sentences mean: weather, places, moods, materials, techniques, artists, colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("words.txt")


@dataclass(frozen=True)
class LookWord:
    """One entry. `word` is what people are told, `read` what the sentence encoder reads."""

    word: str
    read: str
    topic: str


@cache
def look_words() -> tuple[LookWord, ...]:
    """Every entry, in the order of the file."""
    entries, topic = [], ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            topic = line.strip("[]")
        elif line and not line.startswith("#"):
            word, _, read = line.partition(" = ")
            entries.append(LookWord(word, read or word, topic))
    return tuple(entries)
