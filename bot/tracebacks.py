"""What may be told of an exception: where it came up and of what kind it is.

Its text may hold what people wrote: a KeyError names the key, a ValueError the value. It is told only for kinds whose
text is made of nothing but numbers, addresses and words of the library itself.
"""

from __future__ import annotations

import traceback

TELLING = {
    "builtins.OSError",
    "builtins.MemoryError",
    "sqlalchemy.exc.SQLAlchemyError",  # its first line; further ones may quote rows
    "telegram.error.TelegramError",  # up to where it quotes; the network's troubles are such errors too
    "torch.OutOfMemoryError",
    "torch.AcceleratorError",
}
"""Kinds of exceptions, named so that nothing has to be imported to know them."""

HEAD = "Traceback (most recent call last):\n"
QUOTES = '"“‘`'


def summary_of(error: BaseException) -> str:
    """The kind of an exception, with its text where that tells nothing of a person, in one line."""
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    name = type(error).__qualname__
    lines = str(error).splitlines()
    if not lines or not kinds & TELLING:
        return name
    return f"{name}: {_unquoted(lines[0])}"


def trace_of(error: BaseException) -> str:
    """Like the interpreter's traceback, with `summary_of` in place of the texts, causes first."""
    parts: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        parts.append("".join([HEAD, *traceback.format_tb(link.__traceback__), summary_of(link)]))
        if isinstance(link, BaseExceptionGroup):
            parts[-1] += "".join(f"\nin it:\n{trace_of(one)}" for one in link.exceptions)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\nafter that:\n".join(reversed(parts))


def _unquoted(text: str) -> str:
    for quote in QUOTES:
        text = text.partition(quote)[0]
    return text.rstrip(" :")
