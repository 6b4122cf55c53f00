"""What the bot remembers: models, sessions and one small module of questions per table."""

from bot.store import operator_models  # noqa: F401 - the tables are known wherever the store is
from bot.store.sessions import Store, StoreError

__all__ = ["Store", "StoreError"]
