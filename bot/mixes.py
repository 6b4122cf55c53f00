"""The shares of a mix, in percent."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 10
STEP = 10


def even(count: int) -> list[int]:
    """Equal shares in whole tens, the first ones larger where it does not divide: 100, 50 50, 40 30 30."""
    tens, rest = divmod(100 // STEP, count)
    return [STEP * (tens + (index < rest)) for index in range(count)]


def shifted(shares: Sequence[int], index: int, by: int) -> list[int]:
    """One share larger or smaller by so much, none below the least; the largest of the others gives, the smallest
    takes. The sum stays 100."""
    others = [place for place in range(len(shares)) if place != index]
    partner = max(others, key=lambda place: shares[place] * (1 if by > 0 else -1), default=index)
    changed = list(shares)
    if partner != index and changed[index] + by >= LEAST and changed[partner] - by >= LEAST:
        changed[index] += by
        changed[partner] -= by
    return changed
