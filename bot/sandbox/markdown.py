"""parse_mode=MarkdownV2 and the old Markdown, after tdlib's MessageEntity.cpp."""

import re

from bot.sandbox.records import Entity
from bot.sandbox.refusals import Refusal, bad_request

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_MARKS = {"__": "underline", "||": "spoiler", "*": "bold", "_": "italic", "~": "strikethrough"}
_CALLED = {"underline": "Underline", "spoiler": "Spoiler", "bold": "Bold", "italic": "Italic"}
_CALLED |= {"strikethrough": "Strikethrough", "code": "Code", "pre": "Pre", "text_link": "TextUrl"}


def parse_markdown(source: str, legacy: bool) -> tuple[str, list[Entity]]:
    """Plain text and entities. Raises Refusal: can't parse entities: ..."""
    return _Legacy(source).parse() if legacy else _Second(source).parse()


def _cannot(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.plain = ""
        self.entities: list[Entity] = []

    @property
    def length(self) -> int:
        return len(self.plain.encode("utf-16-le")) // 2

    def no_end(self, kind: str, at: int) -> Refusal:
        return _cannot(f"Can't find end of {_CALLED[kind]} entity at byte offset {len(self.source[:at].encode())}")

    def add(self, kind: str, start: int, url: str | None = None, language: str | None = None) -> None:
        if self.length > start:
            self.entities.append(Entity(kind, start, self.length - start, url, language))

    def take_code(self, escapes: bool) -> None:
        """Code and pre: everything up to the same mark counts as it stands."""
        begin, start = self.at, self.length
        mark = "```" if self.source.startswith("```", begin) else "`"
        kind = "pre" if mark == "```" else "code"
        pattern = re.compile(r"(?:\\.|[^\\])*?(?=" + mark + ")" if escapes else r".*?(?=" + mark + ")", re.DOTALL)
        body = pattern.match(self.source, begin + len(mark))
        if body is None:
            raise self.no_end(kind, begin)
        text = re.sub(r"\\(.)", r"\1", body.group(), flags=re.DOTALL) if escapes else body.group()
        language = None
        if kind == "pre" and (head := re.match(r"([^\s`]+)\n", text)):
            language, text = head[1], text[head.end() :]
        self.plain += text.removeprefix("\n") if kind == "pre" else text
        self.at = body.end() + len(mark)
        self.add(kind, start, language=language)

    def take_url(self, closing: str = ")") -> str | None:
        """The (url) behind a closed [text], None where there is none."""
        if not self.source.startswith("(", self.at):
            return None
        end = self.source.find(closing, self.at)
        if end < 0:
            raise _cannot(f"Can't find end of a URL at byte offset {len(self.source[: self.at].encode())}")
        url = re.sub(r"\\(.)", r"\1", self.source[self.at + 1 : end])
        self.at = end + 1
        return url


class _Second(_Reader):
    def parse(self) -> tuple[str, list[Entity]]:
        stack: list[tuple[str, int, int]] = []  # mark, place in source, place in plain
        quote: int | None = None
        while self.at < len(self.source):
            char = self.source[self.at]
            line_start = self.at == 0 or self.source[self.at - 1] == "\n"
            if line_start and quote is not None and char != ">":
                self.add("blockquote", quote)
                quote = None
            if char == "\\" and self.at + 1 < len(self.source) and ord(self.source[self.at + 1]) < 127:
                self.plain += self.source[self.at + 1]
                self.at += 2
            elif line_start and char == ">":
                quote = self.length if quote is None else quote
                self.at += 1
            elif char == "`":
                self.take_code(escapes=True)
            elif char == "[" or self.source.startswith("![", self.at):
                stack.append(("[", self.at, self.length))
                self.at += 1 if char == "[" else 2
            elif char == "]" and stack and stack[-1][0] == "[":
                _, _, start = stack.pop()
                self.at += 1
                url = self.take_url()
                self.add("text_link", start, url or self.plain[-(self.length - start) :])
            elif mark := next((mark for mark in _MARKS if self.source.startswith(mark, self.at)), None):
                self._mark(mark, stack)
            elif char in _RESERVED:
                raise _cannot(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
            else:
                self.plain += char
                self.at += 1
        if stack:
            mark, place, _ = stack[-1]
            raise self.no_end("text_link" if mark == "[" else _MARKS[mark], place)
        if quote is not None:
            self.add("blockquote", quote)
        return self.plain, self.entities

    def _mark(self, mark: str, stack: list[tuple[str, int, int]]) -> None:
        if stack and stack[-1][0] == mark:
            self.add(_MARKS[mark], stack.pop()[2])
        else:
            stack.append((mark, self.at, self.length))
        self.at += len(mark)


class _Legacy(_Reader):
    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "\\" and self.source[self.at + 1 : self.at + 2] in {"_", "*", "`", "["}:
                self.plain += self.source[self.at + 1]
                self.at += 2
            elif char == "`":
                self.take_code(escapes=False)
            elif char in "*_[":
                self._span(char)
            else:
                self.plain += char
                self.at += 1
        return self.plain, self.entities

    def _span(self, mark: str) -> None:
        kind = {"*": "bold", "_": "italic", "[": "text_link"}[mark]
        end = self.source.find("]" if mark == "[" else mark, self.at + 1)
        if end < 0:
            raise self.no_end(kind, self.at)
        start = self.length
        self.plain += self.source[self.at + 1 : end]
        self.at = end + 1
        if mark != "[":
            self.add(kind, start)
        elif url := self.take_url():
            self.add(kind, start, url)
