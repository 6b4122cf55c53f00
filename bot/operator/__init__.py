"""The operator runs the bot from the chat: see docs/operating.md, “From the chat”."""

from bot.operator.barred import FIRST
from bot.operator.operating import Operating

__all__ = ["FIRST", "Operating"]
