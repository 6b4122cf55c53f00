"""`stylize`: the command line.

Commands import torch when they run, not before, so that `stylize --help` answers at once. A package with
commands of its own keeps them in its `commands.py` as a Typer app and is mounted here by name.
"""

from __future__ import annotations

from importlib import import_module

import typer

from stylize.cli.paint import paint
from stylize.cli.plain import PlainErrors
from stylize.cli.reconstruct import reconstruct
from stylize.cli.weights import weights

app = typer.Typer(
    cls=PlainErrors,
    help="Repaint pictures: by another picture, by a sentence, by a preset.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(paint)
app.command()(reconstruct)
app.command()(weights)


def _mount(name: str, module: str, summary: str) -> None:
    """`stylize NAME …` is handed to `module`.app, imported at that moment."""

    @app.command(
        name,
        help=summary,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    def hand_over(context: typer.Context) -> None:
        guests = typer.Typer(add_completion=False, rich_markup_mode=None)
        guests.add_typer(import_module(module).app, name=name)
        run = typer.main.get_command(guests).main
        code = run(args=[name, *context.args], prog_name="stylize", standalone_mode=False)
        if isinstance(code, int) and code:
            raise typer.Exit(code)


_mount("presets", "stylize.presets.commands", "The named paintings: list them, make their codes.")
_mount("corpus", "stylize.sentence.commands", "Captioned corpora, which sentences draw their style from.")
_mount("train", "stylize.training.commands", "Train nets from folders of pictures.")


@app.callback()
def main() -> None:
    """Repaint pictures: by another picture, by a sentence, by a preset."""
