"""Levels of trust: reached by what members do, lost again, at once, and told why."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.group_actions import add_member, add_pasted, delete_group, remove_member
from forum.accounts.models import GroupMember, Measure, Member, TrustStep
from forum.accounts.trust_rules import Deeds, Missing, Thresholds, missing_for
from forum.admin.level_actions import add_level, change_level, remove_level
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.community.models import Change
from forum.db import db, transaction
from forum.discussion.curating_actions import (
    mark_answer,
    remove_post,
    remove_thread,
    restore_post,
    unmark_answer,
)
from forum.discussion.models import Post
from forum.discussion.trust_actions import settle_levels, settle_levels_alone
from forum.discussion.trust_queries import WouldChange, deeds_of, with_thresholds
from forum.errors import Invalid
from forum.jobs.models import Job
from forum.moderation.measure_actions import lift_measure, mute_member
from forum.permissions import OPERATOR
from forum.record.actions import undo
from forum.testing.application import count_statements
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import form_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Worker = Callable[[], None]


class Kiln:
    """A community with a level that asks for two posts, and a thread of Bo's to reply in."""

    def __init__(self, app: Flask, factories: Factories, worker: Worker) -> None:
        self.app, self.make, self.work = app, factories, worker
        self.olga = factories.community()
        self.mo = factories.member("Mo", role="moderator")
        self.ada, self.bo = factories.member("Ada"), factories.member("Bo")
        self.thread = factories.thread(self.bo)
        worker()
        self.level = self.add("Regulars", Thresholds(posts=2))

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self.app.test_request_context(), transaction():
            yield

    def add(self, name: str, asked: Thresholds) -> int:
        with self.writing():
            return add_level(self.make.actor(self.olga), name, asked)

    def posts(self, number: int = 2, author: Person | None = None) -> list[Post]:
        made = [self.make.reply(self.thread, author or self.ada) for _ in range(number)]
        self.work()
        return made

    def remove(self, post: Post) -> int:
        assert post.number is not None
        with self.writing():
            entry = remove_post(
                self.make.actor(self.mo), post.thread_id, post.number, reason="Off topic."
            )
        assert entry is not None
        return entry

    def mute(self, days: int = 1) -> int:
        with self.writing():
            until = utcnow() + timedelta(days=days)
            return mute_member(
                self.make.actor(self.mo), self.ada.id, reason="Too loud.", until=until
            )

    def holders(self, level: int | None = None) -> list[int]:
        held = select(GroupMember.member_id).where(GroupMember.group_id == (level or self.level))
        with self.app.app_context():
            return sorted(db.session.scalars(held))

    def has(self, person: Person | None = None) -> bool:
        return (person or self.ada).id in self.holders()

    def steps(self, person: Person | None = None) -> list[tuple[bool, str]]:
        theirs = TrustStep.member_id == (person or self.ada).id
        steps = select(TrustStep.is_reached, TrustStep.because).where(theirs)
        with self.app.app_context():
            found = db.session.execute(steps.order_by(TrustStep.id))
            return [(bool(reached), because) for reached, because in found]


@pytest.fixture
def kiln(app: Flask, factories: Factories, worker: Worker) -> Kiln:
    """A community with one level."""
    return Kiln(app, factories, worker)


def test_what_is_missing_is_named_one_by_one() -> None:
    asked = Thresholds(days=30, posts=10, answers=2, most_removed=1)
    assert missing_for(asked, Deeds(29, 10, 0, removed=2, is_barred=True)) == (
        Missing("days", 1),
        Missing("answers", 2),
        Missing("removed", 2, 1),
        Missing("barred"),
    )
    assert missing_for(asked, Deeds(30, 10, 2, removed=1)) == ()


def test_member_reaches_a_level_by_posts_and_loses_it_when_moderators_remove_one(
    kiln: Kiln,
) -> None:
    kiln.posts(1)
    assert kiln.has() is False
    [second] = kiln.posts(1)
    assert kiln.has() is True
    entry = kiln.remove(second)
    # Without the worker: it holds with their next page.
    assert kiln.has() is False
    assert kiln.steps() == [(True, ""), (False, "posts removed")]
    with kiln.writing():
        undo(kiln.make.actor(kiln.mo), entry)
    assert kiln.has() is True
    kiln.work()
    assert kiln.steps() == [(True, ""), (False, "posts removed"), (True, "")]


