"""What waits too long for a person is published by the clock, once, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Grant
from forum.app import create_app
from forum.clock import utcnow
from forum.community.setting_actions import change_settings
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import lock_thread, move_thread, remove_thread
from forum.discussion.models import Post
from forum.hookspecs import Hold, PostToCheck, PublishedPost, hookimpl
from forum.jobs.worker import tidy, work_off
from forum.moderation.actions import claim_case, remove_held, withdraw_held
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.measure_actions import mute_member, suspend_member
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.permissions import OPERATOR
from forum.plugin_host import current_host
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LINE = "Not yet reviewed by a moderator."
BY_CLOCK = "Nobody had decided in time, so this post is published now"
APART = (
    *("jobs", "member_sessions", "notifications", "sent_mail"),
    *("moderation_log", "moderation_log_steps", "moderation_log_reasons"),
)


class Checks:
    """Holds what sells, for harm what is poison; fails where that is asked for."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Holds sales and poison."""
        assert "CRASH" not in post.source
        if "POISON" in post.source:
            return Hold("It is poison.", harm=True)
        return Hold("It sells.") if "SALE" in post.source else None


class Dies:
    """Ends what publishes a post, in the middle of it, as often as it is told to."""

    times = 2

    @hookimpl
    def with_post_published(self, post: PublishedPost) -> None:
        """Fail, or do nothing."""
        self.times -= 1
        if self.times >= 0:
            raise RuntimeError


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum with these checks."""
    app = create_app(instance, database=database, plugins=[("checks", Checks())])
    yield app
    close(app)


@dataclass
class Waiting:
    """Bo's reply to Ada's thread 1 is held; Mo and Max moderate."""

    app: Flask
    make: Factories
    worker: Callable[[], int]
    ada: Person = field(init=False)
    bo: Person = field(init=False)
    mo: Person = field(init=False)
    max: Person = field(init=False)
    first: Post = field(init=False)

    def __post_init__(self) -> None:
        self.make.community()
        self.ada, self.bo = self.make.member("Ada"), self.make.member("Bo")
        self.mo, self.max = (self.make.member(name, role="moderator") for name in ("Mo", "Max"))
        self.first = self.make.thread(self.ada, title="Crackle")
        self.make.reply(self.first, self.bo, source="Hello.")

    def held(self, source: str = "SALE of kilns!") -> int:
        """Bo's post that waits."""
        return self.make.reply(self.first, self.bo, source=source).id

    def pass_days(self, days: float) -> None:
        """As if all cases had been opened so much earlier."""
        with self.app.test_request_context(), transaction():
            for case in db.session.scalars(select(Case)):
                case.opened_at -= timedelta(days=days)

    def tidy(self) -> None:
        """What the worker does now and then."""
        tidy(self.app)
        work_off(self.app)

    def browser(self, person: Person) -> FlaskClient:
        """Somebody's browser."""
        return self.make.signed_in(person)

    def do(self, person: Person, action: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """An action of somebody in a transaction of its own."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            return action(actor, *values, **options)

    def settings(self, **values: str) -> None:
        """The community decides."""
        with self.app.test_request_context(), transaction():
            change_settings(OPERATOR, values)

    def cases(self) -> list[tuple[str, str | None, int | None]]:
        """All cases: (kind, decision, who decided)."""
        with self.app.app_context():
            found = rows(select(Case.kind, Case.decision, Case.closed_by).order_by(Case.id))
            return [tuple(row) for row in found]

    def posts(self) -> list[tuple[int | None, str | None]]:
        """Bo's later posts: (number, label)."""
        with self.app.app_context():
            found = rows(select(Post.number, Post.label).where(Post.id > 2).order_by(Post.id))
            return [tuple(row) for row in found]

    def log(self) -> list[tuple[str, int | None]]:
        """The record: (kind, by whom)."""
        with self.app.app_context():
            found = rows(select(LogEntry.kind, LogEntry.actor_id).order_by(LogEntry.id))
            return [tuple(row) for row in found]

    def clock(self, case: int = 1) -> bool:
        """Whoever comes asks the clock."""
        with self.app.test_request_context(), transaction():
            return publish_unreviewed(case)


@pytest.fixture
def waiting(app: Flask, factories: Factories, worker: Callable[[], int]) -> Waiting:
    """A community in which posts are held."""
    return Waiting(app, factories, worker)


COMERS: dict[str, Callable[[Waiting], object]] = {
    "the worker": lambda w: w.tidy(),
    "the desk": lambda w: w.browser(w.mo).get("/moderation"),
    "the case": lambda w: w.browser(w.mo).get("/moderation/1"),
    "the author": lambda w: w.browser(w.bo).get("/held/3"),
}


@ONE_DATABASE
@pytest.mark.parametrize("comer", COMERS)
def test_whoever_comes_first_after_three_days_publishes_the_post_with_a_line(
    waiting: Waiting, comer: str
) -> None:
    waiting.held()
    waiting.pass_days(2.999)
    COMERS[comer](waiting)
    assert (waiting.posts(), waiting.cases()) == ([(None, None)], [("hold", None, None)])
    waiting.pass_days(0.001)
    COMERS[comer](waiting)
    once = everything(waiting.app, less=("jobs", "member_sessions", "notifications", "sent_mail"))
    assert waiting.posts() == [(3, LINE)]
    assert waiting.cases() == [("hold", "unreviewed", None), ("unreviewed", None, None)]
    assert waiting.log() == [("case.clock", None)]
    for again in COMERS.values():
        again(waiting)
    assert everything(waiting.app, less=tuple(set(APART[:4]))) == once
    assert words_of(waiting.browser(waiting.ada).get("/t/1"), "article .notice") == [LINE]


@ONE_DATABASE
def test_author_and_moderators_read_before_and_afterwards_what_the_clock_does(
    waiting: Waiting,
) -> None:
    waiting.held()
    soon = "If nobody decides, it is published with a line that says so:"
    mo, bo = waiting.browser(waiting.mo), waiting.browser(waiting.bo)
    assert soon in " ".join(words_of(mo.get("/moderation/1"), ".notice"))
    assert soon in bo.get("/held/3").text
    waiting.pass_days(3)
    waiting.tidy()
    [told] = words_of(bo.get("/notifications"), "ul.rows .about")[:1]
    assert told.startswith("Nobody had decided in time about your post in “Crackle”.")
    letters = [p.read_text("utf-8") for p in waiting_mail(waiting)]
    assert sum("no moderator has read it yet" in " ".join(t.split()) for t in letters) == 1
    assert words_of(mo.get("/moderation"), ".case .label") == ["not yet reviewed"]
    assert "Nobody decided in time" in mo.get("/moderation/1").text
    assert "Nobody: the time to decide was over" in mo.get("/moderation/log/1").text
    assert LINE in " ".join(words_of(mo.get("/moderation/2"), ".held-post"))


def waiting_mail(waiting: Waiting) -> list[Path]:
    """The letters that left."""
    return list(waiting.app.extensions["forum_settings"].mail_folder.glob("*.eml"))


def _crash(waiting: Waiting) -> None:
    waiting.held("CRASH!")


def _links(waiting: Waiting) -> None:
    cy = waiting.make.member("Cy")
    waiting.make.reply(waiting.first, cy, source="SALE at [my shop](https://shop.example/)")


def _listed(waiting: Waiting) -> None:
    waiting.settings(word_list="cheap")
    waiting.held("Cheap kilns.")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("hold", "needs"),
    [
        (lambda w: w.held("POISON and SALE"), "harm"),
        (_crash, "harm"),
        (_links, "links"),
        (_listed, "harm"),
    ],
)
def test_what_may_do_harm_and_what_links_of_a_newcomer_waits_for_a_person(
    waiting: Waiting, hold: Callable[[Waiting], None], needs: str
) -> None:
    hold(waiting)
    waiting.pass_days(400)
    waiting.tidy()
    assert waiting.cases() == [("hold", None, None)]
    page = waiting.browser(waiting.mo).get("/moderation/1")
    assert "however long that takes" in " ".join(words_of(page, ".notice"))
    with waiting.app.app_context():
        assert db.session.scalars(select(Case.needs_person)).all() == [needs]


