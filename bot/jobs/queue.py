"""The door of the queue: what the chat and the painter may ask of it, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.orders import Order
from stylize import HeldBack

MAX_ATTEMPTS = 3  # so many crashes of the runner while it paints a picture are enough
MAX_ENDS = 10  # and so many ends of the bot: by chance they do not fall on the same picture so often

JobState = Literal["refused", "queued", "leased", "painting", "painted", "delivered", "failed", "cancelled"]


@dataclass(frozen=True)
class Refusal:
    """Why an order can't be taken now. `whose` is "user" where this person has enough waiting, "day" where they had
    enough today, "total" where everybody together has; `limit` is how many. seconds: after which there is room again in
    this day."""

    whose: Literal["user", "day", "total"]
    limit: int
    seconds: float = 0.0


class QueueFull(Exception):  # noqa: N818 - an answer, not a fault
    """No more jobs now. The order is kept as a job in the state "refused", which can be tried again."""

    def __init__(self, refusal: Refusal, job_id: int) -> None:
        super().__init__(f"{refusal.whose}: {refusal.limit} is the limit")
        self.refusal = refusal
        self.job_id = job_id


@dataclass(frozen=True)
class Painted:
    """A finished picture: its file (relative to the folder of results), its size in px, the long side that it would
    have in full size, that which it was painted at, from where it may have been enlarged, and for a sentence the words
    for what was understood; and how its style was held back, where it would have hidden the photo."""

    file: str
    width: int
    height: int
    full_side: int
    painted_side: int
    understood: tuple[str, ...] = ()
    held_back: tuple[HeldBack, ...] = ()

    @property
    def enlarged(self) -> bool:
        """Whether it was painted smaller than it is."""
        return 0 < self.painted_side < max(self.width, self.height)


@dataclass(frozen=True)
class Job:
    """An order on its way. progress: 0 to 1. error: a short code where it failed.

    status_since: where it is not known whether there is a status message, the newest message before it.
    """

    id: int
    order: Order
    state: JobState
    attempts: int
    progress: float
    cancel_requested: bool
    status_message_id: int | None
    error: str
    result: Painted | None
    status_since: int | None = None


@dataclass(frozen=True)
class Enqueued:
    """The job of an order; `fresh` is False where the same order is already under way.

    repeated: the job was made from this very origin before.
    """

    job_id: int
    fresh: bool
    repeated: bool = False


@dataclass(frozen=True)
class Waiting:
    """A job that is not done yet; place 0 is being painted, 1 is next."""

    job: Job
    place: int


class JobQueue(Protocol):
    """queued → leased → painting → painted → delivered, or failed, or cancelled; refused → queued."""

    async def enqueue(self, order: Order, origin: str) -> Enqueued:
        """Stores a job. The same origin, or the same order while it is under way, gives the same job.

        Raises QueueFull.
        """

    async def enqueue_album(self, orders: Sequence[Order], origin: str) -> list[Enqueued]:
        """Stores the jobs of one album, all or none, which counts as one job where limits are concerned. Raises
        QueueFull."""

    async def retry(self, job_id: int) -> Enqueued:
        """Queues an order that was refused, with the rest of its album, or finds it under way already. Raises
        QueueFull."""

    async def album(self, job: Job) -> list[Job]:
        """All jobs of this job's album, in their order; the job alone where it is of none."""

    async def claim(self, worker: str, lease_seconds: float) -> Job | None:
        """The next job, leased to this worker: users take turns, each user's jobs in their order.

        Quick pictures of everybody go before those in finest quality, of which one comes first all the same once it
        has waited for long.
        """

    async def begin(self, job_id: int, worker: str) -> bool:
        """Painting starts, which counts as an attempt; False where the job was cancelled or taken away."""

    async def beat(self, job_id: int, worker: str, progress: float, lease_seconds: float) -> bool:
        """Renews the lease and stores progress; False where the worker should stop."""

    async def complete(self, job_id: int, worker: str, painted: Painted) -> bool:
        """The result is stored and is to be delivered; False where the job was cancelled or taken away."""

    async def fail(self, job_id: int, error: str) -> None:
        """It can't be painted, for a reason with this short code."""

    async def give_back(self, job_id: int, worker: str, *, counts: bool) -> Job | None:
        """The worker could not finish it: it is queued again, or failed after the last attempt.

        counts: whether this try counts as an attempt (a crash does, a shutdown does not).
        """

    async def cancel(self, chat_id: int, user_id: int) -> list[Job]:
        """Cancels everything of this person here that is not painted yet; gives the cancelled jobs."""

    async def cancel_job(self, job_id: int) -> bool:
        """Cancels this job; False where it is painted already, or has ended."""

    async def move_chat(self, old: int, new: int) -> None:
        """A group has become a supergroup with another number: what was asked for there is brought here."""

    async def leave_chat(self, chat_id: int) -> None:
        """Nothing can be sent to this group any more: cancels everything that was asked for there."""

    async def recover(self, *, everything: bool) -> list[Job]:
        """Gives back jobs whose lease ran out, or at start every job that some earlier process held.

        What was being painted does not count as tried: not the picture has ended that process.
        """

    async def waiting(self) -> list[Waiting]:
        """Every job that is not painted yet, in the order in which they will be painted."""

    async def untold(self) -> list[Job]:
        """Jobs that have ended and whose chat does not know yet."""

    async def mark_told(self, job_id: int) -> None:
        """The chat knows how this job ended."""

    async def delivered(self, chat_id: int, user_id: int, newest: int) -> list[Job]:
        """The newest jobs whose results this person got here, the newest first."""

    async def find(self, job_id: int) -> Job | None:
        """A job by its number."""

    async def expect_status(self, job_id: int, since: int) -> None:
        """A status message is sent now, whose number will be higher than `since`."""

    async def attach_status(self, job_id: int, message_id: int | None) -> Job | None:
        """Remembers the status message, or that there is none; gives the job as it is now."""
