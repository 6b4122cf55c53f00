"""What the bot remembers: models, sessions and one small module of questions per table."""

from bot.store.sessions import Store, StoreError

__all__ = ["Store", "StoreError"]