def test_right_of_a_level_holds_and_ends_at_once_in_an_open_session(kiln: Kiln) -> None:
    theirs = str(kiln.level)
    audiences = Audiences(see=theirs, start=theirs, reply=theirs, curate=theirs)
    kiln.make.category("Secrets of the kiln", audiences=audiences)
    browser = kiln.make.signed_in(kiln.ada)
    assert "Secrets of the kiln" not in browser.get("/").text
    kiln.posts()
    assert "Secrets of the kiln" in browser.get("/").text
    page = browser.get("/account/rights")
    assert words_of(page, "main li li") == [
        "Read the threads of Secrets of the kiln",
        "Start threads in Secrets of the kiln",
        "Reply in Secrets of the kiln",
        "Change one's own posts in Secrets of the kiln",
        "Curate Secrets of the kiln: lock, pin, move and remove threads, and remove posts",
    ]
    kiln.mute()
    assert "Secrets of the kiln" not in browser.get("/").text
    assert "Secrets of the kiln" not in browser.get("/account/rights").text


@ONE_DATABASE
def test_deed_that_nobody_hears_of_leaves_the_level(
    kiln: Kiln, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the tests around this one prove, they would miss.
    monkeypatch.setattr("forum.discussion.trust_listeners.settle_after_deed", lambda _member: None)
    kiln.posts()
    kiln.mute()
    assert kiln.has() is True


def test_mute_takes_the_level_until_it_is_lifted_or_over(
    kiln: Kiln, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiln.posts()
    kiln.mute()
    assert (kiln.has(), kiln.steps()[-1]) == (False, (False, "barred"))
    kiln.work()
    assert kiln.has() is False
    with kiln.app.app_context():
        waits = db.session.scalars(select(Job.run_at).where(Job.name == "trust.settle")).all()
    # The worker comes back when it is over.
    assert [moment > utcnow() + timedelta(hours=23) for moment in waits] == [True]
    with kiln.writing():
        db.session.execute(update(Job).values(run_at=utcnow()))
    later = utcnow() + timedelta(days=2)
    for module in ("discussion.trust_queries", "accounts.measure_queries", "jobs.worker"):
        monkeypatch.setattr(f"forum.{module}.utcnow", lambda: later)
    kiln.work()
    assert kiln.has() is True


def test_lifting_a_mute_gives_the_level_back_at_once(kiln: Kiln) -> None:
    kiln.posts()
    kiln.mute()
    with kiln.writing():
        measure = db.session.scalars(select(Measure.id)).one()
        lift_measure(kiln.make.actor(kiln.mo), kiln.ada.id, measure)
    assert kiln.has() is True


def test_days_pass_by_the_clock_alone(kiln: Kiln) -> None:
    level = kiln.add("Settled", Thresholds(days=30))
    assert kiln.holders(level) == []
    with kiln.writing():
        long_ago = utcnow() - timedelta(days=30, minutes=1)
        db.session.execute(
            update(Member).where(Member.id == kiln.ada.id).values(created_at=long_ago)
        )
        settle_levels_alone()
    assert kiln.holders(level) == [kiln.ada.id]


def test_removed_posts_count_for_ninety_days(kiln: Kiln) -> None:
    first, *_ = kiln.posts(3)
    kiln.remove(first)
    assert kiln.has() is False
    with kiln.writing():
        long_ago = utcnow() - timedelta(days=90, minutes=1)
        db.session.execute(update(Post).where(Post.id == first.id).values(removed_at=long_ago))
        settle_levels_alone()
    assert kiln.has() is True


def test_own_post_taken_back_is_no_fault_but_counts_no_more(kiln: Kiln) -> None:
    first, _ = kiln.posts()
    ada = kiln.make.actor(kiln.ada)
    assert first.number is not None
    with kiln.writing():
        remove_post(ada, first.thread_id, first.number)
    kiln.work()
    assert (kiln.has(), kiln.steps()[-1]) == (False, (False, "posts"))
    with kiln.writing():
        restore_post(ada, first.thread_id, first.number)
    kiln.work()
    assert kiln.has() is True


def test_only_answers_to_others_count(kiln: Kiln) -> None:
    level = kiln.add("Helpers", Thresholds(answers=1))
    own = kiln.make.thread(kiln.ada)
    reply = kiln.make.reply(own, kiln.ada)
    bo, ada = kiln.make.actor(kiln.bo), kiln.make.actor(kiln.ada)
    with kiln.writing():
        mark_answer(ada, own.thread_id, reply.number or 0)
    kiln.work()
    assert kiln.holders(level) == []
    [answer, other] = [*kiln.posts(1), *kiln.posts(1, kiln.mo)]
    with kiln.writing():
        mark_answer(bo, answer.thread_id, answer.number or 0)
    kiln.work()
    assert kiln.holders(level) == [kiln.ada.id]
    # Another answer instead: one has helped now, the other not any more.
    with kiln.writing():
        mark_answer(bo, other.thread_id, other.number or 0)
    kiln.work()
    assert kiln.holders(level) == [kiln.mo.id]
    with kiln.writing():
        unmark_answer(bo, other.thread_id, other.number or 0)
    kiln.work()
    assert kiln.holders(level) == []


def test_whole_thread_that_moderators_remove_counts_for_who_started_it(kiln: Kiln) -> None:
    kiln.posts()
    spam = kiln.make.thread(kiln.ada, title="Buy my pots")
    with kiln.writing():
        remove_thread(kiln.make.actor(kiln.mo), spam.thread_id, reason="It sells.")
    assert (kiln.has(), kiln.steps()[-1]) == (False, (False, "removed"))


def test_doing_it_again_and_by_whomever_gives_the_same(kiln: Kiln) -> None:
    kiln.posts()
    before = kiln.holders(), kiln.steps()
    with kiln.writing():
        settle_levels_alone()
        settle_levels_alone([kiln.ada.id, kiln.bo.id])
    assert (kiln.holders(), kiln.steps()) == before
    # A row that should not be there goes, and one that is missing comes.
    with kiln.writing():
        db.session.execute(
            update(GroupMember)
            .where(GroupMember.group_id == kiln.level)
            .values(member_id=kiln.bo.id)
        )
        settle_levels_alone()
    assert kiln.holders() == [kiln.ada.id]


def test_nobody_puts_anybody_into_a_level_by_hand(kiln: Kiln) -> None:
    kiln.posts()
    olga = kiln.make.actor(kiln.olga)
    for attempt in (
        lambda: add_member(olga, kiln.level, kiln.bo.id),
        lambda: add_pasted(olga, kiln.level, kiln.bo.email),
        lambda: remove_member(olga, kiln.level, kiln.ada.id),
        lambda: delete_group(olga, kiln.level),
    ):
        with pytest.raises(Invalid, match="The forum itself keeps this group"), kiln.writing():
            attempt()
    assert kiln.holders() == [kiln.ada.id]
    browser = kiln.make.signed_in(kiln.olga)
    page = browser.get(f"/admin/members/{kiln.ada.id}")
    assert ("a level of trust, kept by the forum" in page.text, "take out" in page.text) == (
        True,
        False,
    )
    answer = submit(browser, f"/admin/groups/{kiln.level}/join", members=kiln.bo.email)
    assert (answer.status_code, "The forum itself keeps" in answer.text) == (422, True)


def test_administrator_sees_first_who_gains_and_loses_and_it_is_noted(kiln: Kiln) -> None:
    kiln.posts()
    browser = kiln.make.signed_in(kiln.olga)
    here = f"/admin/levels/{kiln.level}"
    shown = submit(browser, here, button="See who would gain and lose it", posts="1")
    assert words_of(shown, "#found p")[0] == (
        "1 member gains it. 0 members lose it. They are told on the site."
    )
    assert kiln.holders() == [kiln.ada.id]
    submit(browser, here, button="Save", posts="3")
    assert (kiln.holders(), kiln.steps()[-1]) == ([], (False, "changed"))
    with kiln.app.app_context():
        kinds = db.session.scalars(select(Change.kind).order_by(Change.id.desc()).limit(1)).all()
    assert kinds == ["level.change"]
    told = browser.get("/admin/changes")
    assert "level of trust changed" in told.text


def test_level_is_made_and_removed_with_its_group(kiln: Kiln) -> None:
    browser = kiln.make.signed_in(kiln.olga)
    made = submit(
        browser, "/admin/levels/new", button="Save", name="Everybody", days="0", most_removed="5"
    )
    assert (made.status_code, made.location) == (303, "/admin/levels")
    assert words_of(browser.get("/admin/levels"), "tbody th") == ["Everybody", "Regulars"]
    removed = submit(browser, f"/admin/levels/{kiln.level}/remove", button="Remove it")
    assert removed.status_code == 303
    assert browser.get(f"/admin/groups/{kiln.level}").status_code == 404


@ONE_DATABASE
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("days", "-1", "Enter a number from 0 to 3650."),
        ("posts", "many", "Not a valid integer value."),
        ("answers", "", "Enter a number from 0 to 100000."),
        ("name", " ", "Give the group a name of up to 80 characters."),
        ("name", "Regulars", "There is a group of this name."),
    ],
)
def test_level_that_cannot_be_is_named_and_nothing_typed_is_lost(
    kiln: Kiln, field: str, value: str, said: str
) -> None:
    browser = kiln.make.signed_in(kiln.olga)
    typed = {"name": "Old hands", "days": "7", "posts": "4", "answers": "0"} | {field: value}
    answer = submit(browser, "/admin/levels/new", button="Save", **typed)
    assert (
        answer.status_code,
        said in answer.text,
        'value="7"' in answer.text or field == "days",
    ) == (
        422,
        True,
        True,
    )


