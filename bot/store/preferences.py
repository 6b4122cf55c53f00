"""What people have set, in their rows."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.preferences import Preferences
from bot.store.models import User
from bot.store.people import meet
from stylize import Colours


async def preferences_of(session: AsyncSession, user_id: int) -> Preferences:
    """What this person has set; the defaults for somebody new."""
    user = await session.get(User, user_id)
    if user is None:
        return Preferences()
    colours = Colours(user.colours)
    return Preferences(user.finest, user.size, user.strength, colours, user.as_file, user.chosen_language)


async def store_preferences(session: AsyncSession, user_id: int, preferences: Preferences) -> None:
    """Keeps them from now on."""
    user = await meet(session, user_id)
    user.finest, user.size, user.strength = preferences.finest, preferences.size, preferences.strength
    user.colours, user.as_file = preferences.colours, preferences.as_file
    user.chosen_language = preferences.language
