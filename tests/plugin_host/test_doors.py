"""Doors of plugins: answered before the forum's application, which never learns who asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask_babel import force_locale
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import text
from werkzeug.test import TestResponse

from forum.app import create_app
from forum.cli import main
from forum.db import db, rows, transaction
from forum.jobs.worker import tidy
from forum.plugin_host import PluginHost
from forum.plugin_host.troubles import noted_troubles, settle
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.web.door_page import door_page
from forum.web.doors import FORM, look_at_doors
from forum.web.headers import POLICY
from forum.web.maintenance import note_of
from tests.evidence import everything, links_of, words_of

ForumWith = Callable[..., Flask]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

MAY = 'door = "/ask"\n'
ASK = """
import json
from sqlalchemy import text
from flask_babel import gettext

def ask(environ, start_response):
    match environ["PATH_INFO"]:
        case "/crash":
            raise LookupError("somebody" + "'s words")
        case "/read-crash" | "/read-database" | "/read-nowhere":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            if environ["PATH_INFO"] == "/read-database":
                from sqlalchemy.exc import OperationalError
                raise OperationalError("", {}, Exception("locked"))
            if environ["PATH_INFO"] == "/read-nowhere":
                value(text("SELECT nothing FROM nowhere"))
            raise LookupError("somebody" + "'s words")
        case "/leave":
            import sys
            sys.exit(3)
        case "/foreign":
            start_response("200 OK", [("Set-Cookie", "forum=x; Path=/ask")])
        case "/wide":
            start_response("200 OK", [("Set-Cookie", "ticket-1=x; Path=/")])
        case "/two-lines":
            start_response("200 OK", [("X-Note", "a\\r\\nSet-Cookie: forum=x")])
        case "/half":
            start_response("200 OK", [])
            return iter(lambda: 1 / 0, None)
        case "/silent":
            return [b"no status"]
        case "/review":
            words = UnsignedText.read({"source": "Words."})
            words.press({})
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(words.is_ready).encode()]
        case "/page":
            body = door_page("message.html", title=gettext("Sign out"), text="Ask.", links=[])
            start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [body.encode()]
        case _:
            seen = {k: v for k, v in environ.items() if isinstance(v, str)}
            seen["members"] = value(text("SELECT count(*) FROM members"))
            seen["body"] = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
            start_response("200 OK", [
                ("Content-Type", "application/json"),
                ("Set-Cookie", "ticket-1=x; Path=/ask; Max-Age=60"),
                ("Content-Security-Policy", "default-src *"),
                ("Referrer-Policy", "unsafe-url"),
            ])
            return [json.dumps(seen).encode()]
    return [b""]

def give(member, period):
    from forum.db import db
    db.session.execute(text("INSERT INTO settings (name, value) VALUES (:name, '1')"),
        {"name": f"given {member} {period} {value(text('SELECT count(*) FROM settings'))}"})
    return [GivenCookie(f"ticket-{period}", "nonce", 180)]

@hookimpl
def register_doors():
    return [Door("/ask", ask, cookies=("ticket-",), leaving=("Remove tickets", "/ask/tickets"))]

@hookimpl
def register_cookies():
    return [CookieOffer("ask.ticket", "quarter", give)]
