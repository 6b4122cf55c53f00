"""How long pictures will take: those in finest quality by the pace of the device, quick ones by those before them."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from bot.jobs.bounds import Bounds
from bot.jobs.queue import Waiting
from bot.orders import Order
from stylize import Pace

WEIGHT = 0.5  # of the newest job in the correction: a machine's load changes within minutes
CORRECTIONS = (0.25, 8.0)  # the least and the most that one job may say
RECENT = 20  # quick pictures of each device that are remembered
OUTLIER = 3.0  # of their median: longer ones count as so long, such as one whose photo was slow to come


@dataclass(frozen=True)
class Expected:
    """Seconds of painting; where the pace is not `known` yet, what they are at most."""

    seconds: float
    known: bool


@dataclass
class _Machine:
    pace: Pace
    correction: float = 1.0  # actual seconds to those of the pace


class Forecast:
    """Learns from each device's pace and from what was really painted on it."""

    def __init__(self, bounds: Bounds, devices: int = 1) -> None:
        self._bounds = bounds
        self._devices = max(1, devices)
        self._machines: dict[str, _Machine] = {}
        self._quick: dict[str, deque[tuple[int, float]]] = {}  # pixels and seconds, by device

    def measured(self, device: str, pace: Pace) -> None:
        """The pace of a device is known, for the first time or anew."""
        known = self._machines.get(device)
        self._machines[device] = _Machine(pace, known.correction if known else 1.0)

    def took(self, device: str, width: int, height: int, seconds: float, *, finished: bool) -> None:
        """So long a picture of this size took; not `finished` where the time limit stopped it, so it says "or more"."""
        machine = self._machines.get(device)
        if machine is None:
            return
        least, most = CORRECTIONS
        seen = min(most, max(least, seconds / max(1e-3, machine.pace.seconds_for(width, height))))
        if finished or seen > machine.correction:
            machine.correction += WEIGHT * (seen - machine.correction)

    def painted(self, device: str, width: int, height: int, seconds: float) -> None:
        """So long a quick picture of this size took, from its turn until it was painted."""
        self._quick.setdefault(device, deque(maxlen=RECENT)).append((width * height, seconds))

    def quick(self, order: Order) -> float | None:
        """Seconds of a quick picture on the slowest device, None before one was painted.

        Larger pictures are expected to take longer by their pixels, smaller ones no less than what was measured.
        """
        width, height = self._size(order, self._bounds.long_side(order))
        pixels = width * height
        each = [
            _robust_mean([seconds * max(1.0, pixels / max(1, seen)) for seen, seconds in recent])
            for recent in self._quick.values()
        ]
        return max(each, default=None)

    def ready(self, waiting: Sequence[Waiting]) -> dict[int, float]:
        """Seconds until each of these jobs is painted, if nobody comes in between; by their numbers.

        waiting: in the order in which they will be painted. Each goes to the device that is free first. From the first
        one of which nothing is known on, none is named.
        """
        free = [0.0] * self._devices
        ready: dict[int, float] = {}
        for each in waiting:
            seconds = self._known(each.job.order)
            if seconds is None:
                break
            done = 0.0 if each.place else each.job.progress
            ready[each.job.id] = heapq.heappop(free) + seconds * (1 - done)
            heapq.heappush(free, ready[each.job.id])
        return ready

    def _known(self, order: Order) -> float | None:
        if not order.finest:
            return self.quick(order)
        expected = self.of(order)
        return expected.seconds if expected.known else None

    def of(self, order: Order) -> Expected:
        """For an order in finest quality; never beyond the time limit, at which it stops. Of several devices the
        slowest counts, since nobody knows yet which one will paint it."""
        limit = self._bounds.job_seconds
        if not self._machines:
            return Expected(limit, known=False)
        each = [
            machine.correction * machine.pace.seconds_for(*self._size(order, machine.pace.side))
            for machine in self._machines.values()
        ]
        return Expected(min(limit, max(each)), known=True)

    def _size(self, order: Order, side: int) -> tuple[int, int]:
        long_side = self._bounds.long_side(order)
        width, height = order.content.width, order.content.height
        if not width or not height:  # Telegram does not measure files: the most that it can be
            return min(side, long_side), min(side, long_side)
        scale = min(1.0, long_side / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))


def _robust_mean(seconds: Sequence[float]) -> float:
    most = OUTLIER * median(seconds)
    return fmean(min(each, most) for each in seconds)
