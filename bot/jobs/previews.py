"""What pictures look like while they are painted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Preview:
    """A file that the next preview of this job replaces; `number` counts them."""

    path: Path
    number: int


class Previews:
    """The newest preview of each job that is being painted.

    Kept in memory alone: one that is lost is followed by another, and a job that is begun again makes new ones.
    """

    def __init__(self) -> None:
        self._newest: dict[int, Preview] = {}

    def put(self, job_id: int, path: Path) -> None:
        """There is a new one."""
        before = self._newest.get(job_id)
        self._newest[job_id] = Preview(path, before.number + 1 if before else 1)

    def of(self, job_id: int) -> Preview | None:
        """The newest one."""
        return self._newest.get(job_id)

    def forget(self, job_id: int) -> None:
        """The job is over."""
        self._newest.pop(job_id, None)
