"""Those who visit the forum: they sign in and get their forms as people do, then ask quickly."""

from __future__ import annotations

import re
import secrets
import urllib.request
from collections.abc import Iterator, Sequence
from http.cookiejar import CookieJar
from itertools import cycle
from random import Random
from urllib.parse import urlencode

from benchmarks import load, seeding, texts
from benchmarks.report import CannotMeasure
from benchmarks.seeding import SEED, Seeded
from forum.discussion.rules import POSTS_A_PAGE

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """A browser with its cookies."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    @property
    def cookie(self) -> str:
        """The cookies as they go over the wire."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def read(self, path: str, mark: str = "") -> str:
        """A page.

        Raises:
            CannotMeasure: ``mark`` does not occur in it, so it is not the page that was meant.
        """
        with self._opener.open(self.url + path, timeout=60) as answer:
            page = str(answer.read(), "utf-8")
        if mark not in page:
            raise CannotMeasure(f"{path} lacks {mark!r}")
        return page

    def token(self, path: str) -> str:
        """The token of the form on this page, without which the forum takes nothing."""
        found = _CSRF.search(self.read(path))
        if found is None:
            raise CannotMeasure(f"{path} has no form")
        return found[1]

    def sign_in(self, email: str) -> None:
        """Sign in through the page.

        Raises:
            CannotMeasure: the forum did not let them in.
        """
        fields = {"email": email, "password": seeding.PASSWORD}
        fields["csrf_token"] = self.token("/sign-in")
        self._opener.open(self.url + "/sign-in", urlencode(fields).encode(), timeout=60).close()
        self.read("/", "/sign-out")


def signed_in(url: str, member_ids: Sequence[int]) -> list[Browser]:
    """A browser for each of these members, in which they have signed in."""
    browsers = []
    for member_id in member_ids:
        browsers.append(Browser(url))
        browsers[-1].sign_in(seeding.email_of(member_id))
    return browsers


def thread_pages(seeded: Seeded, count: int) -> list[str]:
    """Addresses of different pages of threads, as many as there are or ``count``.

    A page's chance follows from its posts, because people come for posts.
    """
    random = Random(SEED)
    threads = list(seeded.last_numbers)
    found: dict[str, None] = {}
    for thread in random.choices(threads, list(seeded.last_numbers.values()), k=4 * count):
        number = random.randint(1, seeded.last_numbers[thread])
        page = (number - 1) // POSTS_A_PAGE + 1
        found[f"/t/{thread}" if page == 1 else f"/t/{thread}?page={page}"] = None
    return list(found)[:count]


def readers(
    cookies: Sequence[str], paths: Sequence[str], *, again: bool = True
) -> list[Iterator[bytes]]:
    """For each cookie the requests of a reader who goes through the pages in an order of their own."""
    streams: list[Iterator[bytes]] = []
    for number, cookie in enumerate(cookies):
        requests = [load.get(path, cookie) for path in paths]
        Random(SEED + number).shuffle(requests)
        streams.append(cycle(requests) if again else iter(requests))
    return streams


def together(cookies: Sequence[str], paths: Sequence[str]) -> list[Iterator[bytes]]:
    """For each cookie the requests of a reader; no two of them ask for the same page."""
    share = len(cookies)
    return [
        iter([load.get(path, cookie) for path in paths[i::share]])
        for i, cookie in enumerate(cookies)
    ]


def writers(browsers: Sequence[Browser], threads: Sequence[int]) -> list[Iterator[bytes]]:
    """For each browser endless replies, each through the real form with its token."""
    return [_replies(browser, threads, number) for number, browser in enumerate(browsers)]


def _replies(browser: Browser, threads: Sequence[int], number: int) -> Iterator[bytes]:
    random = Random(SEED + number)
    token = browser.token(f"/t/{threads[0]}/reply")
    cookie = browser.cookie

    def endless() -> Iterator[bytes]:
        while True:
            fields = {
                "csrf_token": token,
                "submission": secrets.token_urlsafe(16),
                "source": texts.plain_post(random),
                "action": "publish",
            }
            path = f"/t/{random.choice(threads)}/reply"
            yield load.post(path, urlencode(fields).encode(), cookie)

    return endless()


def bare_writers(count: int) -> list[Iterator[bytes]]:
    """As many endless streams of replies to the bare application, of the same texts."""

    def endless(random: Random) -> Iterator[bytes]:
        while True:
            body = urlencode({"body": texts.plain_post(random)}).encode()
            yield load.post("/reply", body)

    return [endless(Random(SEED + number)) for number in range(count)]
