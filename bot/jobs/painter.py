"""Takes jobs from the queue, gives them to the runner process of one device, and keeps both honest."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from pathlib import Path

import structlog
from structlog.contextvars import bind_contextvars, unbind_contextvars

from bot.catalogue import Catalogue
from bot.jobs.bounds import Bounds
from bot.jobs.forecast import Forecast
from bot.jobs.inputs import NETWORK, Inputs, NotFetched
from bot.jobs.materials import Materials
from bot.jobs.messages import (
    NO_ROOM,
    Advanced,
    Broken,
    Done,
    FromRunner,
    Idle,
    Paced,
    Paint,
    Ready,
    Refused,
    Stop,
    Tuned,
)
from bot.jobs.previews import Previews
from bot.jobs.process import RunnerProcess
from bot.jobs.queue import Job
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.studio import Studio
from bot.loops import finish, first_of
from bot.metrics import Metrics
from bot.store.insisting import PASSING, insist

LEASE = 30.0  # seconds
BEAT = 1.0  # seconds between two looks at the job's row: progress out, and in a cancel that nobody told us of
GRACE = 5.0  # seconds that a stopped job gets before its process is killed
EXAMPLE = (1280, 960)  # px: of the picture whose seconds in finest quality the log names
FETCHES = 3  # rounds in which a picture can't be fetched although Telegram is there; then it is given up
OUTAGE_PAUSE = 3.0  # seconds between two looks whether Telegram is there again
HOLD_PAUSES = (2.0, 5.0, 15.0, 30.0)  # seconds before painting is tried again when something of ours is missing
HOLDING = {  # what the operator has to mend: the job waits for it
    "WeightsError": "weights are missing or do not fit",
    NO_ROOM: "the disk is full or can't be written",
}
RESTART_PAUSES = (0.0, 1.0, 2.0, 5.0, 15.0, 30.0)  # seconds before the runner is started again, by failures in a row

log = structlog.get_logger(__name__)


class RunnerGone(Exception):  # noqa: N818 - an outcome
    """The runner process ended."""


class Held(Exception):  # noqa: N818 - an outcome
    """Nothing can be painted before the operator has mended something."""


class Painter:
    """One device's share of the work: claim, fetch, paint, store."""

    def __init__(
        self,
        queue: SqlQueue,
        inputs: Inputs,
        results: Path,
        metrics: Metrics,
        forecast: Forecast,
        previews: Previews,
        bounds: Bounds,
        device: str,
        catalogue: Catalogue | None = None,
        studio: Studio | None = None,
    ) -> None:
        self._queue = queue
        self._inputs = inputs
        self._materials = Materials(inputs, results, bounds, catalogue)
        self._metrics = metrics
        self._forecast = forecast
        self._previews = previews
        self._bounds = bounds
        self._device = device
        self._studio = studio
        self.name = f"runner-{device}"
        self.ready = asyncio.Event()
        self.held = False
        """Whether nothing can be painted before the operator has mended something."""
        self._runner: RunnerProcess | None = None
        self._heard = time.monotonic()
        self._busy = False
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._unfetched: Counter[int] = Counter()  # by job
        self._holds = 0  # in a row

    def start(self) -> None:
        """Starts the process and the work."""
        self._task = asyncio.create_task(self._live(), name=self.name)

    @property
    def alive(self) -> bool:
        """Whether the work goes on."""
        return self._task is not None and not self._task.done()

    @property
    def silence(self) -> float:
        """Seconds since the runner was last heard, at first since the start; none while it paints, which has a time
        limit of its own."""
        heard = self._runner.last_heard if self._runner is not None else 0.0
        return 0.0 if self._busy else time.monotonic() - max(self._heard, heard)

    async def stop(self) -> None:
        """Stops at once; a job that was being painted is queued again and does not count as tried."""
        self._stopping = True
        self._queue.news.tell()
        if self._runner is not None:
            await self._runner.stop()  # whoever waits for it hears that it is gone
        if self._task is not None:
            await finish(self._task)
        await self._materials.settle()

    async def _live(self) -> None:
        failures = 0
        while not self._stopping:
            unbind_contextvars("job")
            try:
                self._runner = RunnerProcess(self._device)
                await self._wait_until_ready(self._runner)
                failures = 0
                while not self._stopping:
                    await self._work_on(self._runner)
            except RunnerGone:
                if self._stopping:
                    return
                failures += 1
                self._metrics.runner_restarts.inc()
                log.warning("the runner process ended and is started again", device=self._device)
            except Exception:
                failures += 1
                log.exception("the painter stumbled", device=self._device)
            self.ready.clear()
            if self._studio is not None:
                self._studio.interrupted()
            if self._runner is not None:
                await self._runner.stop()
                self._heard = max(self._heard, self._runner.last_heard)
                self._runner = None
            await self._pause(RESTART_PAUSES[min(failures, len(RESTART_PAUSES)) - 1])

    async def _work_on(self, runner: RunnerProcess) -> None:
        """One job; what the runner has no part in does not cost it."""
        try:
            await self._work(runner)
        except Held:
            self.held = True
            await self._pause(HOLD_PAUSES[min(self._holds, len(HOLD_PAUSES) - 1)])
            self._holds += 1
        except PASSING as error:
            log.warning("the database does not answer the painter; trying again", problem=type(error).__name__)
            await self._pause(BEAT)

    async def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            await asyncio.sleep(0.1)

    async def _wait_until_ready(self, runner: RunnerProcess) -> None:
        while True:
            match await runner.heard.get():
                case None:
                    raise RunnerGone
                case Broken(detail=detail):
                    self.held = True
                    log.error("the engine can't be loaded", device=self._device, traceback=detail)
                case Ready(seconds=seconds):
                    log.info("the engine is warm", device=self._device, seconds=round(seconds, 1), pid=runner.pid)
                    self.held = False
                    self.ready.set()
                    return
                case _:
                    continue

    async def _work(self, runner: RunnerProcess) -> None:
        """Paints the next job, or waits for one."""
        unbind_contextvars("job")
        news = self._queue.news.next
        if self._stopping:
            return
        self._hear_between_jobs(runner)
        job = await self._queue.claim(self.name, LEASE)
        if job is None:
            if not runner.alive:
                raise RunnerGone
            if self._studio is not None and (task := await self._studio.next()) is not None:
                runner.say(task)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), BEAT)
            return
        bind_contextvars(job=job.id)  # until the next one, so that what is said about a crash names it
        try:
            await self._paint(runner, job)
        except RunnerGone:
            await self._give_back(job, counts=not self._stopping)
            raise
        except (Held, *PASSING):
            await self._give_back(job, counts=False)
            raise
        except Exception:
            await self._fail(job, "internal")
            raise

    async def _give_back(self, job: Job, *, counts: bool) -> None:
        await insist(lambda: self._queue.give_back(job.id, self.name, counts=counts), "a job that is given back")

    async def _fail(self, job: Job, error: str) -> None:
        await insist(lambda: self._queue.fail(job.id, error), "a job that failed")

    async def _beat(self, job: Job, progress: float) -> bool:
        """Whether to go on; yes where the database does not say."""
        try:
            return await self._queue.beat(job.id, self.name, progress, LEASE)
        except PASSING as error:
            log.warning("the progress can't be stored", job=job.id, problem=type(error).__name__)
            return True

    def _hear_between_jobs(self, runner: RunnerProcess) -> None:
        while not runner.heard.empty():
            message = runner.heard.get_nowait()
            if message is None:
                raise RunnerGone
            self._learn(message)

    def _learn(self, message: FromRunner) -> None:
        """Takes in what the runner says about itself, be there a job or not."""
        match message:
            case Paced(pace=pace):
                log.info("the pace is known", device=self._device, seconds=round(pace.seconds_for(*EXAMPLE), 1))
                self._forecast.measured(self.name, pace)
            case Idle():
                pass  # the process has noted when it was heard
            case Tuned() if self._studio is not None:
                self._studio.heard(message)
            case Broken(job_id=None, detail=detail):
                log.error("the runner failed between jobs", device=self._device, traceback=detail)

    async def _paint(self, runner: RunnerProcess, job: Job) -> None:
        claimed = time.monotonic()
        fetching = asyncio.create_task(self._materials.task_for(job))
        while True:
            cancels = self._queue.cancels.next
            await first_of(fetching, cancels, BEAT)
            if fetching.done():
                break
            if self._stopping:
                fetching.cancel()
                raise RunnerGone
            if not await self._beat(job, 0.0):
                fetching.cancel()
                return
        try:
            task = fetching.result()
        except NotFetched as error:
            await self._not_fetched(job, error)
            return
        except OSError as error:  # the picture came, and could not be written
            raise self._hold(NO_ROOM, job, error.strerror or "") from error
        self._unfetched.pop(job.id, None)
        cancels = self._queue.cancels.next
        if not await insist(lambda: self._queue.begin(job.id, self.name), "the start of a job"):
            return
        started = time.monotonic()
        self._busy = True
        self._metrics.batch_size.observe(1)  # a runner paints one job at a time
        runner.say(task)
        try:
            await self._materials.prefetch(self._queue)
            outcome, fraction = await self._follow(runner, job, started, cancels)
            await self._store(job, outcome, fraction, task, started)
            if isinstance(outcome, Done) and not job.order.finest:
                self._forecast.painted(
                    self.name, outcome.painted.width, outcome.painted.height, time.monotonic() - claimed
                )
        finally:
            self._busy = False
            self._previews.forget(job.id)
            task.preview.unlink(missing_ok=True)

    async def _not_fetched(self, job: Job, error: NotFetched) -> None:
        """A picture that Telegram refuses is given up; while Telegram is out of reach the job waits."""
        if error.code == NETWORK:
            there = await self._inputs.telegram_is_there()
            self._unfetched[job.id] += there
            if self._unfetched[job.id] < FETCHES:
                await self._give_back(job, counts=False)
                if not there:
                    log.warning("Telegram is out of reach; painting waits", device=self._device)
                    await self._pause(OUTAGE_PAUSE)
                return
        self._unfetched.pop(job.id, None)
        await self._fail(job, error.code)

    def _hold(self, code: str, job: Job, detail: str) -> Held:
        """Its text holds nothing of the person's."""
        log.error(HOLDING[code], job=job.id, detail=detail)
        return Held()

    async def _follow(
        self, runner: RunnerProcess, job: Job, started: float, cancels: asyncio.Event
    ) -> tuple[Done | Refused | Broken, float]:
        """Passes progress on until the runner is done with the job; stops it when cancelled or too slow.

        Gives the outcome, and the part of the steps that were done.
        """
        fraction, told, beaten = 0.0, 0.0, time.monotonic()
        deadline = started + (self._bounds.patience if job.order.finest else self._bounds.job_seconds)
        hearing: asyncio.Task[FromRunner | None] | None = None
        try:
            while True:
                hearing = hearing or asyncio.create_task(runner.heard.get())
                await first_of(hearing, cancels, BEAT)
                if hearing.done():
                    message, hearing = hearing.result(), None
                    match message:
                        case None:
                            raise RunnerGone
                        case Done() | Refused() | Broken() if message.job_id == job.id:
                            if told and time.monotonic() > deadline and isinstance(message, Refused):
                                return Refused(job.id, "too-slow", ""), fraction
                            return message, fraction
                        case Advanced(job_id=job.id, fraction=fraction, preview=preview):
                            if preview is not None:
                                self._previews.put(job.id, preview)
                        case _:
                            self._learn(message)
                moment = time.monotonic()
                if told and moment > told + GRACE:
                    log.warning("the runner does not stop and is killed", job=job.id)
                    await runner.stop()
                    if moment > deadline:
                        await self._fail(job, "too-slow")
                    raise RunnerGone
                if moment >= beaten + BEAT or cancels.is_set():
                    beaten, cancels = moment, self._queue.cancels.next
                    done = self._share(job, fraction, moment - started)
                    wanted = await self._beat(job, done)
                    if not told and (not wanted or moment > deadline):
                        told = moment
                        runner.say(Stop(job.id))
        finally:
            if hearing is not None:
                hearing.cancel()

    def _share(self, job: Job, fraction: float, seconds: float) -> float:
        """The done part of the job. In finest quality the first steps are the quick ones, so time counts as long as
        the steps have not fallen behind it."""
        if not job.order.finest:
            return fraction
        expected = self._forecast.of(job.order)
        return min(fraction, seconds / expected.seconds) if expected.known else fraction

    async def _store(
        self, job: Job, outcome: Done | Refused | Broken, fraction: float, task: Paint, started: float
    ) -> None:
        seconds = time.monotonic() - started
        match outcome:
            case Done(painted=painted):
                if job.order.finest:
                    self._forecast.took(self.name, painted.width, painted.height, seconds, finished=fraction == 1.0)
                self.held, self._holds = False, 0
                if await insist(lambda: self._queue.complete(job.id, self.name, painted), "a result"):
                    method = job.order.method
                    self._metrics.painting_seconds.labels(method).observe(seconds)
                    self._metrics.peak_memory.set(outcome.peak_memory)
                    self._metrics.finished.labels("painted", job.order.style.kind, method).inc()
                    size = f"{painted.width}x{painted.height}"
                    log.info("painted", job=job.id, seconds=round(seconds, 2), size=size, method=method)
                else:
                    task.target.unlink(missing_ok=True)
            case Refused(code="cancelled"):
                log.debug("the runner has stopped", job=job.id, seconds=round(seconds, 2))
            case Refused(code=code) if code in HOLDING:
                raise self._hold(code, job, outcome.detail)
            case Refused(code=code):
                await self._fail(job, code)
            case Broken(detail=detail):
                log.error("the engine stumbled", job=job.id, traceback=detail)
                await self._fail(job, "internal")
