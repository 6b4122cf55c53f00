"""How long a picture in finest quality will take, before it is begun."""

from __future__ import annotations

from dataclasses import dataclass

from bot.jobs.bounds import Bounds
from bot.orders import Order
from stylize import Pace

WEIGHT = 0.5  # of the newest job in the correction: a machine's load changes within minutes
CORRECTIONS = (0.25, 8.0)  # the least and the most that one job may say


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

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._machines: dict[str, _Machine] = {}

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

    def of(self, order: Order) -> Expected:
        """For an order in finest quality; never beyond the time limit, at which it stops. Of several devices the
        slowest counts, since nobody knows yet which one will paint it."""
        limit = self._bounds.job_seconds
        if not self._machines:
            return Expected(limit, known=False)
        each = [
            machine.correction * machine.pace.seconds_for(*self._size(order, machine.pace))
            for machine in self._machines.values()
        ]
        return Expected(min(limit, max(each)), known=True)

    def _size(self, order: Order, pace: Pace) -> tuple[int, int]:
        long_side = self._bounds.long_side(order)
        width, height = order.content.width, order.content.height
        if not width or not height:  # Telegram does not measure files: the most that it can be
            return min(pace.side, long_side), min(pace.side, long_side)
        scale = min(1.0, long_side / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))
