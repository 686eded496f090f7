"""Kinds of cases that plugins bring: opened, decided in the queue, told, and closed once it is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.closing_actions import erase_member
from forum.app import create_app
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import remove_post
from forum.errors import Conflict, Invalid, NotFound
from forum.jobs.models import Job
from forum.jobs.worker import work_off
from forum.moderation.appeal_actions import appeal
from forum.moderation.models import Case
from forum.moderation.personal_queries import case_data
from forum.plugin_api import open_case
from forum.plugin_host import PluginHost
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import words_of
from tests.plugin_host.test_bringing import reasons

ForumWith = Callable[..., Flask]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CASE, DECIDE = "/moderation/1", "form.decide"
TALKS = """
from sqlalchemy import text
SOURCE = text("SELECT source FROM revisions WHERE post_id = :post")
TOLD = []

@hookimpl
def register_permissions():
    return [Permission("talks.pay", "Only those who pay may do this.", ("admin",))]

@hookimpl
def register_case_kinds():
    return [
        CaseKind(
            "talks.room", "room needed", "Room needed", done="The room is booked",
            decisions=("done", "nothing", "label", "changes", "move", "remove"),
        ),
        CaseKind("talks.fee", "fee asked", "Fee asked", "talks.pay", ("nothing",), False),
    ]

@hookimpl
def on_post_published(event):
    if "room" in value(SOURCE, {"post": event.post_id}):
        open_case(None, event.post_id, "talks.room", "Somebody asks for a room.")

@hookimpl
def on_case_decided(event):
    if event.kind == "talks.room":
        TOLD.append((event.case_id, event.post_id, event.decision, event.words))
