"""The forum of the guessing game: members come and go, one of them asks, the clock is played.

Everything that is stored is written by the forum itself. Only the clock is ours: it stands where the game
sets it, for the whole forum.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from random import Random
from time import time_ns
from typing import Any

from sqlalchemy import select

from benchmarks.anonymity_attack import Target
from benchmarks.anonymity_dump import Dump, LogKeeper, Moments, dump_of
from forum import clock
from forum.accounts.actions import Browser, open_session
from forum.db import db, transaction
from forum.discussion.actions import Posting, prepare, reply
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import Thread
from forum.jobs.worker import work_off
from forum.moderation.decision_actions import settle_brought
from forum.moderation.models import Case
from forum.testing.factories import Person
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.actions import ask
from forum_anonymous_questions.models import QUESTIONS
from forum_anonymous_questions.queries import CASE_KIND, claim_marks
from forum_anonymous_questions.tickets import new_ticket
from forum_anonymous_questions.time_actions import pass_fixed_time

PLUGIN = Path(__file__).resolve().parent.parent / "plugins" / "forum_anonymous_questions"
# A Monday at the beginning of a quarter: all have their tickets before anybody asks.
BEGIN = datetime(2026, 1, 5, 7, tzinfo=UTC)
MEMBERS, CANDIDATES = 150, 20
WRITES_DRAFT, REPLIES = 0.3, 0.1
Step = Callable[["Played", int], None]


def _nothing(_forum: Played, _member: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Build:
    """The forum as it is, or with one fault planted into it.

    Attributes:
        prepare: called once with the fresh forum.
        reads: called when a member opens the page that asks; ``asks``, just after they sent a question.
        ends: called after each fixed time; its number means nothing.
        around: what stands around all of the game.
    """

    name: str
    prepare: Step = _nothing
    reads: Step = _nothing
    asks: Step = _nothing
    ends: Step = _nothing
    around: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the game, and what the attacker does not know: who asked."""

    code: str
    asker: int
    begin: datetime
    end: datetime
    candidates: tuple[int, ...]


@dataclass(slots=True)
class Clock:
    """Stands in for ``datetime`` where the forum reads its clock."""

    moment: datetime = BEGIN
    moments: Moments = field(default_factory=Moments)

    def now(self, _zone: tzinfo) -> datetime:
        """The moment at which the clock stands."""
        return self.moment

    def set(self, moment: datetime) -> None:
        """Set it."""
        self.moment = moment
        self.moments.note(time_ns(), moment)


