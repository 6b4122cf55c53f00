"""`python -m bot.sandbox --token T --port P`: the sandbox alone; it prints the address of its chat page."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from bot.sandbox import Sandbox
from bot.sandbox.flood import Limits


async def _run(sandbox: Sandbox) -> None:
    await sandbox.start()
    print(f"The chat page is at {sandbox.page}", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await sandbox.stop()


def main() -> int:
    """Reads the command line and serves until Ctrl-C. Returns the exit code, 2 for a busy port."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--token", default="1234567:sandbox", help="the token that the bot uses (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="a folder in which chats and files outlive a restart")
    parser.add_argument("--flood", action="store_true", help="limit the bot as Telegram does")
    given = parser.parse_args()
    sandbox = Sandbox(given.token, given.host, given.port, given.data, Limits() if given.flood else None)
    try:
        asyncio.run(_run(sandbox))
    except OSError as error:
        print(f"The sandbox can't listen on {given.host}:{given.port}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
