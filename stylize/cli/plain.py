"""Errors on the command line: one clear sentence, never a traceback.

Exit code 2 for a wrong wish (options, pictures, styles), 1 for a failure, 130 for Ctrl-C.
Set STYLIZE_TRACEBACK=1 to see where an unexpected error came from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import typer
import typer.core

from stylize.errors import PictureError, StyleError, StylizeError


class PlainErrors(typer.core.TyperGroup):
    """The root of the commands: runs them and says what went wrong."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """As every command's; leaves the process with its exit code unless `standalone_mode` is off."""
        run = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, **extra)
        if not standalone_mode:
            return run()
        try:
            code = run()
        except (KeyboardInterrupt, typer.Abort):
            _say("stopped.")
            sys.exit(130)
        except Exception as error:
            if os.environ.get("STYLIZE_TRACEBACK"):
                raise
            sys.exit(_explain(error))
        sys.exit(code if isinstance(code, int) else 0)


def _explain(error: Exception) -> int:
    """Say it on stderr; returns the exit code."""
    if isinstance(error, StylizeError):
        _say(str(error))
        return 2 if isinstance(error, PictureError | StyleError) else 1
    if hasattr(error, "format_message"):  # Click's own: wrong or missing options
        message: str = error.format_message()
        if "\n" in message:  # the help, for a group called without a command
            typer.echo(message)
        else:
            _say(f"{message.removeprefix('Invalid value: ').rstrip('.')}. See --help.")
        return int(getattr(error, "exit_code", 2))
    if isinstance(error, OSError):
        _say(f"{error.filename}: {error.strerror}." if error.filename else f"{error}.")
        return 1
    _say(f"unexpected {type(error).__name__}: {' '.join(str(error).split())} (STYLIZE_TRACEBACK=1 shows where)")
    return 1


def _say(sentence: str) -> None:
    typer.echo(f"stylize: {sentence}", err=True)