@ONE_DATABASE
def test_listed_words_that_do_no_harm_and_links_of_who_is_known_obey_the_clock(
    waiting: Waiting,
) -> None:
    waiting.settings(word_list="cheap", words_harm="no", newcomer_posts="1")
    waiting.held("Cheap kilns: [look](https://shop.example/)")
    waiting.pass_days(3)
    waiting.tidy()
    assert waiting.posts() == [(3, LINE)]


@ONE_DATABASE
def test_community_decides_how_long_posts_wait(waiting: Waiting) -> None:
    waiting.held()
    waiting.settings(days_to_decide="0")
    waiting.pass_days(400)
    waiting.tidy()
    assert waiting.cases() == [("hold", None, None)]
    waiting.settings(days_to_decide="90")
    waiting.tidy()
    assert waiting.cases()[0][1] == "unreviewed"


def _mute(waiting: Waiting) -> None:
    until = utcnow() + timedelta(days=1)
    waiting.do(waiting.mo, mute_member, waiting.bo.id, reason="Loud.", until=until)


def _move_where_bo_may_not_write(waiting: Waiting) -> None:
    quiet = waiting.make.category("Quiet")
    denial = {"permission": "thread.reply", "effect": "deny", "category_id": quiet.id}
    with waiting.app.test_request_context(), transaction():
        db.session.add(Grant(**denial, role="member"))
    waiting.do(waiting.mo, move_thread, 1, quiet.id)


