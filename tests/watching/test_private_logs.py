"""A journey through a real forum, whose log has nobody's name, address, words, tokens or network."""

from __future__ import annotations

import json
import re
import socket
import sys
import time
import urllib.parse
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from forum.testing.forms import fields_of
from forum.testing.site import Site, StartSite
from tests.watching.leaking import PLANTED

LEAKING = (sys.executable, str(Path(__file__).parent / "leaking.py"))
NETWORK, AGENT = "127.0.0.77", "Quillbrowser/7"
NAME, WRONG, NEW = "Zilpha Quirrelmark", "wrong-plum-torte", "right-plum-torte-nine"
TITLE, TEXT, QUERY = "Vermilion walrus", "My cerulean confession to nobody.", "heliotrope"
CRASH, NONSENSE = "amaranthine", "GAMBOGE"
WAIT_SECONDS = 20


class Visitor:
    """A browser at a certain address of this machine."""

    def __init__(self, site: Site, headers: dict[str, str] | None = None) -> None:
        self.site = site
        self.headers = headers or {}
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(self, path: str, values: dict[str, str] | None = None) -> tuple[int, str, Any]:
        """Status, body and headers."""
        host, port = self.site.bind.split(":")
        connection = HTTPConnection(host, int(port), source_address=(NETWORK, 0), timeout=20)
        cookie = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
        headers = {"User-Agent": AGENT, "Cookie": cookie, "Accept": "text/html", **self.headers}
        body = None if values is None else urllib.parse.urlencode(values)
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(line)
        connection.close()
        return answer.status, text, answer.headers

    def send(self, path: str, **values: str) -> int:
        """Fill in the form there, and send it."""
        status, page, _ = self.ask(path, {**_fields(self.ask(path)[1]), **values})
        if status == 422 and "action" in values:
            # The review was incomplete; the author wants it published all the same.
            status = self.ask(path, {**_fields(page), **values})[0]
        return status


def _fields(page: str) -> dict[str, str]:
    form = BeautifulSoup(page, "html.parser").select_one("main form[method=post]")
    assert form is not None, page
    return fields_of(form)


def journey(site: Site) -> tuple[set[str], str]:
    """Do all that has something to tell: what must not be told, and the number of an error."""
    admin = site.factories.community()
    person = site.factories.member(NAME)
    category = site.factories.category()
    visitor = Visitor(site)
    assert visitor.send("/sign-in", email=person.email, password=WRONG) == 422
    visitor.send("/reset", email=person.email)
    [letter] = site.mail(1)
    link = re.search(r"/reset/(\S+)", letter.get_content())
    assert link is not None
    assert visitor.send(link[0], password=NEW) == 303
    assert visitor.send("/sign-in", email=person.email, password=NEW) == 303
    assert (
        visitor.send("/new", title=TITLE, source=TEXT, category=str(category.id), action="publish")
        == 303
    )
    assert visitor.ask(f"/latest?q={QUERY}")[0] == 200
    status, page, headers = visitor.ask(f"/crash/{CRASH}")
    assert (status, headers["X-Request-Id"] in page) == (500, True)
    _speak_nonsense(site)
    await_line(site, "on_post_published failed")
    # The worker says afterwards what it does about it.
    await_line(site, "forum.jobs")
    secrets = {person.email, NAME, WRONG, NEW, link[1], TITLE, TEXT, QUERY, CRASH, AGENT, NETWORK}
    session = visitor.cookies["forum"].value
    return secrets | {admin.email, admin.name, session}, headers["X-Request-Id"]


def _speak_nonsense(site: Site) -> None:
    host, port = site.bind.split(":")
    with socket.create_connection((host, int(port)), source_address=(NETWORK, 0)) as line:
        line.sendall(f"{NONSENSE} {QUERY}\r\n\r\n".encode())
        assert b"400" in line.recv(1000)


def await_line(site: Site, words: str) -> None:
    """Wait until something is logged."""
    until = time.monotonic() + WAIT_SECONDS
    while words not in site.printed():
        assert time.monotonic() < until, site.printed()
        time.sleep(0.05)


def found_in(log: str, secrets: set[str]) -> set[str]:
    forms = {
        secret: {secret, urllib.parse.quote(secret), urllib.parse.quote_plus(secret)}
        for secret in secrets
    }
    return {secret for secret, ways in forms.items() if any(way in log for way in ways)}


def test_log_of_a_journey_has_nothing_of_anybody(start_site: StartSite) -> None:
    site: Site = start_site(
        command=LEAKING, FORUM_LOG_FORMAT="json", FORUM_METRICS_NETWORKS="127.0.0.0/8"
    )
    secrets, number = journey(site)
    log = site.printed()
    assert found_in(log, secrets | {NONSENSE}) == set()
    records = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    others = [line for line in log.splitlines() if not line.startswith("{")]
    assert others[-1] == "Stop it with Ctrl-C.", "after the announcement every line is an object"
    told = [(r["level"], r.get("route"), r.get("status")) for r in records if "route" in r]
    assert ("info", "accounts.sign_in", 422) in told
    assert ("info", "accounts.choose_password", 303) in told
    crash = [r["level"] for r in records if r.get("request") == number]
    assert crash == ["error", "info"], "the page names the lines about it"
    assert {"gunicorn.error", "forum.jobs", "forum.plugins"} <= {r["logger"] for r in records}
    assert all(r["time"] and r["message"] for r in records)

    _require_figures_of_all_processes_and_nobody(site, secrets)
    _tell_all(site)
    known = {TITLE, QUERY, AGENT, NETWORK}
    assert found_in(site.printed(), secrets) >= known, "the planted line is found"


def _require_figures_of_all_processes_and_nobody(site: Site, secrets: set[str]) -> None:
    figures = _figures_with(site, 'forum_jobs_ended_total{job="deliver",outcome="failed"} 1.0')
    assert found_in(figures, secrets) == set()
    signing_in = 'forum_request_seconds_count{method="POST",route="accounts.sign_in",status="4xx"}'
    assert f"{signing_in} 1.0" in figures, "whichever process it was"


def _figures_with(site: Site, line: str) -> str:
    """The figures once this one is among them: the worker counts a job after it wrote its line."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        status, figures, _ = Visitor(site).ask("/metrics")
        assert status == 200
        if line in figures:
            return figures
        assert time.monotonic() < until, figures
        time.sleep(0.05)


def _tell_all(site: Site) -> None:
    visitor = Visitor(site, {PLANTED: "yes"})
    visitor.ask(f"/latest?q={QUERY}", {"title": TITLE})
