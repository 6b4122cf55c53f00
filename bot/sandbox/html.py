"""parse_mode=HTML, after tdlib's MessageEntity.cpp; refusals name the byte offset as it does."""

import re
from dataclasses import dataclass

from bot.sandbox.records import Entity
from bot.sandbox.refusals import Refusal, bad_request

_TYPES = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline"}
_TYPES |= {"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler"}
_TYPES |= {"span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote"}
_TYPES |= {"tg-emoji": "custom_emoji"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(#x[0-9a-fA-F]+|#[0-9]+|lt|gt|amp|quot);?")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[a-zA-Z0-9.-]+))?""")
_TAG_NAME = re.compile(r"[^\s>]*")


@dataclass
class _Open:
    name: str
    attributes: dict[str, str]
    offset: int


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities. Raises Refusal: can't parse entities: ..."""
    plain: list[str] = []
    length = 0  # of plain, in UTF-16 units
    entities: list[Entity] = []
    stack: list[_Open] = []
    at = 0
    while at < len(source):
        char = source[at]
        if char == "<" and source.startswith("</", at):
            at = _close(source, at, stack, entities, length)
        elif char == "<":
            name, attributes, at = _start(source, at)
            stack.append(_Open(name, attributes, length))
        else:
            piece, at = _character(source, at)
            plain.append(piece)
            length += len(piece.encode("utf-16-le")) // 2
    if stack:
        raise _cannot(f'Can\'t find end tag corresponding to start tag "{stack[-1].name}"')
    return "".join(plain), entities


def _cannot(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")


def _bytes(source: str, at: int) -> int:
    return len(source[:at].encode())


def _character(source: str, at: int) -> tuple[str, int]:
    if source[at] == "&" and (match := _REFERENCE.match(source, at)):
        name = match[1]
        if not name.startswith("#"):
            return _NAMED[name], match.end()
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
            return chr(code), match.end()
    return source[at], at + 1


def _start(source: str, at: int) -> tuple[str, dict[str, str], int]:
    offset = _bytes(source, at)
    match = _TAG_NAME.match(source, at + 1)
    name = match.group().lower() if match else ""
    end = at + 1 + len(name)
    if end >= len(source):
        raise _cannot(f"Unclosed start tag at byte offset {offset}")
    if name not in _TYPES:
        raise _cannot(f'Unsupported start tag "{name}" at byte offset {offset}')
    attributes: dict[str, str] = {}
    while found := _ATTRIBUTE.match(source, end):
        attributes[found[1].lower()] = _unescaped((found[2] or "").strip("\"'"))
        end = found.end()
    while end < len(source) and source[end].isspace():
        end += 1
    if end >= len(source) or source[end] != ">":
        raise _cannot(f'Unclosed start tag "{name}" at byte offset {offset}')
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    return name, attributes, end + 1


def _unescaped(value: str) -> str:
    out, at = "", 0
    while at < len(value):
        piece, at = _character(value, at)
        out += piece
    return out


def _close(source: str, at: int, stack: list[_Open], entities: list[Entity], length: int) -> int:
    offset = _bytes(source, at)
    if not stack:
        raise _cannot(f"Unexpected end tag at byte offset {offset}")
    end = source.find(">", at)
    if end < 0:
        raise _cannot(f"Unclosed end tag at byte offset {offset}")
    name = source[at + 2 : end].strip().lower()
    tag = stack.pop()
    if name and name != tag.name:
        raise _cannot(f'Unmatched end tag at byte offset {offset}, expected "</{tag.name}>", found "</{name}>"')
    entity = _entity(tag, length)
    if entity is not None:
        inner = entities[-1] if entities else None
        if tag.name == "pre" and inner and (inner.type, inner.offset) == ("code", tag.offset) and inner.language:
            entities[-1] = Entity("pre", tag.offset, entity.length, language=inner.language)
        else:
            entities.append(entity)
    return end + 1


def _entity(tag: _Open, length: int) -> Entity | None:
    if length == tag.offset:
        return None
    kind = _TYPES[tag.name]
    size = length - tag.offset
    if tag.name == "a":
        url = tag.attributes.get("href", "")
        return Entity(kind, tag.offset, size, url=url) if re.match(r"(https?|tg|mailto|tel):", url) else None
    if tag.name == "code":
        language = tag.attributes.get("class", "").removeprefix("language-")
        return Entity(kind, tag.offset, size, language=language or None)
    if tag.name == "blockquote" and "expandable" in tag.attributes:
        return Entity("expandable_blockquote", tag.offset, size)
    return Entity(kind, tag.offset, size, custom_emoji_id=tag.attributes.get("emoji-id"))
