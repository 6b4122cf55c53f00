"""Requests side by side: each goes its own way up to where it wants a painting, and those are made together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from stylize.errors import Cancelled
from stylize.methods.method import Method
from stylize.pictures import Picture
from stylize.request import Options, Progress, Watch

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Wish:
    """A painting that is wanted: this picture, with this style as the method prepared it, (Z,)."""

    method: Method
    picture: Picture
    style: Tensor
    options: Options
    watch: Watch

    @property
    def kind(self) -> tuple[object, ...]:
        """Wishes that have it in common can be one call: it holds all of the options that a method looks at."""
        return self.method, self.options.seed, max(1.0, self.options.strength)


Steps = Generator[Wish, Picture, T]
"""What one request does: yields wishes, is sent paintings or thrown what went wrong, returns its outcome."""


def run_together(requests: Sequence[Steps[T]]) -> list[T | Exception]:
    """The outcome of each, in order: what it returned or the exception that it ended with.

    In each round every request has one wish; wishes of one kind are painted in one call where the method gains by it.
    """
    outcomes: dict[int, T | Exception] = {}
    wishes: dict[int, Wish] = {}

    def go_on(place: int, step: Callable[[], Wish]) -> None:
        try:
            wishes[place] = step()
        except StopIteration as end:
            outcomes[place] = end.value
        except Exception as error:
            outcomes[place] = error

    for place, request in enumerate(requests):
        go_on(place, partial(next, request))
    while wishes:
        for places in _of_one_kind(wishes):
            for place, painted in zip(places, _painted([wishes.pop(place) for place in places]), strict=True):
                answer = requests[place].throw if isinstance(painted, Exception) else requests[place].send
                go_on(place, partial(answer, painted))  # type: ignore[arg-type]
    return [outcomes[place] for place in range(len(requests))]


def _of_one_kind(wishes: dict[int, Wish]) -> list[list[int]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, wish in wishes.items():
        groups.setdefault(wish.kind if wish.method.batch > 1 else (place,), []).append(place)
    return list(groups.values())


def _painted(wishes: list[Wish]) -> list[Picture | Exception]:
    """Paintings of one kind; where one call for all fails, each is tried alone, so that every failure finds its own."""
    stopped: set[int] = set()

    def watch(progress: Progress) -> bool:
        stopped.update(
            [place for place, wish in enumerate(wishes) if place not in stopped and not wish.watch(progress)]
        )
        return len(stopped) < len(wishes)

    first = wishes[0]
    styles = torch.stack([wish.style for wish in wishes])
    try:
        painted = first.method.paint([wish.picture for wish in wishes], styles, first.options, watch)
    except Cancelled as error:
        return [error for _ in wishes]
    except Exception as error:
        return [error] if len(wishes) == 1 else [_painted([wish])[0] for wish in wishes]
    return [Cancelled("Stopped as asked.") if place in stopped else each for place, each in enumerate(painted)]
