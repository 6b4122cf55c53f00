"""The Telegram bot: chat, storage and jobs; it paints only through the public door of stylize."""
