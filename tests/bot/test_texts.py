"""Every text that the code asks for is there, and none lies about unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message

from bot.texts import FOLDER, Texts
from stylize import Objection

BOT = Path(__file__).resolve().parents[2] / "bot"
ASKED = re.compile(r"(?:texts|texts\(\w+\)|say|_answer|_refuse|_wait_for_style|ask_for_style)\([^\"'()]*\"([a-z-]+)\"")
# Keys that the code puts together
FAMILIES = ("error-", "still-", "sentence-", "queue-full-", "command-", "button-colours-", "result-colours-")
FAMILIES += ("operator-limit-", "operator-about-")


def keys() -> list[str]:
    """All keys of the English file."""
    resource = FluentParser().parse((FOLDER / "en.ftl").read_text(encoding="utf-8"))
    assert not [entry for entry in resource.body if type(entry).__name__ == "Junk"]
    return [entry.id.name for entry in resource.body if isinstance(entry, Message)]


def source() -> str:
    """All code of the bot."""
    return "\n".join(path.read_text(encoding="utf-8") for path in BOT.rglob("*.py") if "sandbox" not in path.parts)


def test_every_text_that_is_asked_for_exists() -> None:
    asked = set(ASKED.findall(source()))
    assert len(asked) > 20
    assert asked <= set(keys())


def test_no_text_is_unused() -> None:
    code = source()
    unused = [key for key in keys() if f'"{key}"' not in code and not key.startswith(FAMILIES)]
    assert unused == []


def test_every_problem_with_a_picture_has_its_sentence() -> None:
    from typing import get_args

    from stylize.errors import PictureProblem

    assert {f"error-picture-{problem}" for problem in get_args(PictureProblem)} <= set(keys())


def test_every_objection_to_a_sentence_has_its_text() -> None:
    assert {f"sentence-{objection}" for objection in Objection} <= set(keys())


def test_what_people_write_is_escaped() -> None:
    assert "<b>boo" not in Texts()("result-sentence", sentence="<b>boo</b> & co")
    assert "&lt;b&gt;boo&lt;/b&gt; &amp; co" in Texts()("result-sentence", sentence="<b>boo</b> & co")


def test_mistakes_of_ours_are_loud() -> None:
    with pytest.raises(KeyError):
        Texts()("no-such-text")
    with pytest.raises(ValueError, match="result-sentence"):
        Texts()("result-sentence")


@pytest.mark.parametrize("key", keys())
def test_telegram_takes_every_text(key: str) -> None:
    values: dict[str, str | int] = {"title": "T", "artist": "A", "sentence": "S", "place": 2, "bar": "▓", "percent": 5}
    values |= {"side": "1280", "length": 400, "words": "storm, sea", "hours": "72"}
    values |= dict.fromkeys(("time", "codes", "median", "p95", "inputs", "results", "database", "free", "name"), "V")
    values |= dict.fromkeys(("waiting", "painting", "all", "day", "week", "left", "barred", "shown", "value"), 7)
    values |= dict.fromkeys(("sent", "total", "blocked", "failed", "unknown"), 7)
    text = Texts()(key, **values, limit=3, count=2, code="C", duration="2 minutes")
    assert 0 < len(text) <= 1024, "captions end there"
    for tag in ("b", "i"):
        assert text.count(f"<{tag}>") == text.count(f"</{tag}>")
    assert len(re.sub(r"</?[bi]>", "", text)) <= 200 or not key.startswith(("tap-", "file-", "strongest", "softest"))