@ONE_DATABASE
@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda w: w.do(w.mo, lock_thread, 1),
        lambda w: w.do(w.mo, remove_thread, 1, reason="Twice."),
        _mute,
        _move_where_bo_may_not_write,
    ],
)
def test_case_stays_open_where_something_stands_in_the_way(
    waiting: Waiting, meanwhile: Callable[[Waiting], None]
) -> None:
    waiting.held()
    meanwhile(waiting)
    waiting.pass_days(4)
    waiting.tidy()
    waiting.browser(waiting.mo).get("/moderation")
    assert (waiting.posts(), waiting.cases()) == ([(None, None)], [("hold", None, None)])
    waiting.do(waiting.mo, remove_held, 1, reason="Too late.")
    assert waiting.cases() == [("hold", "removed", waiting.mo.id)]


def _suspend(waiting: Waiting) -> None:
    waiting.do(waiting.mo, suspend_member, waiting.bo.id, reason="Loud.")


def _let_bo_leave(waiting: Waiting) -> None:
    actor = waiting.make.actor(waiting.bo)
    with waiting.app.test_request_context():
        close_account(actor, password=waiting.bo.password, empty_posts=False)


@pytest.mark.parametrize(
    "meanwhile", [_mute, _suspend, _let_bo_leave, _move_where_bo_may_not_write]
)
def test_cases_that_the_clock_may_not_decide_cost_the_desk_nothing(
    waiting: Waiting, meanwhile: Callable[[Waiting], None]
) -> None:
    for number in range(12):
        waiting.held(f"SALE of kiln {number}!")
    mo = waiting.browser(waiting.mo)

    def statements() -> list[int]:
        counts = []
        for page in ("/moderation", "/moderation/1"):
            with count_statements(waiting.app) as found:
                assert mo.get(page).status_code == 200
            counts.append(len(found))
        return counts

    fresh = statements()
    waiting.pass_days(4)
    meanwhile(waiting)
    # What the authors may do at this moment is asked once for all.
    assert all(now <= before + 1 for now, before in zip(statements(), fresh, strict=True))
    waiting.tidy()
    assert all(now <= before + 1 for now, before in zip(statements(), fresh, strict=True))
    assert {case[1] for case in waiting.cases()} <= {None, "withdrawn"}


@ONE_DATABASE
def test_post_of_who_left_meanwhile_is_not_published(waiting: Waiting) -> None:
    waiting.held()
    _let_bo_leave(waiting)
    waiting.pass_days(4)
    waiting.tidy()
    assert (waiting.posts(), waiting.cases()) == (
        [(None, None)],
        [("hold", "withdrawn", waiting.bo.id)],
    )
    assert [waiting.clock(case) for case in (1, 99)] == [False, False]


@ONE_DATABASE
def test_whoever_has_the_case_is_not_overtaken_while_they_read(waiting: Waiting) -> None:
    waiting.held()
    waiting.do(waiting.mo, claim_case, 1)
    waiting.pass_days(3)
    waiting.tidy()
    assert waiting.cases() == [("hold", None, None)]
    with waiting.app.test_request_context(), transaction():
        db.session.execute(update(Case).values(claimed_until=utcnow() + timedelta(days=1)))
    waiting.pass_days(0.03)
    waiting.tidy()
    assert waiting.cases()[0][1] == "unreviewed", "no claim keeps the clock for more than that"


def test_two_who_come_at_once_publish_once(waiting: Waiting) -> None:
    waiting.held()
    waiting.pass_days(3)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: waiting.clock(), range(2)))
    assert sorted(made) == [False, True]
    assert (waiting.posts(), waiting.log()) == ([(3, LINE)], [("case.clock", None)])


