"""One trial: the forum and the bare application take turns at the same thing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import fmean, median

from flask import Flask
from sqlalchemy import func, select

from benchmarks import visitors
from benchmarks.databases import Place
from benchmarks.load import Measured, load
from benchmarks.seeding import Seeded
from benchmarks.servers import Server, bare_server, forum_server
from benchmarks.visitors import Browser, readers, signed_in, thread_pages, together
from forum.config import Settings
from forum.db import value
from forum.discussion.rules import page_of
from forum.jobs.models import Job

ROUNDS = 5
COLD = "thread_member_cold"
READERS = 8
WRITERS = 4
SAMPLE = 200
COLD_SAMPLE = 3000
SIZE_SAMPLE = 20
STARTS = 3
IDLE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Versus:
    """The turns of the forum and of the bare application at one thing."""

    name: str
    size: int
    forum: list[Measured]
    bare: list[Measured]

    @property
    def ratios(self) -> list[float]:
        """Of each turn, the forum's rate over the bare application's."""
        return [forum.rate / bare.rate for forum, bare in zip(self.forum, self.bare, strict=True)]

    @property
    def ratio(self) -> float:
        """The median over the turns."""
        return median(self.ratios)

    @property
    def cost_ratio(self) -> float:
        """What an answer of the bare application costs of a core over what one of the forum does.

        Others who use the machine meanwhile disturb it less than they do the rates.
        """
        cost = median(measured.cost for measured in self.forum)
        return median(measured.cost for measured in self.bare) / cost if cost else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """Everything one run found out; times in seconds, memory in bytes."""

    pages: list[Versus]
    replies: Versus
    longest: dict[str, list[Measured]]
    ceiling: Measured
    starts: list[float]
    bare_starts: list[float]
    memory: int | None
    bare_memory: int | None
    seeding: float
    jobs_left: int


@dataclass
class Trial:
    """A seeded forum, ready to be measured."""

    app: Flask
    settings: Settings
    place: Place
    seeded: Seeded
    bare: Path
    seconds: float
    seeding: float
    jobs_left: int = 0

    def run(self) -> Found:
        """Measure everything."""
        starts = self._starts(forum_server(self.settings))
        with forum_server(self.settings) as forum:
            people = list(self.seeded.members)
            members = signed_in(forum.url, people[:READERS])
            pages = self._pages(forum, members)
            longest = self._longest(forum, members)
            replies, bare_memory = self._replies(forum, people[READERS : READERS + WRITERS])
            memory = forum.memory()
        return Found(
            pages=pages,
            replies=replies,
            longest=longest,
            ceiling=self._ceiling(pages[0].size),
            starts=starts,
            bare_starts=self._starts(self._bare(pages[0].size)),
            memory=memory,
            bare_memory=bare_memory,
            seeding=self.seeding,
            jobs_left=self.jobs_left,
        )

    def _starts(self, server: Server) -> list[float]:
        """How long it takes to start, after a first start that may prepare things."""
        taken = []
        for _ in range(STARTS + 1):
            taken.append(server.start())
            server.stop()
        return taken[1:]

    def _bare(self, size: int) -> Server:
        return bare_server(self.bare, self.settings, size=size, database=self.place.bare)

    def _pages(self, forum: Server, members: Sequence[Browser]) -> list[Versus]:
        guest, cookies = Browser(forum.url), [member.cookie for member in members]
        nobody = [""] * READERS
        every = thread_pages(self.seeded, SAMPLE + COLD_SAMPLE)
        # Where there are few pages, those seen first are also those seen again.
        warm, cold = every[:SAMPLE], every[SAMPLE:] or every
        categories = [f"/c/{slug}" for slug in self.seeded.categories.values()]
        return [
            self._first_time(forum, members[0], cookies, cold),
            self._page(forum, "thread_guest", guest, nobody, warm),
            self._page(forum, "thread_member", members[0], cookies, warm),
            self._page(forum, "category_member", members[0], cookies, categories),
            self._page(forum, "front_member", members[0], cookies, ["/"]),
            self._page(forum, "latest_member", members[0], cookies, ["/latest"]),
        ]

    def _first_time(
        self, forum: Server, reader: Browser, cookies: Sequence[str], paths: Sequence[str]
    ) -> Versus:
        size = _mean_size(reader, paths[-SIZE_SAMPLE:])
        fresh = paths[:-SIZE_SAMPLE] or paths
        parts = iter([fresh[i::ROUNDS] or fresh for i in range(ROUNDS)])
        with self._bare(size) as bare:
            return self._in_turns(
                COLD,
                size,
                lambda: self._ask(forum, together(cookies, next(parts))),
                lambda: self._ask(bare, readers(cookies, ["/page"])),
            )

    def _page(
        self,
        forum: Server,
        name: str,
        reader: Browser,
        cookies: Sequence[str],
        paths: Sequence[str],
    ) -> Versus:
        size = _mean_size(reader, paths)
        # Both web processes have seen everything once before it is measured.
        load(forum.port, readers(cookies, paths, again=False), seconds=4 * self.seconds)
        with self._bare(size) as bare:
            load(bare.port, readers(cookies, ["/page"]), seconds=self.seconds / 4)
            return self._in_turns(
                name,
                size,
                lambda: self._ask(forum, readers(cookies, paths)),
                lambda: self._ask(bare, readers(cookies, ["/page"])),
            )

    def _ask(
        self, server: Server, streams: Sequence[Iterator[bytes]], *, status: int = 200
    ) -> Measured:
        before = server.used_seconds()
        measured = load(server.port, streams, seconds=self.seconds, status=status)
        return replace(measured, server_seconds=server.used_seconds() - before)

    def _in_turns(
        self,
        name: str,
        size: int,
        ask_forum: Callable[[], Measured],
        ask_bare: Callable[[], Measured],
    ) -> Versus:
        versus = Versus(name, size, [], [])
        for _ in range(ROUNDS):
            versus.forum.append(ask_forum())
            self._wait_until_idle()
            versus.bare.append(ask_bare())
        return versus

    def _wait_until_idle(self) -> None:
        """The forum's worker must not work while the other is measured."""
        until = time.monotonic() + IDLE_SECONDS
        while (left := self._jobs()) and time.monotonic() < until:
            time.sleep(0.05)
        self.jobs_left = max(self.jobs_left, left)

    def _jobs(self) -> int:
        with self.app.app_context():
            return int(value(select(func.count()).where(Job.state == "waiting")))

    def _longest(self, forum: Server, members: Sequence[Browser]) -> dict[str, list[Measured]]:
        """The first and the last full page of the longest thread, which should cost the same."""
        [(thread, posts)] = self.seeded.last_numbers.most_common(1)
        cookies, last = [member.cookie for member in members], page_of(posts)
        pages = {f"page {page} of {last}": page for page in (1, max(1, last - 1))}
        found: dict[str, list[Measured]] = {name: [] for name in pages}
        for _ in range(ROUNDS):
            for name, page in pages.items():
                streams = readers(cookies, [f"/t/{thread}?page={page}"])
                found[name].append(self._ask(forum, streams))
        return found

    def _replies(self, forum: Server, people: Sequence[int]) -> tuple[Versus, int | None]:
        browsers = signed_in(forum.url, people)
        threads = sorted(self.seeded.last_numbers)[:SAMPLE]
        streams = visitors.writers(browsers, threads)
        others = visitors.bare_writers(WRITERS)
        with self._bare(20_000) as bare:
            # Its first reply makes its table, which two at once cannot do in PostgreSQL.
            self._ask(bare, [islice(others[0], 1)], status=303)
            versus = self._in_turns(
                "reply",
                0,
                lambda: self._ask(forum, streams, status=303),
                lambda: self._ask(bare, others, status=303),
            )
            return versus, bare.memory()

    def _ceiling(self, size: int) -> Measured:
        """The bare application's constant bytes: the server and this client without a page."""
        with self._bare(size) as bare:
            return load(bare.port, readers([""] * READERS, ["/bytes"]), seconds=self.seconds)


def _mean_size(reader: Browser, paths: Sequence[str]) -> int:
    return round(fmean(len(reader.read(path, "</html>").encode()) for path in paths))
