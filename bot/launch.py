"""Starting and stopping the process: settings, log, data folder, Bot API server, bot."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bot.app import Bot, StartError, sole_owner
from bot.backup import BackupError, back_up
from bot.logs import log_stray, set_up_logs
from bot.sandbox import Sandbox
from bot.settings import Settings, SettingsError, load_settings
from bot.store import Store, StoreError

SANDBOX_TOKEN = "1000000001:sandbox-of-atelier-not-a-secret"  # opens nothing but the sandbox on this machine


def launch(arguments: Sequence[str] = ()) -> int:
    """Runs the bot until it is told to stop, or backs it up; 0, or 2 where it can't, with one line that says why."""
    command = _parser().parse_args(arguments)
    try:
        if command.what == "backup":
            print(back_up(load_settings(), command.file))
        else:
            asyncio.run(_run(load_settings()))
    except (SettingsError, StoreError, StartError, BackupError) as error:
        print(f"atelier: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Runs the bot. See docs/operating.md.")
    commands = parser.add_subparsers(dest="what", title="instead of running it")
    backup = commands.add_parser("backup", help="copy the database and the pictures of unfinished jobs")
    backup.add_argument("file", type=Path, metavar="FILE.tar.gz", help="is written anew, never over another one")
    return parser


async def _run(settings: Settings) -> None:
    life = asyncio.create_task(run(settings))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, life.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await life


async def run(settings: Settings) -> None:
    """From the start until cancelled, be it while the bot still tries to start."""
    secrets = [secret.get_secret_value() for secret in (settings.telegram_bot_token, settings.webhook_secret) if secret]
    set_up_logs(settings.log_level, settings.log_format, secrets or [SANDBOX_TOKEN])
    asyncio.get_running_loop().set_exception_handler(log_stray)
    async with AsyncExitStack() as stack:
        stack.enter_context(sole_owner(settings.data_dir))
        store = await Store.open(settings.database)
        stack.push_async_callback(store.close)
        token, api_base, page = await _bot_api(settings, stack)
        await stack.enter_async_context(Bot(settings, token, api_base, store).running())
        print(f"Atelier is running. Open {page} in a browser." if page else "Atelier is running.", flush=True)
        await asyncio.Event().wait()


async def _bot_api(settings: Settings, stack: AsyncExitStack) -> tuple[str, str, str]:
    """Token and address of the Bot API server to use: Telegram's, or a sandbox started here, with its page."""
    if settings.telegram_bot_token is not None:
        return settings.telegram_bot_token.get_secret_value(), settings.telegram_api_base, ""
    sandbox = Sandbox(SANDBOX_TOKEN, settings.sandbox_host, settings.sandbox_port, settings.data_dir / "sandbox")
    try:
        await sandbox.start()
    except OSError as error:
        raise StartError(f"Port {settings.sandbox_port} is taken; set SANDBOX_PORT to another one") from error
    stack.push_async_callback(sandbox.stop)
    return SANDBOX_TOKEN, sandbox.address, sandbox.page
