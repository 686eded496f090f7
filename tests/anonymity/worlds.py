"""A forum in which everything is done that can be done, and all that it keeps or says of it.

Whoever plays it says who asks anonymously. Everybody does everything else alike, whoever that is.
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text, update

from forum import clock
from forum.accounts.models import Community, Member
from forum.admin.archive_export_actions import export_archive
from forum.admin.plugin_actions import enable_from_the_start
from forum.app import create_app
from forum.config import current_settings
from forum.db import db, transaction
from forum.discussion.models import Post, Thread
from forum.errors import ForumError
from forum.jobs.worker import work_off
from forum.logs import facts_of
from forum.migrate_plugins import ready_plugins
from forum.permissions import OPERATOR
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum_anonymous_questions import period_actions, publishing_actions
from forum_anonymous_questions.tests.at_fixed_times import let_period_end
from forum_anonymous_questions.time_actions import pass_fixed_time
from tests.anonymity.remains import counts_in, open_figures
from tests.record.scene import NoSales, Scene

PLUGINS = Path(__file__).resolve().parent.parent.parent / "plugins"
BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
# Keys, tokens, hashes: whatever is drawn anew in each forum; not moments, however they are written.
MOMENT = r"\d+(?![A-Za-z0-9_=-])|\d{8}T\d{6}|\d{4}-\d\d-\d\d"
RANDOM = re.compile(rf"(?<!urn:uuid:)(?<![A-Za-z0-9_=-])(?!{MOMENT})[A-Za-z0-9_=-]{{16,}}")
# What the ids in feeds are made of; with the same one they can be compared.
UUID = "6f0c3c1e-5d0b-4a83-9a5b-2f1f3f9a7d10"
# What follows a random part after a dot: of signed values a moment and the signature, of seeds the rest.
SIGNED = re.compile(r"\*(?:\.(?:\*|[\w-]{6}(?![\w-])|[0-9a-f]{12}\b))+")
# By chance its parts look like something else.
TOKEN = re.compile(r'(?<=name="csrf_token" type="hidden" value=")[^"]*')
TOOK = re.compile(r"\d+(\.\d+)? ?ms|(?<=_seconds_sum)\S* \S+|[0-9.]+(?= s\b)")
# The real time, and how long something took, differ from run to run.
REAL = ("time", "ms")
Step = Callable[["World"], object]
Dump = dict[str, Any]


@dataclass
class Clock:
    """Stands in for ``datetime`` where the forum reads its clock: it stands still between steps."""

    moment: datetime = BEGIN

    def now(self, _zone: tzinfo) -> datetime:
        """The moment at which it stands."""
        return self.moment


class Log(logging.Handler):
    """Keeps what anything logs."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, with all facts that the forum's log has of it."""
        facts = {name: one for name, one in facts_of(record).items() if name not in REAL}
        # The forum's log leaves out what it takes for an address; here it must not be missed.
        words = f"{record.name} {record.levelname}: {record.getMessage()}"
        self.lines.append(f"{words} {json.dumps(facts, default=str)}")