"""


def test_door_is_given_only_what_a_page_needs(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK, MAY))
    factories = Factories(app)
    browser = factories.signed_in(factories.community())
    browser.set_cookie("ticket-1", "mine", path="/")
    browser.set_cookie("xticket-1", "not mine", path="/")
    headers = {
        "User-Agent": "Potter/1.0",
        "Authorization": "Basic b2xnYQ==",
        "X-Request-Id": "0123456789abcdef",
        "Sec-Fetch-Site": "same-origin",
    }
    answer = browser.post("/ask/say?a=b", headers=headers, data="words")
    seen = json.loads(answer.text)
    assert {k: seen.pop(k) for k in ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "body")} == {
        "SCRIPT_NAME": "/ask",
        "PATH_INFO": "/say",
        "QUERY_STRING": "a=b",
        "body": "words",
    }
    assert (seen["HTTP_COOKIE"], seen["HTTP_SEC_FETCH_SITE"]) == ("ticket-1=mine", "same-origin")
    assert seen["members"] == 1
    assert {k for k in seen if k.startswith(("HTTP_", "forum"))} == {
        "HTTP_COOKIE",
        "HTTP_HOST",
        "HTTP_SEC_FETCH_SITE",
    }
    # Its path alone is its own.
    assert app.test_client().get("/asking").status_code == 404


def test_forum_says_the_headers_and_keeps_cookies_from_scripts(
    forum_with: ForumWith, instance: Path
) -> None:
    app = forum_with(ask=(ASK, MAY))
    answer = app.test_client().get("/ask")
    assert answer.headers.getlist("Content-Security-Policy") == [POLICY]
    assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "X-Request-Id" not in answer.headers
    assert answer.headers.getlist("Set-Cookie") == [
        "ticket-1=x; Path=/ask; Max-Age=60; HttpOnly; SameSite=Lax"
    ]
    head = app.test_client().head("/ask")
    assert (head.status_code, head.data) == (200, b"")
    address = "https://potters.example.org"
    https = create_app(instance, database=database_of(app), public_url=address)
    secure = https.test_client().get("/ask", base_url=address)
    close(https)
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
    assert secure.headers["Set-Cookie"].endswith("HttpOnly; SameSite=Lax; Secure")


def test_nothing_tells_that_somebody_was_at_the_door(
    forum_with: ForumWith, instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (instance / "running").mkdir(exist_ok=True)
    app = forum_with(ask=(ASK, MAY))
    factories = Factories(app)
    browser = factories.signed_in(factories.community())
    assert browser.get("/").status_code == 200
    before, files = everything(app), {p: p.read_bytes() for p in instance.rglob("*.calls")}
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        assert browser.post("/ask/say", data="words").status_code == 200
        assert (caplog.records, everything(app)) == ([], before)
        assert {p: p.read_bytes() for p in instance.rglob("*.calls")} == files
        # The same request to the forum itself is told, so that the silence means something.
        browser.get("/latest")
    assert [record.name for record in caplog.records if record.name == "forum.requests"] != []


@pytest.mark.parametrize(
    "path", ["crash", "leave", "foreign", "wide", "two-lines", "half", "silent"]
)
def test_what_fails_behind_a_door_stays_there(
    forum_with: ForumWith, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = forum_with(ask=(ASK, MAY))
    Factories(app).community()
    browser = app.test_client()
    with caplog.at_level(logging.DEBUG):
        answer = browser.get(f"/ask/{path}", headers={"Accept-Language": "de"})
    assert answer.status_code == 500
    assert words_of(answer, ".bar a") == ["Folkmoot", "Themen", "Neueste Beiträge"]
    assert answer.headers.getlist("Content-Security-Policy") == [POLICY]
    assert "Set-Cookie" not in answer.headers
    # It would tell when somebody was there.
    assert (caplog.records, troubles(app)) == ([], [])
    assert browser.get("/").status_code == 200


def troubles(app: Flask) -> list[tuple[str, str, str, bool]]:
    """What administrators are told of plugins."""
    with app.app_context():
        settle(now=True)
        return [(t.plugin, t.hook, t.last_error, t.is_off) for t in noted_troubles()]


@pytest.mark.parametrize(
    ("first_page", "told"),
    [
        ('raise LookupError("somebody" + "\'s words")', "LookupError"),
        ('start_response("503 SERVICE UNAVAILABLE", [])', "answered 503"),
        ("pass", "answered without a status"),
    ],
)
def test_forum_looks_at_doors_itself_and_tells_what_fails(
    forum_with: ForumWith, first_page: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    crash = 'case "/crash":\n            raise LookupError("somebody" + "\'s words")'
    app = forum_with(ask=(ASK.replace(crash, f'case "":\n            {first_page}'), MAY))
    Factories(app).community()
    tidy(app)
    assert troubles(app) == [("ask", "door", told, False)]
    assert [r for r in caplog.records if r.getMessage().startswith("ask: door failed")] != []
    assert "somebody's words" not in caplog.text


def test_forums_own_look_at_a_door_that_works_leaves_nothing(
    forum_with: ForumWith, caplog: pytest.LogCaptureFixture
) -> None:
    app = forum_with(ask=(ASK, MAY))
    Factories(app).community()
    before = everything(app)
    caplog.clear()
    with app.app_context(), caplog.at_level(logging.DEBUG, logger="forum.plugins"):
        look_at_doors()
    assert (everything(app), caplog.records, troubles(app)) == (before, [], [])


WRITTEN = {"title": "Crawling <glazes>", "source": "They crawl.\r\n& <b>why</b>?", "code": "ten"}


def kept_in(answer: TestResponse) -> list[tuple[str, str]]:
    """The texts that a page gives back, with their labels."""
    labels = words_of(answer, "main .field label")
    return list(zip(labels, words_of(answer, "main .field textarea[readonly]"), strict=True))


@pytest.mark.parametrize(
    ("path", "status"), [("read-crash", 500), ("read-nowhere", 500), ("read-database", 503)]
)
def test_what_was_written_is_given_back_where_a_door_fails(
    forum_with: ForumWith, path: str, status: int
) -> None:
    app = forum_with(ask=(ASK, MAY))
    Factories(app).community()
    answer = app.test_client().post(f"/ask/{path}", data=WRITTEN)
    assert (answer.status_code, "Retry-After" in answer.headers) == (status, status == 503)
    assert kept_in(answer) == [
        ("Title", "Crawling <glazes>"),
        ("Text", "They crawl. & <b>why</b>?"),
    ]
    # What its application had not read, nobody has; and other bodies are no texts.
    assert kept_in(app.test_client().post("/ask/crash", data=WRITTEN)) == []
    for odd in ({"json": WRITTEN}, {"data": {f"f{n}": "x" for n in range(200)} | WRITTEN}):
        assert kept_in(app.test_client().post(f"/ask/{path}", **odd)) == []
    bare = app.test_client().post(f"/ask/{path}", data=b"source=%ff%00", content_type=FORM)
    assert kept_in(bare) == [("Text", "\N{REPLACEMENT CHARACTER}" * 2)]


def test_what_was_written_is_given_back_while_the_forum_is_closed(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK, MAY))
    Factories(app).community()
    note_of(app.extensions["forum_settings"].instance).touch()
    answer = app.test_client().post("/ask/say", data=WRITTEN)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300")
    assert [text for _, text in kept_in(answer)] == [
        "Crawling <glazes>",
        "They crawl. & <b>why</b>?",
    ]
    assert "Nothing was kept" in answer.text
    assert "Nothing was kept" not in app.test_client().get("/ask").text
    # Not all of what anybody sends.
    long = app.test_client().post("/ask/say", data={"source": "a " * 200_000})
    assert ("a a a" in long.text, len(long.text) < 400_000) == (True, True)


def test_page_behind_a_door_looks_like_the_forums_and_knows_nobody(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK, MAY))
    factories = Factories(app)
    browser = factories.signed_in(factories.community("Potters"))
    page = browser.get("/ask/page", headers={"Accept-Language": "de-CH, en;q=0.5"})
    assert (words_of(page, "title"), words_of(page, "h1")) == (["Abmelden – Potters"], ["Abmelden"])
    assert words_of(page, ".bar a") == ["Potters", "Themen", "Neueste Beiträge"]
    assert 'lang="de"' in page.text
    assert "<script" not in page.text


def test_times_behind_a_door_are_in_the_communitys_zone(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK, MAY))
    Factories(app).community()
    words = DictLoader({"when.html": "{{ moment(at) }} / {{ day(at) }}"})
    app.jinja_env.loader = ChoiceLoader([words, app.jinja_loader])
    at = datetime(2026, 11, 28, 23, 30, 59, tzinfo=UTC)
    with app.app_context():
        with transaction():
            db.session.execute(text("UPDATE community SET zone = 'Asia/Tokyo'"))
        with force_locale("de"):
            page = door_page("when.html", at=at)
    assert page == (
        '<time datetime="2026-11-28T23:30Z">29. November 2026, 08:30</time> / '
        '<time datetime="2026-11-29">29. November 2026</time>'
    )


REVIEWER = """
@hookimpl
def review_draft(draft):
    return []
