"""What a message about an order hangs on."""

from __future__ import annotations

from telegram import ReplyParameters

from bot.orders import Order


def reply_to(order: Order) -> ReplyParameters | None:
    """The message that was ordered with; whoever has deleted it gets an answer all the same."""
    if order.reply_to is None:
        return None
    return ReplyParameters(order.reply_to, allow_sending_without_reply=True)