@ONE_DATABASE
def test_of_two_administrators_the_second_reads_what_the_first_made(kiln: Kiln) -> None:
    browser = kiln.make.signed_in(kiln.olga)
    here = f"/admin/levels/{kiln.level}"
    form = fields_of(form_of(browser.get(here)))
    with kiln.writing():
        change_level(OPERATOR, kiln.level, name="Regulars", asked=Thresholds(posts=7))
    answer = browser.post(here, data={**form, "posts": "4", "action": "save"})
    assert (answer.status_code, "Now it is “7”." in answer.text) == (409, True)


def test_member_reads_what_is_missing_and_why_it_was_lost(kiln: Kiln) -> None:
    browser = kiln.make.signed_in(kiln.ada)
    assert "2 more posts" in words_of(browser.get("/account/rights"), "main li li")
    posts = kiln.posts()
    told = browser.get("/notifications")
    assert "You have reached the level “Regulars”" in words_of(told, "main h3")
    kiln.remove(posts[0])
    page = browser.get("/account/rights")
    assert words_of(page, "main li li") == [
        "Fewer posts are there than the level asks for.",
        "Moderators removed more posts within 90 days than the level allows.",
        "1 more post",
        "Moderators removed 1 post in the last 90 days; at most 0 may be.",
    ]
    assert len(words_of(browser.get("/notifications"), "li.unread")) == 2
    submit(browser, "/notifications", button="Mark all as seen")
    assert words_of(browser.get("/notifications"), "li.unread") == []


