"""Photos, sentences and albums: everything that makes up an order."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Update
from telegram.ext import ConversationHandler

from bot.conversation.albums import Albums, complete_album
from bot.conversation.desk import Context, Desk, State
from bot.conversation.pictures_in import TooLarge, media_of, screened, words_in
from bot.conversation.states import PHOTO, STYLE
from bot.conversation.updates import chat_of, message_of, person_of
from bot.keyboards import last_photo_button
from bot.orders import Media, Style
from bot.store.albums import Part, forget_album, parts_of, store_part
from bot.store.drafts import Chosen, last_photo, newest_draft, open_draft
from bot.store.styles import kept_style, use_kept_style
from bot.wording import shortened
from stylize import Objection


class Collecting:
    """Handlers for pictures and words, one per state where the state matters."""

    def __init__(self, desk: Desk, albums: Albums) -> None:
        self._desk = desk
        self._albums = albums

    async def photo_first(self, update: Update, _: Context) -> State:
        """A picture while nothing is chosen: the photo to paint."""
        media = await self._picture(update)
        if media is None:
            return None
        message = message_of(update)
        kept = None if message.caption else await self._kept(update)
        if kept is None:
            return await self._take_photo(update, media)
        return await self._paint_kept(update, [media], message.message_id, kept)

    async def photo_as_style(self, update: Update, _: Context) -> State:
        """A picture while a photo waits for its style: that style, unless it brings words of its own."""
        media = await self._picture(update)
        if media is None:
            return None
        draft = await self._draft(update)
        if draft is None or draft.content is None or words_in(message_of(update).caption):
            return await self._take_photo(update, media)
        return await self._order(update, draft.photos, draft.message_id, Style.picture(media))

    async def photo_for_style(self, update: Update, _: Context) -> State:
        """A picture while a style waits for its photo; words under it count more than the earlier style."""
        media = await self._picture(update)
        if media is None:
            return None
        draft, caption = await self._draft(update), message_of(update).caption or ""
        if draft is None or draft.style is None or caption.startswith("/"):
            return await self._take_photo(update, media)
        if sentence := words_in(caption):
            objection = await screened(sentence)
            if objection is None:
                return await self._take_photo(update, media)
            await self._desk.tell(update, self._objection(update, objection, sentence), "sentence-earlier-style")
        return await self._order(update, [media], message_of(update).message_id, draft.style)

    async def words_first(self, update: Update, _: Context) -> State:
        """Words while nothing is chosen: kept as the style of the next photo."""
        return await self._keep_words(update)

    async def other_words(self, update: Update, _: Context) -> State:
        """Words while a style waits for its photo: they take its place."""
        return await self._keep_words(update, "still-photo")

    async def _keep_words(self, update: Update, still: str | None = None) -> State:
        sentence = await self._sentence(update, still)
        if sentence is None:
            return None
        chat, person = chat_of(update), person_of(update)
        async with self._desk.store.writing() as session:
            draft = await open_draft(
                session, chat.id, person.id, message_id=message_of(update).message_id, style=Style.sentence(sentence)
            )
            before = await last_photo(session, chat.id, person.id)
        keyboard = last_photo_button(draft.id, self._desk.texts(update)) if before else None
        await self._desk.say(update, "sentence-kept", keyboard, sentence=shortened(sentence))
        return PHOTO

    async def words_as_style(self, update: Update, _: Context) -> State:
        """Words while a photo waits for its style."""
        draft = await self._draft(update)
        if draft is None or draft.content is None:
            return await self._keep_words(update)
        sentence = await self._sentence(update, "still-style")
        if sentence is None:
            return None
        return await self._order(update, draft.photos, draft.message_id, Style.sentence(sentence))

    async def album_part(self, update: Update, _: Context) -> State:
        """One picture of an album; what it means is known when all have come."""
        message = message_of(update)
        try:
            media = media_of(message)
        except TooLarge:
            media = None
        part = Part(
            chat_of(update).id,
            person_of(update).id,
            message.media_group_id or "",
            message.message_id,
            media,
            message.caption or "",
            message.to_json(),
        )
        async with self._desk.store.writing() as session:
            await store_part(session, part)
        self._albums.heard(part, update.get_bot())
        return None

    async def album(self, update: Update, _: Context) -> State:
        """A complete album."""
        group = complete_album(update) or ""
        chat, desk = chat_of(update), self._desk
        async with desk.store.reading() as session:
            parts = await parts_of(session, chat.id, group)
        if not parts:
            return None
        pictures = [(part.message_id, part.media) for part in parts if part.media is not None]
        state: State = None
        if pictures:
            state = await self._take_album(update, pictures, parts, f"album:{chat.id}:{group}")
        else:
            await desk.say(update, "album-no-picture")
        async with desk.store.writing() as session:
            await forget_album(session, chat.id, group)
        return state

    async def _take_album(
        self, update: Update, pictures: Sequence[tuple[int, Media]], parts: Sequence[Part], origin: str
    ) -> State:
        """All painted in the style of the words under it, or of what was chosen before; without either, the first of
        two is painted like the second, and more of them wait for their style."""
        first, photos = pictures[0][0], [media for _, media in pictures]
        said = ""
        if sentence := next((words for part in parts if (words := words_in(part.caption)) is not None), None):
            objection = await screened(sentence)
            if objection is None:
                return await self._order(update, photos, first, Style.sentence(sentence), origin)
            said = self._objection(update, objection, sentence)
        draft, kept = await self._draft(update), await self._kept(update)
        if draft is not None and draft.style is not None and not draft.photos:
            return await self._order(update, photos, first, draft.style, origin)
        if kept is not None:
            return await self._paint_kept(update, photos, first, kept, origin)
        if len(photos) == 2 and not said:
            return await self._order(update, photos[:1], first, Style.picture(photos[1]), origin)
        key = "choose-style-album" if len(photos) > 1 else "album-one-picture"
        return await self._wait_for_style(update, photos, first, key, said)

    async def _kept(self, update: Update) -> tuple[Style, int] | None:
        async with self._desk.store.reading() as session:
            return await kept_style(session, person_of(update).id)

    async def _paint_kept(
        self,
        update: Update,
        photos: Sequence[Media],
        reply_to: int,
        kept: tuple[Style, int],
        origin: str | None = None,
    ) -> State:
        """In the style that the person keeps for their next photos; says when it was the last of them."""
        style, left = kept
        if not await self._desk.paint(update, photos, style, reply_to, origin):
            return None
        async with self._desk.store.writing() as session:
            await use_kept_style(session, person_of(update).id, len(photos))
        if left <= len(photos):
            await self._desk.say(update, "kept-over", title=self._desk.voice(update).title(style))
        return ConversationHandler.END

    async def _picture(self, update: Update) -> Media | None:
        try:
            return media_of(message_of(update))
        except TooLarge:
            await self._desk.say(update, "file-too-large")
            return None

    async def _draft(self, update: Update) -> Chosen | None:
        async with self._desk.store.reading() as session:
            return await newest_draft(session, chat_of(update).id, person_of(update).id)

    async def _take_photo(self, update: Update, media: Media) -> State:
        """A photo to paint: at once where words came with it, else the style is asked for."""
        message = message_of(update)
        caption = message.caption or ""
        sentence = words_in(caption)
        if caption.startswith("/"):
            return await self._wait_for_style(update, [media], message.message_id, "choose-style-after-command")
        if sentence is not None:
            objection = await screened(sentence)
            if objection is None:
                return await self._order(update, [media], message.message_id, Style.sentence(sentence))
            said = self._objection(update, objection, sentence)
            return await self._wait_for_style(update, [media], message.message_id, "choose-style-other-words", said)
        key = "choose-style-no-words" if caption.strip() else "choose-style"
        return await self._wait_for_style(update, [media], message.message_id, key)

    async def _sentence(self, update: Update, still: str | None) -> str | None:
        """The words of a message where one can paint by them; else says what is wrong, and `still` what is kept."""
        sentence = words_in(message_of(update).text) or ""
        objection = await screened(sentence)
        if objection is None:
            return sentence
        await self._desk.tell(update, self._objection(update, objection, sentence), still)
        return None

    def _objection(self, update: Update, objection: Objection, sentence: str) -> str:
        return self._desk.objection(update, objection, sentence)

    async def _wait_for_style(
        self, update: Update, photos: Sequence[Media], message_id: int, key: str, said: str = ""
    ) -> State:
        first, *more = photos
        async with self._desk.store.writing() as session:
            draft = await open_draft(
                session, chat_of(update).id, person_of(update).id, content=first, more=more, message_id=message_id
            )
        await self._desk.ask_for_style(update, draft, key, said)
        return STYLE

    async def _order(
        self, update: Update, photos: Sequence[Media], reply_to: int | None, style: Style, origin: str | None = None
    ) -> State:
        placed = await self._desk.paint(update, photos, style, reply_to, origin)
        return ConversationHandler.END if placed else None
