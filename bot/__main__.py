"""python -m bot: with TELEGRAM_BOT_TOKEN it serves Telegram, without one it opens a local sandbox to try it in.

python -m bot backup FILE.tar.gz: copies what it keeps.
"""

import sys

if __name__ == "__main__":  # the runner process imports this file too and needs nothing of it
    from bot.launch import launch

    sys.exit(launch(sys.argv[1:]))