@dataclass
class World:
    """The forum, and those in it.

    Attributes:
        askers: ``ada``, ``bo`` or both: who asks, in turn.
        delay: how long they hesitate before they ask; whatever else happens, happens when it does anyway.
        refused: what could not be done, with what was said.
        codes: the claim codes, known to the asker alone.
    """

    app: Flask
    make: Factories
    scene: Scene
    clock: Clock
    log: Log
    folder: Path
    askers: tuple[str, ...]
    delay: timedelta
    refused: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, Person]:
        """All by short names."""
        scene = self.scene
        return {
            "ada": scene.ada, "bo": scene.bo, "mo": scene.mo, "max": scene.max, "olga": self.kept["olga"]
        }  # fmt: skip

    def by(self, who: str, action: Callable[..., Any], *of: Any, **options: Any) -> Any:
        """An action of somebody's, in a transaction of its own; ``None`` when it was refused."""
        return self._do(who, True, action, *of, **options)

    def alone(self, who: str, action: Callable[..., Any], *of: Any, **options: Any) -> Any:
        """An action that opens its own transactions."""
        return self._do(who, False, action, *of, **options)

    def _do(
        self, who: str, within: bool, action: Callable[..., Any], *of: Any, **options: Any
    ) -> Any:
        self.clock.moment += timedelta(minutes=1)
        actor = OPERATOR if who == "operator" else self.make.actor(self._person(who))
        with self.app.test_request_context():
            try:
                if not within:
                    return action(actor, *of, **options)
                with transaction():
                    return action(actor, *of, **options)
            except ForumError as error:
                self.refused.append(f"{action.__name__}: {error}")
                return None

    def _person(self, who: str) -> Person:
        # Who leaves again is in no list of those who look at pages in the end.
        person: Person = self.kept["cy"] if who == "cy" else self.people[who]
        return person

    @contextmanager
    def hesitating(self) -> Iterator[None]:
        """The clock is later by the asker's delay meanwhile."""
        self.clock.moment += self.delay
        yield
        self.clock.moment -= self.delay

    def found(self, statement: Any) -> Any:
        """One value of the database's."""
        with self.app.app_context():
            return db.session.scalars(statement).first()

    def thread_of(self, title: str) -> int:
        """The number of the thread of this title."""
        return int(self.found(select(Thread.id).where(Thread.title == title)) or 0)

    def post_in(self, thread_id: int, number: int) -> int:
        """The number of a post."""
        asked = select(Post.id).where(Post.thread_id == thread_id, Post.number == number)
        return int(self.found(asked) or 0)

    def pass_time(self, **later: float) -> None:
        """Let the clock go on to a fixed time, and the worker do what is due."""
        self.clock.moment += timedelta(**later)
        with self.app.test_request_context():
            let_period_end()
            pass_fixed_time(self.clock.moment, pause=0)
        # They are gone once they are done.
        self.jobs += _tables(self.app, ["jobs"])["jobs"]
        work_off(self.app)


@contextmanager
def world(
    instance: Path, database: str, askers: tuple[str, ...], delay: timedelta = timedelta(0)
) -> Iterator[World]:
    """A fresh forum, its clock and its log."""
    still, log = Clock(), Log()
    root, level = logging.getLogger(), logging.getLogger().level
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", still)
        for module in (period_actions, publishing_actions):
            # The order is random, and so are the numbers that follow from it. Here it is always the same.
            patch.setattr(module, "shuffled", _in_one_order)
        root.addHandler(log)
        root.setLevel(logging.INFO)
        app = _started(instance, database)
        try:
            make = Factories(app)
            played = World(app, make, Scene(app, make), still, log, instance.parent, askers, delay)
            with app.app_context():
                with transaction():
                    db.session.execute(update(Community).values(uuid=UUID))
                olga = db.session.scalars(select(Member).order_by(Member.id)).first()
                assert olga is not None
                played.kept["olga"] = Person(olga.id, olga.name, str(olga.email))
            yield played
        finally:
            close(app)
            root.removeHandler(log)
            root.setLevel(level)


def _in_one_order(items: Any) -> list[Any]:
    return sorted(items, key=lambda item: getattr(item, "post_id", 0))


def _started(instance: Path, database: str) -> Flask:
    instance.mkdir(parents=True, exist_ok=True)
    open_figures(instance)
    options: dict[str, Any] = {"database": database, "plugin_folders": [str(PLUGINS)]}
    first = create_app(instance, **options)
    with first.test_request_context():
        with transaction():
            enable_from_the_start(OPERATOR)
        ready_plugins(first.extensions["forum_settings"])
    close(first)
    return create_app(instance, plugins=[("no_sales", NoSales())], **options)


def dump(played: World) -> Dump:
    """All that the forum keeps and says, without what is random in it: tables with jobs, letters, log,
    pages and feeds as everybody sees them, the archive, the figures."""
    found: Dump = {f"table {name}": rows for name, rows in _tables(played.app).items()}
    with played.app.app_context():
        settings = current_settings()
        target = played.folder / "archive.jsonl.gz"
        export_archive(OPERATOR, target, force=True)
        found["archive"] = _lines(target)
        for path in sorted(settings.mail_folder.rglob("*")):
            if path.is_file():
                found.setdefault("mail", []).append(masked(_letter(path)))
        found["files"] = _files(settings.instance, settings.mail_folder)
    found["mail"] = sorted(found.get("mail", []))
    found["log"] = [TOOK.sub("*", masked(line)) for line in played.log.lines]
    found |= {f"page {name}": words for name, words in _pages(played).items()}
    found["jobs"] = list(played.jobs)
    found["refused"] = list(played.refused)
    return found