def test_moderators_see_it_and_other_members_do_not(kiln: Kiln) -> None:
    kiln.posts()
    page = kiln.make.signed_in(kiln.mo).get(f"/moderation/members/{kiln.ada.id}")
    assert "Regulars" in words_of(page, "main h3")
    for who in (kiln.bo, kiln.mo):
        assert "Regulars" not in kiln.make.signed_in(who).get(f"/members/{kiln.ada.id}").text
    assert "Regulars" not in kiln.make.signed_in(kiln.bo).get(f"/t/{kiln.thread.thread_id}").text


def test_leaving_forgets_it_and_the_file_of_all_data_has_it(kiln: Kiln) -> None:
    kiln.posts()
    browser = kiln.make.signed_in(kiln.ada)
    answer = submit(browser, "/account/data", button="Download my data", password=PASSWORD)
    with answer, zipfile.ZipFile(io.BytesIO(answer.data)) as taken:
        [row] = json.loads(taken.read("accounts/levels.json"))
    assert (row["level"], row["is_reached"]) == ("Regulars", True)
    ada = kiln.make.actor(kiln.ada)
    with kiln.app.test_request_context():
        close_account(ada, password=PASSWORD, empty_posts=False)
    assert (kiln.steps(), kiln.holders()) == ([], [])
    with kiln.writing():
        settle_levels_alone()
    assert (kiln.steps(), kiln.holders()) == ([], [])


def test_preview_counts_and_removing_a_level_tells_nobody(kiln: Kiln) -> None:
    kiln.posts()
    with kiln.app.app_context():
        assert with_thresholds(Thresholds(posts=1), kiln.level) == WouldChange(1, 0, 2)
        assert with_thresholds(Thresholds(posts=9), kiln.level) == WouldChange(0, 1, 0)
        assert with_thresholds(Thresholds(posts=1)) == WouldChange(2, 0, 2)
    with kiln.writing():
        remove_level(kiln.make.actor(kiln.olga), kiln.level)
    assert kiln.steps() == []


@ONE_DATABASE
def test_many_members_cost_as_many_statements_as_few(kiln: Kiln) -> None:
    def settled() -> int:
        with kiln.writing():
            with count_statements(kiln.app) as statements:
                settle_levels_alone()
            return len(statements)

    kiln.posts(2)
    few = settled()
    with kiln.writing():
        db.session.execute(update(Member).values(created_at=utcnow() - timedelta(days=400)))
    for number in range(5):
        kiln.posts(2, kiln.make.member(f"Member {number}"))
    many = settled()
    assert (few, many) == (few, few)
    with kiln.app.app_context():
        assert len(deeds_of()) == db.session.scalar(select(func.count()).select_from(Member))


def test_whoever_settles_at_the_same_moment_makes_it_once(kiln: Kiln) -> None:
    for number in range(3):
        kiln.make.reply(kiln.thread, kiln.make.member(f"Member {number}"))
    with kiln.writing():
        change_level(OPERATOR, kiln.level, name="Regulars", asked=Thresholds(posts=1, days=0))
    before = kiln.holders()
    with kiln.writing():
        db.session.execute(delete(GroupMember).where(GroupMember.group_id == kiln.level))
        db.session.execute(delete(TrustStep))

    def settle(alone: bool) -> None:
        with kiln.writing():
            settle_levels_alone() if alone else settle_levels()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(settle, [True, False, True, False]))
    with kiln.app.app_context():
        told = db.session.scalars(select(TrustStep.member_id).order_by(TrustStep.member_id)).all()
    assert (kiln.holders(), told) == (before, before)
    assert len(before) == 4
