"""A local Bot API server and a browser chat, to try and to test the bot without Telegram."""

from bot.sandbox.server import Sandbox

__all__ = ["Sandbox"]
