"""Taps on inline buttons: what a tap is about, whether it still holds, and who sees to it."""

from __future__ import annotations

from telegram import CallbackQuery, Update

from bot.conversation.choosing import Choosing
from bot.conversation.desk import Context, Desk, State
from bot.conversation.privacy import Privacy
from bot.conversation.results import Results
from bot.conversation.saved import SavedStyles
from bot.conversation.updates import chat_of, person_of
from bot.conversation.wishes import Wishes
from bot.store.drafts import newest_draft
from bot.taps import Act, NotATap, Tap


class Taps:
    """Every tap is answered once; a stale or foreign one gets a sentence and changes nothing."""

    def __init__(self, desk: Desk, privacy: Privacy, saved: SavedStyles, wishes: Wishes) -> None:
        self._desk = desk
        self._privacy = privacy
        self._saved = saved
        self._wishes = wishes
        self._choosing = Choosing(desk)
        self._results = Results(desk)

    async def tapped(self, update: Update, _: Context) -> State:
        """Finds out what the tap is about and checks that it still holds."""
        query = update.callback_query
        if query is None:
            raise ValueError("an update without a tap")
        try:
            tap = Tap.decode(query.data or "")
        except NotATap:
            return await self._refuse(query, "tap-stale")
        if tap.act.on_person:
            return await self._on_person(update, query, tap)
        if tap.act.on_style:
            return await self._saved.tapped(update, query, tap)
        if tap.act.on_draft:
            return await self._on_draft(update, query, tap)
        return await self._on_job(update, query, tap)

    async def _on_person(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        if tap.id != person_of(update).id:
            return await self._refuse(query, "tap-foreign")
        await self._desk.answer(query)  # first: deleting waits for a picture that is being sent
        match tap.act:
            case Act.KEEP_ALL:
                return await self._privacy.keep_all(update, query)
            case Act.DELETE_ALL:
                return await self._privacy.delete_all(update, query)
            case Act.KEEP_NO_MORE:
                return await self._saved.keep_no_more(update, query)
            case _:
                return await self._wishes.changed(update, query, tap.argument)

    async def _on_draft(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        async with self._desk.store.reading() as session:
            draft = await newest_draft(session, chat_of(update).id, person_of(update).id)
        if draft is None or draft.id != tap.id:
            return await self._refuse(query, "tap-stale")
        return await self._choosing.tapped(update, query, draft, tap)

    async def _on_job(self, update: Update, query: CallbackQuery, tap: Tap) -> State:
        job = await self._desk.queue.find(tap.id)
        if job is None or job.order.chat_id != chat_of(update).id:
            return await self._refuse(query, "tap-stale")
        if job.order.user_id != person_of(update).id:
            return await self._refuse(query, "tap-foreign")
        return await self._results.tapped(update, query, job, tap)

    async def _refuse(self, query: CallbackQuery, key: str) -> State:
        await self._desk.answer(query, key)
        return None
