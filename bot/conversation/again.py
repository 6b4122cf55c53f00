"""The button Try again, under the answer to an order that was refused for now."""

from __future__ import annotations

import contextlib

from telegram import CallbackQuery, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ConversationHandler

from bot.conversation.desk import Desk, State
from bot.jobs.queue import Job, QueueFull
from bot.keyboards import retry_button
from bot.orders import Order
from bot.store.drafts import Chosen, newest_draft


async def try_again(desk: Desk, update: Update, query: CallbackQuery, job: Job) -> State:
    """Places the order once more, exactly as it was; the refusal goes away where there is room by now."""
    try:
        enqueued = await desk.queue.retry(job.id)
    except QueueFull as full:
        await desk.answer(query, "retry-not-yet")
        with contextlib.suppress(BadRequest):  # it reads the same
            await query.edit_message_text(
                await desk.refusal(update, full),
                parse_mode=ParseMode.HTML,
                reply_markup=retry_button(job.id, desk.texts(query)),
            )
        return None
    await desk.answer(query)
    with contextlib.suppress(TelegramError):  # too old to be deleted, or deleted by a tap before
        await query.delete_message()
    await desk.welcome(update, job.order, enqueued)
    async with desk.store.reading() as session:
        draft = await newest_draft(session, job.order.chat_id, job.order.user_id)
    return ConversationHandler.END if draft is not None and _led_to(draft, job.order) else None


def _led_to(draft: Chosen, order: Order) -> bool:
    """Whether it waits for what this order has brought."""
    if draft.content is not None:
        return (draft.content.unique_id, draft.message_id) == (order.content.unique_id, order.reply_to)
    return draft.style is not None and draft.style.digest == order.style.digest
