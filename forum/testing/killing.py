"""Kills a running forum at random moments while people write, and compares it with their ledger.

Promise 1: what was answered with success is there after ``kill -9``, and once.
"""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import TypeVar

from sqlalchemy import func, select

from forum.clock import utcnow
from forum.db import rows, value
from forum.discussion.models import Post, Revision
from forum.jobs.models import Job
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.testing.factories import Factories, Person
from forum.testing.site import Site

WRITERS = 4
LOAD_SECONDS = (0.15, 0.6)
DRAIN_SECONDS = 60
# A post with this word in it is held, where the site is served by a check that does so.
HOLD_WORD = "discount"
# A writer who gets no answer for so long gives up; the site was then down for good.
PATIENCE_SECONDS = 60

Answer = TypeVar("Answer")
Ledger = Callable[[], list[str]]


@dataclass
class Outcome:
    """What became of the posts. ``untold`` counts replies whose thread's starter was not told once,
    ``held`` the acknowledged posts that should wait for a moderator, ``caseless`` the held posts
    in the database without an open case, ``twice`` those with more than one, ``astray`` the cases
    whose post is not held."""

    kills: int
    acknowledged: int
    lost: int
    doubled: int
    gaps: int
    untold: int
    held: int
    caseless: int
    twice: int
    astray: int


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class _Writer(threading.Thread):
    """One member in one browser: posts, and presses the button again when no answer comes."""

    site: Site
    person: Person
    thread_url: str
    stop: threading.Event
    half_is_held: bool
    acknowledged: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.browser = urllib.request.build_opener(cookies, _NoRedirect())

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            self._patiently(self._sign_in)
            number = 0
            while not self.stop.is_set():
                number += 1
                word = HOLD_WORD if self.half_is_held and number % 2 else ""
                self._post(f"kept {self.person.id} {number} {word} end")
        except Exception as error:  # A thread's error would be lost; the run reports it.
            self.trouble.append(f"{type(error).__name__}: {error}")

    def _sign_in(self) -> None:
        page = self._get("/sign-in")
        person = {"email": self.person.email, "password": self.person.password}
        status = self._send("/sign-in", {**_hidden(page), **person})
        assert status == 303, f"signing in gave {status}"

    def _post(self, text: str) -> None:
        form = self._patiently(lambda: _hidden(self._get(f"{self.thread_url}/reply")))
        sent = {**form, "source": text, "action": "publish"}
        status = self._patiently(lambda: self._send(f"{self.thread_url}/reply", sent))
        assert status == 303, f"a reply gave {status}"
        self.acknowledged.append(text)

    def _patiently(self, act: Callable[[], Answer]) -> Answer:
        """What somebody does whose connection breaks: the same again, until there is an answer."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return act()
            except (OSError, http.client.HTTPException) as error:
                if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                    raise
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _get(self, path: str) -> str:
        with self.browser.open(self.site.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def _send(self, path: str, values: dict[str, str]) -> int:
        body = urllib.parse.urlencode(values).encode()
        try:
            with self.browser.open(self.site.url + path, body, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page)
    fields = [
        (re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in found
    ]
    return {name[1]: value[1] if value else "" for name, value in fields if name}


def kill_under_load(
    site: Site, *, kills: int, seed: int, drain: bool = True, half_is_held: bool = False
) -> Outcome:
    """Start the site, have people write, kill it ``kills`` times, and count what became of it all.

    The moments are random, from ``seed``. A writer who got no answer sends the same form again.
    Without ``drain`` it does not wait for the worker, and ``untold`` means nothing. With
    ``half_is_held`` every second post has ``HOLD_WORD`` in it.
    """
    moments = random.Random(seed)  # noqa: S311 - when to kill is no secret

    def kill_now_and_then(_so_far: Ledger) -> None:
        for _ in range(kills):
            time.sleep(moments.uniform(*LOAD_SECONDS))
            site.kill()
            site.start()

    acknowledged = write_meanwhile(site, kill_now_and_then, half_is_held=half_is_held)
    if drain:
        _await_empty_queue(site)
    return _compare(site, kills, acknowledged)


def write_meanwhile(
    site: Site, act: Callable[[Ledger], object], *, half_is_held: bool = False
) -> list[str]:
    """Start the site, and have people write while ``act`` runs, which is given a function that says
    what was acknowledged so far: all that was acknowledged in the end."""
    thread_url, people = _prepare(site)
    site.start()
    stop = threading.Event()
    writers = [_Writer(site, person, thread_url, stop, half_is_held) for person in people]
    for writer in writers:
        writer.start()
    _await_first_posts(writers)
    act(lambda: [text for writer in writers for text in tuple(writer.acknowledged)])
    stop.set()
    for writer in writers:
        writer.join(2 * PATIENCE_SECONDS)
    trouble = [line for writer in writers for line in writer.trouble]
    assert not trouble, trouble
    return [text for writer in writers for text in writer.acknowledged]


def _prepare(site: Site) -> tuple[str, list[Person]]:
    # The site makes its instance and its tables at its first start.
    site.start()
    factories: Factories = site.factories
    factories.community()
    thread = factories.thread()
    people = [factories.member() for _ in range(WRITERS)]
    site.kill()
    return f"/t/{thread.thread_id}", people


def _await_first_posts(writers: list[_Writer]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not all(writer.acknowledged for writer in writers):
        assert time.monotonic() < until, [line for writer in writers for line in writer.trouble]
        time.sleep(0.02)


def _await_empty_queue(site: Site) -> None:
    until = time.monotonic() + DRAIN_SECONDS
    waiting = -1
    while waiting != 0:
        assert time.monotonic() < until, f"{waiting} jobs were not done"
        with site.app.app_context():
            # What comes again, as work of plugins does, is promised for later, and always there.
            is_for_later = (Job.attempts == 0) & (Job.run_at > utcnow())
            asked = select(func.count()).select_from(Job).where(Job.name != "mail", ~is_for_later)
            waiting = value(asked)
        time.sleep(0.1)


def _compare(site: Site, kills: int, acknowledged: list[str]) -> Outcome:
    with site.app.app_context():
        found = Counter(
            row.source
            for row in rows(select(Revision.source).where(Revision.source.like("kept %")))
        )
        published = Post.number.is_not(None)
        numbers = sorted(row.number for row in rows(select(Post.number).where(published)))
        told = Counter(row.post_id for row in rows(select(Notification.post_id)))
        replies = [row.id for row in rows(select(Post.id).where(Post.number > 1))]
        held = {row.id for row in rows(select(Post.id).where(~published))}
        cases = Counter(row.post_id for row in rows(select(Case.post_id)))
    return Outcome(
        kills=kills,
        acknowledged=len(acknowledged),
        lost=sum(found[text] == 0 for text in acknowledged),
        doubled=sum(count > 1 for count in found.values()),
        gaps=sum(number != place for place, number in enumerate(numbers, start=1)),
        untold=sum(told[post] != 1 for post in replies),
        held=sum(HOLD_WORD in text for text in acknowledged),
        caseless=sum(cases[post] == 0 for post in held),
        twice=sum(count > 1 for count in cases.values()),
        astray=sum(post not in held for post in cases),
    )
