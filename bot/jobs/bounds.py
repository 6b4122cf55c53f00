"""How large and how long a picture may be painted, and how many may wait: the operator's settings."""

from __future__ import annotations

from dataclasses import dataclass

from bot.orders import Order

MARGIN = 0.2  # of the limit: reading the pictures and storing the result, before and after the descent
LONGEST_MARGIN = 15.0  # seconds


@dataclass
class Bounds:
    """One live object: the operator changes it from the chat, and what is read from it holds for the next job.

    max_side, photo_side: long side in px of results that go as files, and as photos, where the person chose none.
    job_seconds: the time limit of one painting. queue_per_user, queue_total: how many jobs may wait.
    daily_quota: pictures of one person in 24 hours, 0 for any number. resting: nothing new is painted, while orders are
    still taken.
    """

    max_side: int = 2048
    photo_side: int = 1280
    job_seconds: float = 300
    queue_per_user: int = 3
    queue_total: int = 200
    daily_quota: int = 0
    resting: bool = False

    def long_side(self, order: Order) -> int:
        """Of the result of this order, in px at most."""
        usual = self.max_side if order.as_file else self.photo_side
        return min(order.size or usual, self.max_side)

    @property
    def descent_seconds(self) -> float:
        """After which a painting in finest quality stops with what it has, so that it is there within the limit."""
        return self.job_seconds - min(LONGEST_MARGIN, MARGIN * self.job_seconds)

    @property
    def patience(self) -> float:
        """After which a painting in finest quality that did not stop by itself is given up.

        Beyond the limit: a machine so slow that no step is done by then brings its picture late rather than not at all.
        """
        return 2 * self.job_seconds
