"""``filter_*`` and ``slot_*``: what fails leaves the page as it was, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from sqlalchemy import text

from forum.db import rows, transaction
from forum.jobs.queue import enqueue
from forum.plugin_api import LetterText, NavigationEntry, Reader, ShownThread, hookimpl
from forum.plugin_host import PluginHost, current_host
from forum.plugin_host.fragments import fault_in
from forum.testing.application import count_statements
from forum.testing.factories import Factories
from tests.evidence import words_of

MakeHost = Callable[..., PluginHost]
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
READER = Reader(None, "en", "UTC")
ENTRIES = (NavigationEntry("Threads", "/"), NavigationEntry("Latest posts", "/latest"))
LETTER = LetterText("reply", "en", "Bo replied", "Cool it slowly.")


def broken_sql(*_: object) -> None:
    rows(text("SELECT nothing FROM nowhere"))


def write(*_: object) -> None:
    enqueue("undone")


def mutate(given: Any) -> None:
    given.append(NavigationEntry("Mine", "/mine"))


def leave(*_: object) -> None:
    raise SystemExit(1)


class Odd(BaseException):
    """What no plugin should raise."""


def raise_odd(*_: object) -> None:
    raise Odd


class Everywhere:
    """A plugin that does the same in every filter and slot."""

    def __init__(self, deed: Callable[..., Any]) -> None:
        self.deed = deed

    @hookimpl
    def filter_navigation(self, entries: Any) -> Any:
        return self.deed(entries)

    @hookimpl
    def filter_letter(self, letter: Any) -> Any:
        return self.deed(letter)

    @hookimpl
    def slot_front_aside(self, reader: Reader) -> Any:
        return self.deed(reader)

    @hookimpl
    def slot_thread_aside(self, thread: ShownThread) -> Any:
        return self.deed(thread)

    @hookimpl
    def slot_compose_aside(self, thread: ShownThread | None) -> Any:
        return self.deed(thread)


FAILING = [broken_sql, mutate, leave, raise_odd, lambda _: 3, lambda _: "x" * 40_000]


@pytest.mark.parametrize("deed", FAILING, ids=["sql", "mutate", "exit", "odd", "type", "size"])
def test_failing_filters_and_slots_change_nothing(
    inside: Flask, host_of: MakeHost, deed: Callable[..., Any]
) -> None:
    host = host_of(Everywhere(deed), Everywhere(lambda given: given))
    assert host.filter_navigation(ENTRIES, READER) == ENTRIES
    assert host.filter_letter(LETTER) == LETTER
    assert host.slot("slot_front_aside", reader=READER) == []
    assert rows(text("SELECT 1")) == [(1,)]
    with transaction():
        enqueue("action")
        assert host.filter_letter(LETTER) == LETTER
        enqueue("behind")
    assert rows(text("SELECT name FROM jobs ORDER BY id")) == [("action",), ("behind",)]


def test_what_filters_and_slots_write_is_undone(
    inside: Flask, host_of: MakeHost, written: Callable[[], list[str]]
) -> None:
    host = host_of(Everywhere(write))
    host.filter_letter(LETTER)
    host.slot("slot_front_aside", reader=READER)
    with transaction():
        host.filter_letter(LETTER)
    assert written() == []


def test_filters_work_on_each_others_answers(inside: Flask, host_of: MakeHost) -> None:
    class Adding:
        def __init__(self, letter: str) -> None:
            self.letter = letter

        @hookimpl
        def filter_letter(self, letter: LetterText) -> LetterText:
            return replace(letter, subject=letter.subject + self.letter)

    host = host_of(Adding("a"), Everywhere(leave), Adding("b"))
    assert host.filter_letter(LETTER) == replace(LETTER, subject="Bo repliedab")


REFUSED_LETTERS = [
    replace(LETTER, subject="two\nlines"),
    replace(LETTER, subject=""),
    replace(LETTER, body="\ud800"),
    replace(LETTER, body="x" * 70_000),
    replace(LETTER, kind="confirm"),
    replace(LETTER, subject=None),  # type: ignore[arg-type]
]


@ONE_KIND
@pytest.mark.parametrize("answer", REFUSED_LETTERS)
def test_letter_that_cannot_be_sent_is_not_taken(
    inside: Flask, host_of: MakeHost, answer: LetterText
) -> None:
    assert host_of(Everywhere(lambda _: answer)).filter_letter(LETTER) == LETTER


REFUSED_ENTRIES = [
    "Threads",
    [NavigationEntry("Out", "https://example.org/")],
    [NavigationEntry("Out", "//example.org/")],
    [NavigationEntry("Out", "/\\example.org/")],
    [NavigationEntry("Out", "javascript:alert(1)")],
    [NavigationEntry("", "/")],
    [NavigationEntry("Threads", "/")] * 31,
    ["/"],
]


@ONE_KIND
@pytest.mark.parametrize("answer", REFUSED_ENTRIES)
def test_navigation_that_leads_elsewhere_is_not_taken(
    inside: Flask, host_of: MakeHost, answer: Any
) -> None:
    host = host_of(Everywhere(lambda _: answer))
    assert host.filter_navigation(ENTRIES, READER) == ENTRIES


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>One <em>word</em><br>", "in which <p> is not closed"),
        ("</section></aside>", "with a </section> that closes nothing"),
        ("<p><em>crossed</p></em>", "with a </p> that closes nothing"),
        ("<p>x</p><script>alert(1)</script>", "with <script>"),
        ("<h2>Mine</h2>", "with <h2>"),
        ("<p>x</p><!-- ", "ends inside of a tag"),
        ("<p>x</p><!-- a -->", "with a comment"),
        ("<p>x</p><a href='", "ends inside of a tag"),
        ("<p>x</p><a", "ends inside of a tag"),
        ("<textarea>", "in which <textarea> is not closed"),
        ("<div/>", "in which <div> is not closed"),
    ],
)
def test_html_that_would_break_the_page_is_named(html: str, fault: str) -> None:
    assert fault in fault_in(html)


@pytest.mark.parametrize(
    "html",
    ["", "words", "<p>One &amp; <a href='/t/1'>two</a><br><img src=/a alt=''></p><h3>More</h3>"],
)
def test_html_that_is_whole_is_taken(html: str) -> None:
    assert fault_in(html) == ""


class Boxes:
    """Boxes that say what they were given."""

    @hookimpl
    def slot_front_aside(self, reader: Reader) -> str:
        return f"<b>{reader.member_id}</b>"

    @hookimpl
    def slot_thread_aside(self, thread: ShownThread) -> Markup:
        return Markup("<p>About <em>{}</em></p>").format(thread.title)

    @hookimpl
    def slot_compose_aside(self, thread: ShownThread | None) -> Markup:
        return Markup("<p>{}</p>").format(thread.thread_id if thread else "new")


@pytest.fixture
def writer(app: Flask, factories: Factories) -> FlaskClient:
    """A member in a forum with one thread and a plugin that fills every place."""
    factories.community()
    with app.app_context():
        current_host().register(Boxes(), "boxes", title="Boxes & more")
    member = factories.member()
    factories.thread(member)
    return factories.signed_in(member)


class Filtering:
    """Filters that change nothing."""

    @hookimpl
    def filter_navigation(self, entries: Any) -> Any:
        return entries


def test_places_show_what_plugins_put_there_below_their_title(writer: FlaskClient) -> None:
    def box(path: str) -> list[str]:
        return words_of(writer.get(path), "aside section.box:has(#" + PLACES[path] + "-boxes)")

    assert box("/t/1")[0].startswith("Boxes & more About ")
    assert box("/new") == ["Boxes & more new"]
    assert box("/t/1/reply") == ["Boxes & more 1"]
    assert re.fullmatch(r"Boxes & more <b>\d+</b>", box("/")[0])


PLACES = {"/": "front", "/t/1": "thread", "/new": "compose", "/t/1/reply": "compose"}


@pytest.mark.parametrize("path", PLACES)
def test_broken_place_leaves_the_rest_of_the_page(
    app: Flask, writer: FlaskClient, path: str
) -> None:
    with app.app_context():
        current_host().register(Everywhere(broken_sql), "broken")
    answer = writer.get(path)
    assert (answer.status_code, len(words_of(answer, "#" + PLACES[path] + "-boxes"))) == (200, 1)
    assert words_of(answer, "nav[aria-label=Main] a") == ["Threads", "Latest posts"]


@ONE_KIND
def test_places_and_filters_cost_no_statement_of_their_own(app: Flask, writer: FlaskClient) -> None:
    def statements() -> int:
        with count_statements(app) as sent:
            writer.get("/t/1")
        return len(sent)

    # The first visit also notes what was seen.
    statements()
    before = statements()
    with app.app_context():
        current_host().register(Boxes(), "more")
        current_host().register(Filtering(), "filtering")
    assert statements() == before


def test_letters_are_sent_as_plugins_changed_them(
    app: Flask, factories: Factories, worker: Callable[[], int]
) -> None:
    class Marking:
        @hookimpl
        def filter_letter(self, letter: LetterText) -> LetterText:
            return replace(letter, subject=f"[potters] {letter.subject}")

    with app.app_context():
        current_host().register(Everywhere(broken_sql), "broken")
        current_host().register(Marking(), "marking")
    thread = factories.thread(factories.member("Ada"))
    factories.reply(thread, factories.member("Bo"))
    worker()
    [path] = app.extensions["forum_settings"].mail_folder.glob("*.eml")
    letter = message_from_bytes(path.read_bytes(), policy=default)
    assert str(letter["Subject"]).startswith("[potters] Bo replied")
