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
    """While a picture is painted, with the loss where there is one."""
    columns = TextColumn("{task.percentage:.0f} %"), TextColumn("{task.fields[loss]}"), TimeElapsedColumn()
    with _line(*columns) as line:
        bar = line.add_task(name, total=1.0, loss="")

        def watch(progress: Progress) -> bool:
            loss = "" if progress.loss is None else f"loss {progress.loss:.4g}"
            line.update(bar, completed=progress.fraction, loss=loss)
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