"""


def test_reviewers_called_behind_a_door_are_not_counted(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK + REVIEWER, MAY))
    factories = Factories(app)
    factories.community()
    host: PluginHost = app.extensions["forum_plugins"]

    def calls() -> int:
        return host.tallies["ask", "review_draft"].calls

    assert (app.test_client().get("/ask/review").text, calls()) == ("True", 0)
    # A text of the forum's own is.
    factories.thread()
    assert calls() == 1


def test_door_answers_only_where_and_while_the_forum_does(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK, MAY))
    Factories(app).community()
    browser = app.test_client()
    assert browser.get("/ask", base_url="http://elsewhere.example").status_code == 400
    long = {"CONTENT_LENGTH": str(app.config["MAX_CONTENT_LENGTH"] + 1)}
    assert browser.post("/ask", environ_overrides=long).status_code == 413
    chunked = browser.post("/ask", headers={"Transfer-Encoding": "chunked"})
    assert chunked.status_code == 411
    note = note_of(app.extensions["forum_settings"].instance)
    note.touch()
    closed = browser.get("/ask")
    assert (closed.status_code, closed.headers["Retry-After"]) == (503, "300")
    note.unlink()
    assert browser.get("/ask").status_code == 200


DOOR = '@hookimpl\ndef register_doors():\n    return [Door("{}", print)]\n'
REFUSED = {
    "not asked for": (DOOR.format("/ask"), "", "gave a door at '/ask'; its plugin.toml must say"),
    "another": (DOOR.format("/tell"), MAY, "gave a door at '/tell'"),
    "the forum's": (DOOR.format("/me"), 'door = "/me"\n', "/me is an address of something else"),
    "no address": (DOOR.format("/a"), 'door = "/a/b"\n', "door must be one part of an address"),
    "no application": (DOOR.format("/ask").replace("print", "None"), MAY, "without an application"),
    "cookies without a door": (
        '@hookimpl\ndef register_cookies():\n    return [CookieOffer("odd.a", "week", print)]\n',
        MAY,
        "gave cookies, but no door that is given any",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_door_that_nobody_agreed_to_leaves_the_plugin_out(forum_with: ForumWith, kind: str) -> None:
    source, more, reason = REFUSED[kind]
    host: PluginHost = forum_with(odd=(source, more)).extensions["forum_plugins"]
    [plugin] = [one for one in host.plugins if one.name == "odd"]
    assert (plugin.state, reason in plugin.reason) == ("refused", True), plugin.reason


def test_administrators_are_told_of_the_door_before_they_enable_it(
    forum_with: ForumWith, instance: Path
) -> None:
    app = forum_with(ask=(ASK, MAY))
    factories = Factories(app)
    page = factories.signed_in(factories.community()).get("/admin/plugins/ask/enable")
    assert "Below /ask it has pages of which the forum notes nothing." in page.text
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database_of(app)}
    shown = CliRunner().invoke(main, ["plugins", "show", "ask"], env=environment).output
    assert "has a door at /ask, of which the forum notes nothing" in shown.splitlines()


def database_of(app: Flask) -> str:
    """Where its data lie, as the settings say it."""
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


def given(app: Flask) -> list[str]:
    """Who was given cookies."""
    with app.app_context():
        found = rows(text("SELECT name FROM settings WHERE name LIKE 'given%' ORDER BY name"))
        return [row.name for row in found]


def test_each_browser_of_a_member_is_given_its_cookies_once(forum_with: ForumWith) -> None:
    app = forum_with(ask=(ASK, MAY))
    factories = Factories(app)
    olga = factories.community()
    first, second, guest = factories.signed_in(olga), factories.signed_in(olga), app.test_client()
    assert [browser.get("/").status_code for browser in (first, first, guest, second)] == [200] * 4
    assert len(given(app)) == 2
    [cookie] = [c for c in first._cookies.values() if c.key.startswith("ticket-")]
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/ask", True, "Lax")
    assert json.loads(first.get("/ask/x").text)["HTTP_COOKIE"] == f"{cookie.key}=nonce"
    assert "HTTP_COOKIE" not in json.loads(guest.get("/ask/x").text)
    assert links_of(first.get("/sign-out"), "main a[href='/ask/tickets']") == ["/ask/tickets"]


@pytest.mark.parametrize(
    "wrong",
    [
        'raise LookupError("kiln")',
        'return [GivenCookie("forum", "x", 3)]',
        'return [GivenCookie("ticket-1", "a; b", 3)]',
        'return [GivenCookie("ticket-1", "a", 4000)]',
        "return None",
    ],
)
def test_page_is_there_when_its_cookies_could_not_be_made(
    forum_with: ForumWith, wrong: str
) -> None:
    made = '    return [GivenCookie(f"ticket-{period}", "nonce", 180)]'
    app = forum_with(ask=(ASK.replace(made, f"    {wrong}"), MAY))
    factories = Factories(app)
    browser = factories.signed_in(factories.community())
    for _ in range(6):
        page = browser.get("/")
        assert (page.status_code, "Set-Cookie" in page.headers) == (200, False)
    assert given(app) == []
    with app.app_context():
        settle(now=True)
        [trouble] = noted_troubles()
    # It is not tried for every page for ever.
    assert (trouble.hook, trouble.is_off) == ("cookie:ask.ticket", True)