def test_moderator_who_decides_at_that_moment_reads_that_the_time_is_over(
    waiting: Waiting,
) -> None:
    waiting.held()
    mo = waiting.browser(waiting.mo)
    token = mo.get("/moderation/1").text.split('name="csrf_token"')[1].split('value="')[1]
    sent = {"csrf_token": token.split('"')[0], "decision": "remove", "words": "It sells."}
    waiting.pass_days(3)
    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(mo.post, "/moderation/1", data=sent)
        pool.submit(waiting.clock).result()
    late = answer.result()
    assert (late.status_code, BY_CLOCK in late.text) == (409, True)
    assert words_of(late, "textarea#unsaid") == ["It sells."]
    assert waiting.cases()[0] == ("hold", "unreviewed", None)
    assert waiting.log() == [("case.clock", None)]


@ONE_DATABASE
@pytest.mark.parametrize(
    "decide",
    [
        lambda w: w.do(w.mo, remove_held, 1, reason="It sells."),
        lambda w: w.do(w.mo, claim_case, 1),
        lambda w: w.do(w.bo, withdraw_held, 3),
    ],
)
def test_nobody_decides_what_the_clock_has_decided(
    waiting: Waiting, decide: Callable[[Waiting], None]
) -> None:
    waiting.held()
    waiting.pass_days(3)
    before = everything(waiting.app, less=("member_sessions",))
    with pytest.raises(Exception, match=BY_CLOCK):
        decide(waiting)
    assert everything(waiting.app, less=("member_sessions",)) == before
    assert waiting.clock()


def test_undoing_makes_it_wait_again_and_not_be_published_at_once(waiting: Waiting) -> None:
    waiting.held()
    waiting.pass_days(3)
    waiting.clock()
    waiting.do(waiting.mo, undo, 1)
    waiting.pass_days(9)
    waiting.tidy()
    assert waiting.cases() == [("hold", None, None), ("unreviewed", "withdrawn", None)]
    assert waiting.posts() == [(3, None)]
    mo = waiting.browser(waiting.mo)
    assert words_of(mo.get("/t/1"), "article.removed h2") == ["This post waits for a moderator"]
    assert "If nobody decides, it is published" in mo.get("/moderation/1").text
    assert "If nobody decides, it is published" in waiting.browser(waiting.bo).get("/held/3").text
    assert "A moderator undid that it was published:" in mo.get("/moderation/2").text
    assert words_of(mo.get("/moderation"), ".case .label") == ["held"]
    assert submit(mo, "/moderation/1", form="form.decide", button="Publish").status_code == 303
    assert waiting.posts() == [(3, None)]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("button", "values", "decision", "label", "told"),
    [
        (
            "Nothing wrong: take the line above it away",
            {"words": ""},
            "reviewed",
            None,
            "should be",
        ),
        ("Put a label above it", {"label": "An ad"}, "labelled", "An ad", "put a label"),
        ("Ask for changes", {}, "changes", None, "asks you to change"),
        ("Remove", {}, "removed", None, "has removed your post"),
    ],
)
def test_moderator_looks_afterwards_and_the_line_goes(
    waiting: Waiting, button: str, values: dict[str, str], decision: str, label: str, told: str
) -> None:
    waiting.held()
    waiting.pass_days(3)
    waiting.clock()
    before = everything(waiting.app, less=APART)
    sent = {"words": "Because.", **values}
    mo = waiting.browser(waiting.mo)
    answer = submit(mo, "/moderation/2", form="form.decide", button=button, **sent)
    assert (answer.status_code, answer.location) == (303, "/moderation"), answer.text
    assert "flagged" not in " ".join(words_of(mo.get("/moderation"), ".notices"))
    assert waiting.cases()[1] == ("unreviewed", decision, waiting.mo.id)
    assert waiting.posts() == [(3, label)]
    waiting.worker()
    read = " ".join(words_of(waiting.browser(waiting.bo).get("/notifications"), "ul.rows .about"))
    assert told in read
    waiting.do(waiting.max, undo, 2)
    assert everything(waiting.app, less=APART) == before


def test_worker_that_dies_in_between_has_done_nothing_and_the_next_does_all(
    waiting: Waiting,
) -> None:
    waiting.held()
    waiting.pass_days(3)
    with waiting.app.app_context():
        current_host().register(Dies(), "dies", may_write=True)
    waiting.tidy()
    waiting.browser(waiting.mo).get("/moderation")
    assert (waiting.posts(), waiting.cases()) == ([(None, None)], [("hold", None, None)])
    assert waiting.log() == []
    # The first job is tried again later; another one, or whoever opens the desk, does not wait.
    waiting.tidy()
    assert waiting.posts() == [(3, LINE)]
    with waiting.app.app_context():
        assert len(rows(select(Notification.id).where(Notification.kind == "decision"))) == 1