class Played:
    """A forum on a fresh database, in a folder of its own, under a clock that the game sets."""

    def __init__(self, folder: Path, template: Path, build: Build, random: Random) -> None:
        self.build, self.random = build, random
        self.clock, self.keeper = Clock(), LogKeeper()
        self.kept: dict[str, Any] = {}
        self.instance = folder / "instance"
        self.instance.mkdir(parents=True)
        # Otherwise nothing is counted.
        settings = 'metrics_networks = ["127.0.0.0/8"]\n'
        (self.instance / "forum.toml").write_text(settings, "utf-8")
        self.database = folder / "forum.sqlite3"
        shutil.copyfile(template, self.database)

    @contextmanager
    def running(self) -> Iterator[Played]:
        """The forum with all its members, of whom each was there once."""
        root, level = logging.getLogger(), logging.getLogger().level
        real = clock.datetime
        clock.datetime = self.clock  # type: ignore[misc, assignment]
        root.addHandler(self.keeper)
        root.setLevel(logging.INFO)
        self.set(BEGIN - timedelta(hours=1))
        self.forum = PluginForum(PLUGIN, self.instance, f"sqlite:///{self.database}")
        try:
            self.forum.enable()
            self._begin()
            yield self
        finally:
            self.forum.close()
            clock.datetime = real  # type: ignore[misc]
            root.removeHandler(self.keeper)
            root.setLevel(level)

    def _begin(self) -> None:
        make = self.forum.make
        self.members = [make.member() for _ in range(MEMBERS)]
        self.weights = [1 / (1 + place) ** 0.3 for place in range(MEMBERS)]
        self.browsers = {person.id: make.signed_in(person) for person in self.members}
        for browser in self.browsers.values():
            browser.get("/")
        self.actors = {person.id: make.actor(person) for person in self.members}
        self.moderator = make.actor(self.forum.people["moderator"])
        with self._at_work():
            self.text = prepare("Cool it slowly, and do not open the kiln before the morning.")
            thread = db.session.get_one(Thread, self.forum.thread.thread_id)
            self.category = thread.category_id
        self.build.prepare(self, 0)
        self.pass_time(BEGIN)

    @property
    def people(self) -> dict[int, tuple[str, ...]]:
        """What names each member in a log or a letter."""
        return {p.id: (p.email, f"member {p.id} ", f"member={p.id} ") for p in self.members}

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self.forum.app.test_request_context():
            yield

    def set(self, moment: datetime) -> None:
        """Set the clock."""
        self.clock.set(moment)
        self.keeper.now = moment

    def period(self, begin: datetime, end: datetime) -> Asked:
        """The time from one fixed time to the next: members come, one of them asks, the time passes."""
        here = self.some_members()
        asker = self.random.choice(here)
        length = (end - begin).total_seconds()
        seconds = sorted(self.random.uniform(60, length - 120) for _ in here)
        code = ""
        for member, second in zip(here, seconds, strict=True):
            self.set(begin + timedelta(seconds=second))
            self.visit(member.id)
            # All read the same pages: else the log told the asker by how much they read.
            self.browsers[member.id].get("/")
            if member is asker:
                self.set(begin + timedelta(seconds=second + 20))
                code = self.ask_as(member.id)
            self.browsers[member.id].get(f"/t/{self.forum.thread.thread_id}")
        self.pass_time(end)
        candidates = tuple(sorted(member.id for member in here))
        return Asked(code, asker.id, begin, end, candidates)

    def some_members(self, count: int = CANDIDATES) -> list[Person]:
        """So many different members, those that come often rather than others, in random order."""
        keys = {
            person.id: self.random.random() ** (1 / weight)
            for person, weight in zip(self.members, self.weights, strict=True)
        }
        found = sorted(self.members, key=lambda person: -keys[person.id])[:count]
        self.random.shuffle(found)
        return found

    def visit(self, member: int) -> None:
        """A member signs in, and perhaps writes something."""
        with self._at_work(), transaction():
            open_session(member, Browser("127.0.0.1"))
        chance = self.random.random()
        if chance < WRITES_DRAFT:
            words = f"Something about glazes, number {self.random.randrange(10**6)}."
            with self._at_work(), transaction():
                place = f"reply:{self.forum.thread.thread_id}"
                save_draft(self.actors[member], place, DraftText(words, window="mine"))
        elif chance < WRITES_DRAFT + REPLIES:
            with self._at_work(), transaction():
                thread = self.forum.thread.thread_id
                reply(self.actors[member], thread, text=self.text, posting=Posting())

    def ask_as(self, member: int) -> str:
        """A member opens the page that asks, and asks."""
        self.browsers[member].get("/ask/write")
        self.build.reads(self, member)
        self.kept["asker"] = member
        with self._at_work():
            code = ask(
                new_ticket(clock.utcnow()),
                title="Something that I would not ask by name",
                category_id=self.category,
                source="How do you all do this? I never dared to ask.",
            )
        self.kept["code"] = code
        self.build.asks(self, member)
        return code

    def pass_time(self, moment: datetime) -> None:
        """A fixed time passes, then a moderator approves what waits."""
        self.set(moment)
        with self._at_work():
            pass_fixed_time(moment, pause=0)
        work_off(self.forum.app)
        self.build.ends(self, 0)
        with self._at_work():
            waits = select(Case.id).where(Case.kind == CASE_KIND, Case.closed_at.is_(None))
            cases = list(db.session.scalars(waits))
        self.set(moment + timedelta(seconds=30))
        for case in cases:
            with self._at_work(), transaction():
                settle_brought(self.moderator, case, words="Thank you.")
        if cases:
            # Another service of this moment; what it leaves behind goes at the next fixed time.
            work_off(self.forum.app)

    def dump(self) -> Dump:
        """All that there is to copy."""
        figures = self.forum.app.test_client().get("/metrics").text
        folders = [self.instance]
        return dump_of(self.database, folders, self.clock.moments, self.keeper.lines, figures)

    def target(self, asked: Asked, dump: Dump) -> Target:
        """What the attacker is told of a question."""
        with self._at_work():
            marks = claim_marks(asked.code)
        row = next(r for r in dump.tables[QUESTIONS.name] if r["code"] in marks)
        return Target(row, asked.begin, asked.end, asked.candidates)


def fixed_times(first: datetime, count: int) -> list[datetime]:
    """So many fixed times from one at seven on, at 07:00 and 15:00."""
    return [first + timedelta(days=n // 2, hours=8 * (n % 2)) for n in range(count)]
