"""Formatted text: the entities that a bot asks for and those that Telegram finds by itself."""

import re
from collections.abc import Mapping

from bot.sandbox.html import parse_html
from bot.sandbox.markdown import parse_markdown
from bot.sandbox.records import Entity
from bot.sandbox.refusals import Refusal, bad_request
from bot.sandbox.wire import Call

MAX_TEXT = 4096
MAX_CAPTION = 1024
_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("url", re.compile(r"(?<![\w@])(?:https?://)[^\s<>\"]+[^\s<>\".,;:!?()]")),
    ("email", re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z][A-Za-z0-9_]{2,31}\b")),
    ("hashtag", re.compile(r"(?<!\w)#[^\W\d_]\w{0,63}")),
)


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def formatted(call: Call | Mapping[str, object], text_field: str, mode_field: str, entities_field: str) -> "Formatted":
    """The text of a call or InputMedia with its entities, trimmed and checked as Telegram does."""
    if not isinstance(call, Call):
        call = Call("", call)
    text = call.text(text_field)
    mode = call.text(mode_field).lower()
    if mode == "html":
        plain, entities = parse_html(text)
    elif mode in {"markdownv2", "markdown"}:
        plain, entities = parse_markdown(text, legacy=mode == "markdown")
    elif mode and mode != "none":
        raise bad_request("Unsupported parse_mode")
    else:
        plain, entities = text, _given(call.json(entities_field, "entities"))
    return Formatted.trimmed(plain, entities)


class Formatted:
    """A plain text and its entities."""

    def __init__(self, text: str, entities: list[Entity]) -> None:
        self.text = text
        self.entities = entities

    @classmethod
    def trimmed(cls, text: str, entities: list[Entity]) -> "Formatted":
        """Cuts spaces at both ends, moves the entities along and adds those that are found in the text."""
        text = text.replace("\r\n", "\n")
        inner = text.strip()
        start = units(text[: len(text) - len(text.lstrip())])
        length = units(inner)
        kept = []
        for entity in entities:
            first, last = max(entity.offset - start, 0), min(entity.offset + entity.length - start, length)
            if last > first:
                kept.append(
                    Entity(entity.type, first, last - first, entity.url, entity.language, entity.custom_emoji_id)
                )
        taken = [
            (e.offset, e.offset + e.length) for e in kept if e.type in {"code", "pre", "text_link", "text_mention"}
        ]
        for found in detected(inner):
            if not any(found.offset < end and start_ < found.offset + found.length for start_, end in taken):
                kept.append(found)
        kept.sort(key=lambda entity: (entity.offset, -entity.length))
        return cls(inner, kept)

    def message(self) -> "Formatted":
        """Itself, if it can stand as a message's text."""
        if not self.text:
            raise bad_request("message text is empty")
        if units(self.text) > MAX_TEXT:
            raise bad_request("message is too long")
        return self

    def caption(self) -> "Formatted":
        """Itself, if it can stand as a caption."""
        if units(self.text) > MAX_CAPTION:
            raise bad_request("message caption is too long")
        return self


def detected(text: str) -> list[Entity]:
    """Commands, addresses, mentions and hashtags in a plain text."""
    found: list[Entity] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            entity = Entity(kind, units(text[: match.start()]), units(match.group()))
            if not any(e.offset < entity.offset + entity.length and entity.offset < e.offset + e.length for e in found):
                found.append(entity)
    return sorted(found, key=lambda entity: entity.offset)


def _given(value: object) -> list[Entity]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise bad_request("Expected an Array of MessageEntity")
    return [_one_given(item) for item in value]


def _one_given(item: object) -> Entity:
    if not isinstance(item, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    fields = Call("", item)
    if fields.integer("length") <= 0 or fields.integer("offset", -1) < 0:
        raise Refusal(400, "Bad Request: can't parse MessageEntity: wrong offset or length")
    return Entity(
        fields.required("type"),
        fields.integer("offset"),
        fields.integer("length"),
        fields.text("url") or None,
        fields.text("language") or None,
        fields.text("custom_emoji_id") or None,
    )
