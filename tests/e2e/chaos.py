"""Many people send photos while the bot is killed again and again and Telegram misbehaves; then all is counted.

What is counted is what people see in their chats, not what the bot believes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from bot.sandbox.ledger import Ledger
from bot.sandbox.person import Bubble, Person
from bot.sandbox.records import Counters

from .pictures import jpeg, painting, photo
from .processes import TOKEN, Process, start_sandbox

FIRST_CHAT = 5_123_400_000  # as long as Telegram's numbers are, so that a log can be searched for them
BETWEEN_FAULTS = 0.5  # seconds
WAITING_FAULTS = 8
WARM_FIRST = 0.8  # part of the kills
WARM_SECONDS = 120
QUIET_SECONDS = 1.0  # without anything left to do: it has settled
BEFORE = ("429", "500", "502", "reset")
AFTER = ("reset_after", "timeout")
TROUBLES = {  # by method, and how often it is hit
    "sendphoto": (10, BEFORE + AFTER + AFTER),
    "sendmessage": (6, BEFORE + AFTER),
    "editmessagetext": (3, BEFORE + AFTER),
    "deletemessage": (3, BEFORE + AFTER),
    "getfile": (3, BEFORE + AFTER),
    "answercallbackquery": (2, BEFORE + AFTER),
    "getupdates": (2, ("429", "500", "reset", "reset_after")),
    "getme": (1, BEFORE),
}
STATUS = ("You are next", "In the queue", "Painting", "Finest quality takes", "I can’t paint just now")
OFFER_BEGINS, OFFER = "I sent your picture", "Is it missing?"
SIGHTS = ("harbour", "forest", "meadow", "village", "mountain", "garden", "river", "island", "orchard", "desert")
MOODS = ("stormy", "misty", "golden", "frozen", "quiet", "burning", "silver", "purple", "dusty", "rainy")
HOURS = ("at night", "at dawn", "in winter", "in autumn", "under the stars", "after the rain")


@dataclass(frozen=True)
class Plan:
    """people each send so many photos of `side` px, `pace` seconds apart.

    A kill comes `between` seconds after the one before, or mostly after the engine is warm again, else nothing would
    ever be painted; `kills` times at most, and the first so many of them while it is `cold`. patience: seconds without
    any progress, or without the answer that a person needs, after which what has not come counts as lost.
    """

    people: int = 40
    photos: int = 5
    kills: int = 1000
    cold: int = 0
    between: tuple[float, float] = (0.5, 12.0)
    pace: tuple[float, float] = (0.5, 12.0)
    side: int = 128
    faults: bool = True
    patience: float = 180.0
    seed: int = 7


@dataclass
class Report:
    """What became of every photo, and what was done to the bot."""

    photos: int = 0
    answered_once: int = 0
    doubled: int = 0
    lost: int = 0
    failed: int = 0
    refused: int = 0
    asked: int = 0
    asked_though_there: int = 0
    sent_again: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    crashes: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    status_messages_left: int = 0
    jobs_left: int = 0
    leaks: list[str] = field(default_factory=list)
    sentences: dict[str, int] = field(default_factory=dict)
    exit_code: int | None = None
    seconds: float = 0.0
    what_was_lost: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """A photo that somebody sent to have it painted."""

    message: int
    way: str


class Someone:
    """One person: sends photos, answers questions, and asks for a picture again when it is missing."""

    def __init__(self, person: Person, name: str, plan: Plan, rng: random.Random, number: int) -> None:
        self._person = person
        self._plan = plan
        self._rng = rng
        self._number = number
        self.name = name
        self.wishes: list[Wish] = []
        self.captions: list[str] = []
        self.offers: dict[int, bool] = {}
        """Of each question whether a picture is missing: whether it was."""
        self._answered: set[str] = set()

    @property
    def chat_id(self) -> int:
        """The number of the chat, and of the person."""
        return self._person.chat_id

    async def bubbles(self) -> list[Bubble]:
        """What is in the chat."""
        return await self._person.messages()

    async def wish(self) -> None:
        """Sends all photos."""
        for turn in range(self._plan.photos):
            await asyncio.sleep(self._rng.uniform(*self._plan.pace))
            await self._send(turn)

    async def _send(self, turn: int) -> None:
        way = self._rng.choice(("words", "preset", "picture"))
        number = self._number * self._plan.photos + turn
        side = self._rng.randint(self._plan.side - 16, self._plan.side + 16)
        caption = ""
        if way == "words":
            words = (self._rng.choice(MOODS), self._rng.choice(SIGHTS), self._rng.choice(HOURS))
            caption = f"a {words[0]} {words[1]} {words[2]}"
            self.captions.append(caption)
        sent = await self._person.photo(jpeg(photo(side, number)), caption)
        self.wishes.append(Wish(sent.id, way))
        if way == "words":
            return
        with contextlib.suppress(TimeoutError):
            question = await self._person.wait_for(self._asks, self._plan.patience, sent.id)
            self._answered.add(draft_of(question))
            if way == "picture":
                await self._person.photo(jpeg(painting(96)))
                return
            presets = [key.data for row in question.keyboard for key in row if key.data and ":p:" in key.data]
            await self._person.tap(question, data=self._rng.choice(presets), wait=0.05)

    def _asks(self, seen: Bubble) -> bool:
        """Whether it asks about a photo that this person has not answered for; a question may come twice."""
        return seen.from_bot and "How shall I paint it?" in seen.text and draft_of(seen) not in self._answered

    async def look_after(self) -> None:
        """Taps "Send it again" where a picture is missing, and only there; never ends."""
        while True:
            bubbles = await self.bubbles()
            for offer in bubbles:
                if offer.from_bot and OFFER in offer.text and offer.id not in self.offers:
                    missing = not results_of(offer.reply_to, bubbles)
                    self.offers[offer.id] = missing
                    if missing:
                        await self._person.tap(offer, "Send it again", wait=0.05)
            await asyncio.sleep(0.5)


def draft_of(question: Bubble) -> str:
    """Which photo the buttons of a question are about."""
    return next((key.data or "").split(":")[1] for row in question.keyboard for key in row)


def results_of(message: int | None, bubbles: list[Bubble]) -> list[Bubble]:
    """The painted pictures that answer this message."""
    return [
        seen
        for seen in bubbles
        if seen.from_bot and seen.kind == "photo" and seen.reply_to == message and seen.text.startswith("Painted")
    ]


class Chaos:
    """The bot and what is done to it."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._bots: list[Process] = []
        self._address = ""
        self._kills: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._crashes = 0

    async def run(self) -> Report:
        """Everything from start to stop, and the count."""
        began = time.monotonic()
        (self._folder / "sandbox").mkdir(parents=True)
        with closing(Ledger(self._folder / "sandbox" / "sandbox.sqlite")) as ledger:
            ledger.put("counters", Counters(chat=FIRST_CHAT))
        sandbox, self._address = start_sandbox(self._folder)
        try:
            self._start_bot()
            async with self._people() as people, asyncio.TaskGroup() as background:
                watching = [background.create_task(one.look_after()) for one in people]
                troubling = [background.create_task(work()) for work in (self._kill_now_and_then, self._trouble)]
                await asyncio.gather(*(one.wish() for one in people))
                with contextlib.suppress(TimeoutError):
                    await self._settled(len([wish for one in people for wish in one.wishes]))
                for task in troubling:
                    task.cancel()
                await self._calm()
                with contextlib.suppress(TimeoutError):
                    await self._settled(0)
                for task in watching:
                    task.cancel()
                report = await self._count(people)
            report.exit_code = await asyncio.to_thread(self._bots[-1].stop)
            report.leaks = sorted(self._leaks(people))
            report.seconds = round(time.monotonic() - began, 1)
            return report
        finally:
            for process in (self._bots[-1], sandbox):
                if process.process.poll() is None:
                    process.kill()

    def _start_bot(self) -> None:
        settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": self._address,
            "DATA_DIR": str(self._folder / "data"),
            "LOG_FORMAT": "json",
            "QUEUE_PER_USER": str(self._plan.photos),
            "QUEUE_TOTAL": str(self._plan.people * self._plan.photos),
        }
        self._bots.append(Process(self._folder / "bot", "bot", **settings))

    @asynccontextmanager
    async def _people(self) -> AsyncIterator[list[Someone]]:
        async with AsyncExitStack() as stack:
            people = []
            for number in range(self._plan.people):
                name = f"Zebulon{number}"
                person = await stack.enter_async_context(Person.at(self._address, name))
                people.append(Someone(person, name, self._plan, random.Random(self._plan.seed + number), number))
            yield people

    async def _kill_now_and_then(self) -> None:
        runners_before = 0  # of the present bot
        while self._kills.total() < self._plan.kills:
            if self._kills.total() >= self._plan.cold and self._rng.random() < WARM_FIRST:
                await self._warm(runners_before)
            await self._pause(self._rng.uniform(*self._plan.between))
            what = self._rng.choice(("bot", "runner", "both"))
            bot = self._bots[-1]
            runners = [child for child in psutil.Process(bot.process.pid).children() if _paints(child)]
            if what != "bot" and not runners:
                what = "bot"
            if what != "bot":
                runners[0].kill()
                runners_before += 1
            if what != "runner":
                await asyncio.to_thread(bot.kill)
                self._start_bot()
                runners_before = 0
            self._kills[what] += 1

    async def _warm(self, runners_before: int) -> None:
        """Waits until the present runner can paint."""
        for _ in range(10 * WARM_SECONDS):
            if self._bots[-1].output.count("the engine is warm") > runners_before:
                return
            await self._pause(0.1)

    async def _pause(self, seconds: float) -> None:
        """Waits, and starts a bot anew that has ended by itself."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._bots[-1].process.poll() is not None:
                self._crashes += 1
                self._start_bot()
            await asyncio.sleep(min(0.2, left))

    async def _trouble(self) -> None:
        if not self._plan.faults:
            return
        methods = [method for method, (often, _) in TROUBLES.items() for _ in range(often)]
        async with httpx.AsyncClient(base_url=self._address, verify=False) as client:
            while True:
                await asyncio.sleep(self._rng.uniform(0.5, 1.5) * BETWEEN_FAULTS)
                if len((await client.get("/person/faults")).json()) >= WAITING_FAULTS:
                    await client.delete("/person/faults")  # of calls that nobody makes now
                method = self._rng.choice(methods)
                kind = self._rng.choice(TROUBLES[method][1])
                fault = {"method": method, "kind": kind, "seconds": self._rng.choice((0.5, 2.0, 6.0))}
                await client.post("/person/faults", json=fault | {"retry_after": self._rng.choice((1, 1, 2, 4))})
                self._faults[kind] += 1

    async def _calm(self) -> None:
        async with httpx.AsyncClient(base_url=self._address, verify=False) as client:
            await client.delete("/person/faults")

    async def _settled(self, jobs: int) -> None:
        """Waits until the bot has nothing left to do, and has made at least so many jobs.

        Raises TimeoutError where nothing goes on for too long.
        """
        quiet, seen, moved = 0.0, (0, 0), time.monotonic()
        while quiet < QUIET_SECONDS:
            await asyncio.sleep(0.25)
            left, made = self._left_to_do(), self._jobs()
            quiet = quiet + 0.25 if left == 0 and made >= jobs else 0.0
            if (left, made) != seen:
                seen, moved = (left, made), time.monotonic()
            if time.monotonic() > moved + self._plan.patience:
                raise TimeoutError

    def _left_to_do(self) -> int:
        return self._ask(
            "SELECT (SELECT count(*) FROM jobs WHERE state NOT IN ('delivered', 'failed', 'cancelled') OR NOT told)"
            " + (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending'))"
            " + (SELECT count(*) FROM inbox WHERE NOT done)"
        )

    def _jobs(self) -> int:
        return self._ask("SELECT count(*) FROM jobs")

    def _ask(self, question: str) -> int:
        with closing(sqlite3.connect(self._folder / "data" / "atelier.db", timeout=10)) as base:
            try:
                return int(base.execute(question).fetchone()[0])
            except sqlite3.OperationalError:  # the first bot was killed before it had made the tables
                return 1

    async def _count(self, people: list[Someone]) -> Report:
        report = Report(kills=dict(self._kills), faults=dict(self._faults), crashes=self._crashes)
        said: Counter[str] = Counter()
        for one in people:
            bubbles = await one.bubbles()
            report.status_messages_left += len([seen for seen in bubbles if seen.text.startswith(STATUS)])
            report.asked += len(one.offers)
            report.sent_again += sum(one.offers.values())
            for wish in one.wishes:
                report.photos += 1
                count = len(results_of(wish.message, bubbles))
                replies = [
                    seen.text
                    for seen in bubbles
                    if seen.from_bot
                    and seen.reply_to == wish.message
                    and seen.kind == "text"
                    and not seen.text.startswith((*STATUS, OFFER_BEGINS))
                ]
                said.update(replies)
                report.answered_once += count == 1
                report.doubled += count > 1
                if count == 0 and replies:
                    report.failed += 1
                elif count == 0:
                    report.lost += 1
                    report.what_was_lost.append(f"{one.chat_id}/{wish.message}: {wish.way}")
            report.refused += len([seen for seen in bubbles if seen.from_bot and "still waiting" in seen.text])
        report.asked_though_there = report.asked - report.sent_again
        report.sentences = dict(said)
        report.jobs_left = self._left_to_do()
        return report

    def _leaks(self, people: list[Someone]) -> Iterator[str]:
        """What stands in the bot's logs and must not: the token, and what people are called, numbered or wrote."""
        text = "\n".join(bot.output for bot in self._bots)
        token = TOKEN.partition(":")[2]
        secrets = {"the token": [token], "a name": [], "a number of a chat": [], "a caption": []}
        for one in people:
            secrets["a name"].append(one.name)
            secrets["a number of a chat"].append(str(one.chat_id))
            secrets["a caption"] += one.captions
        for what, words in secrets.items():
            if found := [word for word in words if re.search(rf"\b{re.escape(word)}\b", text)]:
                yield f"{what} ({len(found)})"


def _paints(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return any("spawn_main" in part for part in process.cmdline())
    return False
