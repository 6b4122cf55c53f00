"""The conversation's states and what leads where; docs/conversation.md draws it."""

from __future__ import annotations

import warnings
from typing import Any

from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler, MessageHandler, filters
from telegram.warnings import PTBUserWarning

from bot.conversation.albums import AlbumHandler, Albums
from bot.conversation.collecting import Collecting
from bot.conversation.commands import Commands
from bot.conversation.desk import Desk, Handlers
from bot.conversation.outside import Surprise
from bot.conversation.pictures_in import ALBUM_PART, NEW, PICTURE
from bot.conversation.privacy import Privacy
from bot.conversation.saved import SavedStyles
from bot.conversation.states import NAME as NAMING
from bot.conversation.states import PHOTO, STYLE
from bot.conversation.taps import Taps
from bot.conversation.wishes import Wishes

NAME = "atelier"
WORDS = NEW & filters.TEXT & ~filters.COMMAND


def build_conversation(
    desk: Desk, albums: Albums, privacy: Privacy, saved: SavedStyles, wishes: Wishes, taps: Taps
) -> ConversationHandler[Any]:
    """The persistent conversation handler, one conversation per person and chat."""
    collecting = Collecting(desk, albums)
    everywhere = _everywhere(desk, collecting, privacy, wishes, taps)
    idle: Handlers = [
        *everywhere,
        MessageHandler(PICTURE, collecting.photo_first),
        MessageHandler(WORDS, collecting.words_first),
        Surprise(desk, None).handler(),
    ]
    style: Handlers = [
        *everywhere,
        MessageHandler(PICTURE, collecting.photo_as_style),
        MessageHandler(WORDS, collecting.words_as_style),
        Surprise(desk, STYLE).handler(),
    ]
    photo: Handlers = [
        *everywhere,
        MessageHandler(PICTURE, collecting.photo_for_style),
        MessageHandler(WORDS, collecting.other_words),
        Surprise(desk, PHOTO).handler(),
    ]
    name: Handlers = [
        *everywhere,
        MessageHandler(PICTURE, collecting.photo_first),
        MessageHandler(WORDS, saved.named),
        Surprise(desk, NAMING).handler(),
    ]
    with warnings.catch_warnings():
        # It warns that taps are not tracked per message; ours name their draft or job and are checked against it.
        warnings.simplefilter("ignore", PTBUserWarning)
        return ConversationHandler(
            entry_points=idle,
            states={STYLE: style, PHOTO: photo, NAMING: name},
            fallbacks=[],
            name=NAME,
            persistent=True,
        )


def _everywhere(desk: Desk, collecting: Collecting, privacy: Privacy, wishes: Wishes, taps: Taps) -> Handlers:
    commands = Commands(desk)
    return [
        AlbumHandler(collecting.album),
        MessageHandler(ALBUM_PART, collecting.album_part),
        CommandHandler("start", commands.start, NEW),
        CommandHandler("help", commands.help, NEW),
        CommandHandler("styles", commands.styles, NEW),
        CommandHandler("history", commands.history, NEW),
        CommandHandler("settings", wishes.settings, NEW),
        CommandHandler("cancel", commands.cancel, NEW),
        CommandHandler("privacy", privacy.privacy, NEW),
        CommandHandler("export", privacy.export, NEW),
        CommandHandler("delete_me", privacy.delete_me, NEW),
        MessageHandler(NEW & filters.COMMAND, commands.unknown),
        CallbackQueryHandler(taps.tapped),
    ]
