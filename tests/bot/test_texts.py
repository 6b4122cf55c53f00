"""Every text that the code asks for is there in every language, none lies about unused, and Telegram takes them all."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from fluent.syntax import FluentParser
from fluent.syntax.ast import Identifier, Message, SelectExpression, VariableReference
from fluent.syntax.visitor import Visitor

from bot.orders import MIXED
from bot.store.styles import NAME_LENGTH
from bot.texts import FOLDER, LANGUAGES, Texts
from bot.wording import BAR, SHORT, SHOWN
from stylize import Objection

BOT = Path(__file__).resolve().parents[2] / "bot"
ASKED = re.compile(r"(?:texts|texts\(\w+\)|say|_answer|_refuse|_wait_for_style|ask_for_style)\([^\"'()]*\"([a-z-]+)\"")
MESSAGES = ("help", "privacy")  # never under a picture
ANSWERS = (  # to taps, in plain words
    "tap-", "file-", "strongest", "softest", "broadest", "finest", "colours-worn", "stopped", "saved", "unsaved",
    "mix-full", "again-",
)  # fmt: skip
# Keys that the code puts together
FAMILIES = (
    "error-",
    "still-",
    "sentence-",
    "queue-full-",
    "command-",
    "button-colours-",
    "result-colours-",
    "result-held-back-",
)
TAG, COMMAND = r"</?\w+>", r"(?<![<\w])/[a-z_]+"
ENGLISH = {"ru": "английск", "es": "inglés", "de": "nglisch"}
LABEL = 40  # characters that a phone shows of a button
COUNTS = (0, 1, 2, 5, 11, 21, 100)
PLURALS = {"zero", "one", "two", "few", "many", "other"}
LONGEST: dict[str, str | int] = {
    "title": " + ".join(["T" * SHORT] * MIXED), "artist": "A" * 40, "sentence": "S" * SHOWN, "name": "N" * NAME_LENGTH,
    "place": 1000, "bar": "▓" * BAR, "percent": 100, "side": "4096", "length": 4096, "limit": 300, "count": 1000,
    "words": "storm " * 20, "hours": "720", "code": "J1234567", "duration": "50 seconds", "finest": 5, "bot": "B" * 32,
}  # fmt: skip
in_every_language = pytest.mark.parametrize("language", LANGUAGES)
in_every_other_language = pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
LONGEST |= dict.fromkeys(("time", "codes", "median", "p95", "inputs", "results", "database", "free"), "V" * 12)
LONGEST |= dict.fromkeys(("waiting", "painting", "all", "day", "week", "left", "barred", "shown", "value"), 1000)
LONGEST |= dict.fromkeys(("sent", "total", "blocked", "failed", "unknown"), 1000)
FAMILIES += ("operator-limit-", "operator-about-")


class Placed(Visitor):
    """What a message is made of besides its words: values, and the variants of what it selects."""

    def __init__(self, message: Message) -> None:
        self.values: set[str] = set()
        self.variants: list[set[str]] = []
        self.visit(message)

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802
        self.values.add(node.id.name)

    def visit_SelectExpression(self, node: SelectExpression) -> None:  # noqa: N802
        self.variants.append({each.key.name for each in node.variants if isinstance(each.key, Identifier)})
        self.generic_visit(node)


@cache
def messages(language: str) -> list[tuple[str, Placed]]:
    """All messages of a language."""
    resource = FluentParser().parse((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))
    assert not [entry for entry in resource.body if type(entry).__name__ == "Junk"]
    return [(entry.id.name, Placed(entry)) for entry in resource.body if isinstance(entry, Message)]


def keys(language: str = "en") -> list[str]:
    """All keys of a language."""
    return [key for key, _ in messages(language)]


def translated() -> list[str]:
    """The keys that every language has; operators read English."""
    return [key for key in keys() if not key.startswith("operator-")]


@cache
def texts(language: str) -> Texts:
    """The texts of a language."""
    return Texts(language)


def counted(language: str, key: str, count: int) -> str:
    """This text with the same number in the place of every number."""
    numbers = {name: count for name, value in LONGEST.items() if isinstance(value, int)}
    return texts(language)(key, **LONGEST | numbers)


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


@in_every_other_language
def test_every_language_says_the_same(language: str) -> None:
    assert sorted(keys(language)) == sorted(translated())
    english = dict(messages("en"))
    for key, placed in messages(language):
        assert placed.values == english[key].values, key
        for count in (1, 2):
            said, meant = counted(language, key, count), counted("en", key, count)
            assert said != meant, f"{key} is still English"
            for mark in (TAG, COMMAND, "•", "a stormy sea"):
                assert sorted(re.findall(mark, said)) == sorted(re.findall(mark, meant)), f"{key}: {mark}"


@in_every_other_language
def test_every_language_says_that_words_to_paint_by_are_english(language: str) -> None:
    asking = [key for key in translated() if re.search("few (other )?words", counted("en", key, 2))]
    assert len(asking) > 10
    assert [key for key in asking if ENGLISH[language] not in counted(language, key, 2)] == []


@in_every_language
def test_every_plural_is_there(language: str) -> None:
    plural = Locale.parse(language).plural_form
    needed = {plural(count) for count in COUNTS}
    for key, placed in messages(language):
        for variants in placed.variants:
            if variants & PLURALS - {"other"}:
                assert needed <= variants, key
        assert all(counted(language, key, count).strip() for count in COUNTS)


def test_russian_counts() -> None:
    said = [texts("ru")("cancelled-jobs", count=count).partition(".")[0] for count in COUNTS]
    assert said == [
        "Остановил 0 картинок", "Остановил", "Остановил 2 картинки", "Остановил 5 картинок", "Остановил 11 картинок",
        "Остановил 21 картинку", "Остановил 100 картинок",
    ]  # fmt: skip


@in_every_other_language
def test_units_and_quotation_marks(language: str) -> None:
    said = "\n".join(counted(language, key, 2) for key in keys(language))
    assert re.findall(r" (?:%|(?:px|MB|МБ|мин|ч)\b)", said) == []
    assert re.findall("[\"']", said) == [], "quotation marks as the language writes them"


@in_every_language
def test_telegram_takes_every_text(language: str) -> None:
    for key in keys(language):
        text = texts(language)(key, **LONGEST)
        plain = re.sub(r"</?[bi]>", "", text)
        assert 0 < len(text) <= (4096 if key in MESSAGES else 1024), f"{key}: captions end there"
        for tag in ("b", "i"):
            assert text.count(f"<{tag}>") == text.count(f"</{tag}>"), key
        assert len(plain) <= 200 or not key.startswith(ANSWERS), key
        assert 3 <= len(text) <= 256 or not key.startswith("command-"), key
        assert len(text) <= LABEL or not key.startswith(("button-", "setting-")), key
    assert len(texts(language)("description")) <= 512
    assert len(texts(language)("description-short")) <= 120