def _tables(app: Flask, only: list[str] | None = None) -> dict[str, list[str]]:
    with app.app_context(), db.engine.connect() as connection:
        names = only or inspect(connection).get_table_names()
        return {
            name: sorted(
                masked(json.dumps(dict(row._mapping), default=_plain, sort_keys=True))
                for row in connection.execute(text(f'SELECT * FROM "{name}"'))
            )
            for name in names
        }


def _files(instance: Path, mail: Path) -> list[str]:
    """Names and content of small files; keys, letters, and the database's own are looked at elsewhere."""
    found = []
    for path in sorted(instance.rglob("*")):
        is_ours = path.is_file() and path.suffix != ".key" and not path.is_relative_to(mail)
        if is_ours and not path.name.startswith("forum.sqlite3") and path.stat().st_size < 10_000:
            name = path.relative_to(instance)
            found.append(masked(f"{name}: {path.read_text('utf-8', 'replace')}"))
    return sorted(found)


def _plain(value: Any) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    # What is drawn anew has many different bytes; a number that somebody wrote into so many has few.
    few = len({*bytes(value)}) < min(len(value), 256) / 2
    return f"bytes {bytes(value).hex('.')}" if few else f"{len(value)} bytes"


def _lines(path: Path) -> list[str]:
    raw = path.read_bytes()
    try:
        raw = gzip.decompress(raw)
    except OSError:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            raw = b"\n".join(archive.read(name) for name in sorted(archive.namelist()))
    return sorted(masked(line) for line in raw.decode("utf-8", "replace").splitlines())


def _letter(path: Path) -> str:
    words = path.read_text("utf-8", "replace")
    return re.sub(r"(?m)^(Date|Message-ID|Content-Type|--).*$", "", words)


def masked(words: str) -> str:
    """The words without what is random."""
    return SIGNED.sub("*", RANDOM.sub("*", TOKEN.sub("", words)))


def _pages(played: World) -> dict[str, str]:
    addresses = [
        "/",
        "/feed.atom",
        "/moderation",
        "/moderation/log",
        "/admin/members",
        "/admin/health",
    ]
    addresses += ["/metrics", "/notifications"]
    with played.app.app_context():
        threads = list(db.session.scalars(select(Thread.id).order_by(Thread.id)))
    addresses += [f"/t/{number}" for number in threads]
    addresses += [f"/t/{number}/feed.atom" for number in threads]
    addresses += [f"/members/{person.id}" for person in played.people.values()]
    forms = [f"/t/{number}/reply?to=1&quote=1" for number in threads]
    found = {}
    for who in ("guest", "ada", "bo", "mo", "olga"):
        written = [] if who == "guest" else forms
        client = played.app.test_client()
        if who != "guest":
            client = played.make.signed_in(played.people[who])
        for address in (*addresses, *written):
            answer = client.get(address)
            words = f"{answer.status} {_without_times(address, answer.text)}"
            found[f"{address} for {who}"] = TOOK.sub("*", masked(words))
    return found


def _without_times(address: str, words: str) -> str:
    """A page, of the figures for monitoring those that count."""
    if address != "/metrics":
        return words
    return "\n".join(f"{name} {count}" for name, count in counts_in(words).items())


def differences(one: Dump, other: Dump) -> list[str]:
    """Where two dumps differ: the part, and the first words that do."""
    found = []
    for name in sorted({*one, *other}):
        first, second = one.get(name), other.get(name)
        if first != second:
            found.append(f"{name}: {_first_difference(first, second)}")
    return found


def _first_difference(first: Any, second: Any) -> str:
    if isinstance(first, str):
        first, second = first.splitlines(), str(second).splitlines()
    mine = [line for line in first or [] if line not in (second or [])]
    theirs = [line for line in second or [] if line not in (first or [])]
    return f"{mine[:1]} | {theirs[:1]}"
