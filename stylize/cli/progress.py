"""Bars on the terminal; nothing where stderr is a file or a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as ProgressLine

from stylize.request import Progress, Watch


@contextmanager
def progress_line(name: str) -> Iterator[Watch]:
    """While a picture is painted."""
    with _line(TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn()) as line:
        bar = line.add_task(name, total=1.0)

        def watch(progress: Progress) -> bool:
            line.update(bar, completed=progress.fraction)
            return True

        yield watch


@contextmanager
def download_line(name: str) -> Iterator[Callable[[int, int], None]]:
    """While a file is fetched; takes the bytes that are there and the bytes in all."""
    with _line(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as line:
        bar = line.add_task(name, total=None)

        def tell(done: int, total: int) -> None:
            line.update(bar, completed=done, total=total)

        yield tell


def _line(*columns: ProgressColumn) -> ProgressLine:
    console = Console(stderr=True)
    begin = TextColumn("{task.description}"), BarColumn()
    return ProgressLine(*begin, *columns, console=console, transient=True, disable=not console.is_terminal)