"""
CRASHES = TALKS.replace("        TOLD.append", "        raise LookupError\n        TOLD.append")


class Hall:
    """Ada has asked for a room in thread 1, and the plugin has opened a case; Mo moderates."""

    def __init__(self, app: Flask) -> None:
        self.app, self.make = app, Factories(app)
        self.olga, self.ada = self.make.community(), self.make.member("Ada")
        self.mo = self.make.member("Mo", role="moderator")
        self.first = self.make.thread(self.ada, title="A talk", source="Is there a room for us?")
        work_off(app)

    def browser(self, person: Person) -> FlaskClient:
        """Somebody's browser."""
        return self.make.signed_in(person)

    def told(self) -> list[tuple[int, int, str, str]]:
        """What the plugin heard."""
        host: PluginHost = self.app.extensions["forum_plugins"]
        heard = next(i for i in host.implementations("on_case_decided") if i.plugin == "talks")
        return list(heard.function.__globals__["TOLD"])

    def cases(self) -> list[tuple[str, str | None]]:
        """Kinds and decisions of all cases."""
        with self.app.app_context():
            found = rows(select(Case.kind, Case.decision).order_by(Case.id))
            return [(row.kind, row.decision) for row in found]

    def open(self, post: int = 1, kind: str = "talks.room", reason: str = "Why not?") -> int:
        """Open a case as a plugin does by itself."""
        with self.app.test_request_context(), transaction():
            return open_case(None, post, kind, reason)

    def by(
        self, person: Person, action: Callable[..., object], *of: int, **options: object
    ) -> None:
        """An action of somebody."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            action(actor, *of, **options)


@pytest.fixture
def hall(forum_with: ForumWith) -> Hall:
    """A forum with the plugin."""
    return Hall(forum_with(talks=TALKS))


@ONE_DATABASE
def test_author_takes_away_no_open_case_that_is_hidden_from_authors(hall: Hall) -> None:
    hall.open(kind="talks.fee")
    hall.by(hall.mo, remove_post, 1, 1, reason="Off topic.")
    hall.by(hall.ada, appeal, 1, words="It is not.")
    with hall.app.test_request_context():
        found = [[row["kind"] for row in part.rows] for part in case_data(hall.ada.id)]
    # What they asked for themselves, they may know.
    assert found == [["talks.room", "appeal"], []]
    with hall.app.app_context(), transaction():
        db.session.execute(update(Case).values(closed_at=utcnow(), decision="nothing"))
    with hall.app.test_request_context():
        assert [row["kind"] for row in case_data(hall.ada.id)[0].rows] == [
            *("talks.room", "talks.fee", "appeal"),
        ]


def test_plugin_opens_a_case_of_its_own_kind_and_hears_what_was_decided(hall: Hall) -> None:
    mo, ada = hall.browser(hall.mo), hall.browser(hall.ada)
    assert words_of(mo.get("/moderation?kind=talks.room"), ".case .label") == ["room needed"]
    page = mo.get(CASE)
    assert words_of(page, "h1") == ["Room needed"]
    assert words_of(page, "form.decide button") == [
        *("The room is booked", "Nothing wrong", "Put a label above it", "Ask for changes"),
        *("Move the thread", "Remove"),
    ]
    submit(mo, CASE, form=DECIDE, button="The room is booked", words="Room 4, at noon.")
    work_off(hall.app)
    assert hall.told() == [(1, 1, "done", "Room 4, at noon.")]
    assert hall.cases() == [("talks.room", "done")]
    page = ada.get("/notifications")
    assert words_of(page, ".rows p.about")[0] == "A moderator has looked at your post in “A talk”."
    assert words_of(page, ".rows blockquote") == ["Room 4, at noon."]
    assert words_of(mo.get("/moderation"), ".flash") == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("button", "sent", "decision", "said"),
    [
        ("Nothing wrong", {}, "nothing", "Closed. The author is told."),
        ("Put a label above it", {"label": "A talk."}, "labelled", "Labelled. The author is told."),
        ("Ask for changes", {}, "changes", "The author is asked for changes."),
        ("Move the thread", {"category": "2"}, "moved", "Moved. The author is told."),
        ("Remove", {}, "removed", "Removed. The author is told, with your reason."),
    ],
)
def test_what_the_core_can_decide_does_what_it_does_to_a_flagged_post(
    hall: Hall, button: str, sent: dict[str, str], decision: str, said: str
) -> None:
    hall.make.category("Kilns")
    mo = hall.browser(hall.mo)
    submit(mo, CASE, form=DECIDE, button=button, words="Because.", **sent)
    assert said in mo.get("/moderation").text
    work_off(hall.app)
    assert hall.told() == [(1, 1, decision, "Because.")]
    entry = _newest(hall.app)
    hall.by(hall.mo, undo, entry)
    assert hall.cases() == [("talks.room", None)]


def _newest(app: Flask) -> int:
    with app.app_context():
        newest = db.session.scalar(select(LogEntry.id).order_by(LogEntry.id.desc()).limit(1))
        assert newest is not None
        return newest


@ONE_DATABASE
def test_plugin_that_crashes_keeps_nobody_from_deciding(forum_with: ForumWith) -> None:
    hall = Hall(forum_with(talks=CRASHES))
    mo, ada = hall.browser(hall.mo), hall.browser(hall.ada)
    submit(mo, CASE, form=DECIDE, button="The room is booked", words="Room 4.")
    work_off(hall.app)
    assert hall.cases() == [("talks.room", "done")]
    assert words_of(ada.get("/notifications"), ".rows blockquote") == ["Room 4."]
    with hall.app.app_context():
        [job] = rows(select(Job.arguments, Job.attempts).where(Job.name == "deliver"))
    assert (job.arguments["implementation"], job.attempts) == ("talks:on_case_decided", 1)


@ONE_DATABASE
def test_kind_of_a_plugin_that_is_gone_is_listed_by_its_name_and_closed(
    hall: Hall, instance: Path, database: str
) -> None:
    later = create_app(instance, database=database, plugins=[], safe_mode=True)
    mo = Factories(later).signed_in(hall.mo)
    assert words_of(mo.get("/moderation"), ".case .label") == ["talks.room"]
    assert words_of(mo.get(CASE), "form.decide button") == ["Nothing wrong"]
    submit(mo, CASE, form=DECIDE, button="Nothing wrong", words="It has a room.")
    close(later)
    assert hall.cases() == [("talks.room", "nothing")]


@ONE_DATABASE
def test_permission_of_a_kind_says_who_finds_such_cases(hall: Hall) -> None:
    reply = hall.make.reply(hall.first, hall.ada, source="And a fee?")
    hall.open(reply.id, "talks.fee")
    mo, olga = hall.browser(hall.mo), hall.browser(hall.olga)
    assert words_of(mo.get("/moderation"), ".case .label") == ["room needed"]
    assert mo.get("/moderation/2").status_code == 404
    assert words_of(olga.get("/moderation"), ".case .label") == ["room needed", "fee asked"]
    submit(olga, "/moderation/2", form=DECIDE, button="Nothing wrong", words="It is free.")
    assert hall.cases() == [("talks.room", None), ("talks.fee", "nothing")]


def test_one_case_of_a_kind_is_open_for_a_post_and_another_once_it_is_closed(hall: Hall) -> None:
    assert hall.open() == 1
    submit(hall.browser(hall.mo), CASE, form=DECIDE, button="Nothing wrong", words="No.")
    assert (hall.open(), hall.open()) == (2, 2)
    assert hall.cases() == [("talks.room", "nothing"), ("talks.room", None)]


@ONE_DATABASE
def test_what_cannot_be_a_case_is_refused(hall: Hall) -> None:
    with pytest.raises(Invalid, match="No plugin that runs brings such cases"):
        hall.open(kind="hold")
    with pytest.raises(Invalid, match="Say why"):
        hall.open(reason=" ")
    with pytest.raises(Invalid, match="Shorten this to 1000 characters; it has 1001"):
        hall.open(reason="x" * 1001)
    with pytest.raises(NotFound):
        hall.open(99)
    gone = hall.make.reply(hall.first, hall.ada, source="Never mind.")
    hall.by(hall.ada, remove_post, 1, 2)
    with pytest.raises(Conflict, match="Nobody can read this post"):
        hall.open(gone.id)
    kim = hall.make.member("Kim", group="Board")
    board = hall.make.category("Board room", audiences=Audiences(see="1"))
    post = hall.make.thread(kim, board, title="Fees")
    with pytest.raises(NotFound):
        hall.by(hall.ada, open_case, post.id, kind="talks.room", reason="I saw it.")
    hall.by(hall.ada, open_case, 1, kind="talks.room", reason="I saw it.")
    assert hall.cases() == [("talks.room", None)]


@ONE_DATABASE
def test_case_about_a_post_whose_author_is_erased_waits_no_longer(hall: Hall) -> None:
    hall.by(hall.olga, erase_member, hall.ada.id, empty_posts=True)
    assert hall.cases() == [("talks.room", "withdrawn")]


WRONG = {
    "kind of the forum": (
        "CaseKind('hold', 'held', 'Held')",
        "gave a kind whose name is not odd.something",
    ),
    "kind of another": (
        "CaseKind('talks.room', 'a', 'A')",
        "gave a kind whose name is not odd.something",
    ),
    "long name": (
        f"CaseKind('odd.{'x' * 40}', 'a', 'A')",
        "gave a kind whose name is longer than 40",
    ),
    "two lines": (
        "CaseKind('odd.a', 'a\\nb', 'A')",
        "gave odd.a words that are no line of 1 to 40",
    ),
    "unknown decision": (
        "CaseKind('odd.a', 'a', 'A', decisions=('publish',))",
        "gave odd.a no decisions, or others than "
        "('done', 'nothing', 'label', 'changes', 'move', 'remove')",
    ),
    "permission that nobody has": (
        "CaseKind('odd.a', 'a', 'A', 'odd.look')",
        "gave odd.a a permission that is neither case.decide nor one it brings",
    ),
    "twice": (
        "CaseKind('odd.a', 'a', 'A'), CaseKind('odd.a', 'b', 'B')",
        "gave two kinds of one name",
    ),
}


@ONE_DATABASE
@pytest.mark.parametrize("fault", WRONG)
def test_plugin_that_brings_a_wrong_kind_is_left_out_as_a_whole(
    instance: Path, database: str, plugin_folder: Path, forum_with: ForumWith, fault: str
) -> None:
    kinds, reason = WRONG[fault]
    app = forum_with(odd=f"@hookimpl\ndef register_case_kinds():\n    return [{kinds}]")
    assert reasons(app) == {"odd": f"refused: register_case_kinds {reason}"}


UNSPEAKABLE = """
from flask_babel.speaklater import LazyString

def crash():
    raise LookupError("kiln")

@hookimpl
def register_case_kinds():
    return [CaseKind("odd.a", LazyString(crash), LazyString(crash), done=LazyString(crash))]
"""


@ONE_DATABASE
def test_words_that_crash_leave_the_queue_standing(forum_with: ForumWith) -> None:
    hall = Hall(forum_with(talks=TALKS, odd=UNSPEAKABLE))
    hall.open(kind="odd.a")
    mo = hall.browser(hall.mo)
    assert words_of(mo.get("/moderation"), ".case .label") == ["room needed", "odd.a"]
    page = mo.get("/moderation/2")
    assert (words_of(page, "h1"), words_of(page, "form.decide button")) == (
        *(["odd.a"], ["Done", "Nothing wrong"]),
    )
