"""Troubles on demand: the answers and silences that a bot must survive."""

from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal["400", "404", "429", "500", "502", "timeout", "reset", "reset_after", "slow"]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass
class Fault:
    """kind: 400, 404 (as a server that does not know the method), 429, 500, 502: this answer, and nothing is done.

    timeout: done, but never answered (for `seconds`). reset: the connection breaks before anything is done;
    reset_after: after it was done. slow: done `seconds` later.
    method: a Bot API method in small letters, or * for any but getUpdates. count: how many calls it still hits.
    skip: how many calls it lets pass before that. retry_after: seconds, for 429.
    """

    method: str
    kind: FaultKind
    count: int = 1
    skip: int = 0
    seconds: float = 30.0
    retry_after: int = 1


class Faults:
    """The faults still to come, in the order in which they were scheduled."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def schedule(self, fault: Fault) -> None:
        """Adds a fault."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forgets all."""
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """What is still to come."""
        return list(self._waiting)

    def next(self, method: str) -> Fault | None:
        """The fault that hits this call, if any; it is used up by that."""
        method = method.lower()
        for fault in self._waiting:
            if fault.method != method and not (fault.method == "*" and method != "getupdates"):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.count -= 1
            if fault.count <= 0:
                self._waiting.remove(fault)
            return fault
        return None
