"""The conversation: what a message or a tap means, given what was said before. See docs/conversation.md.

Handlers write rows and answer; they never paint and never wait for painting.
"""

from bot.conversation.flow import NAME, build_conversation
from bot.conversation.outside import outside_handlers

__all__ = ["NAME", "build_conversation", "outside_handlers"]
