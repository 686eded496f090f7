"""From one fixed time to the next: asked, decided, published, refused, lapsed."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from forum.accounts.closing_actions import erase_member
from forum.accounts.models import Member
from forum.accounts.stand_in_queries import is_stand_in
from forum.db import db, rows, transaction, value
from forum.discussion.curating_actions import lock_thread, remove_post
from forum.discussion.models import Post, Revision, Thread
from forum.errors import Conflict, NotFound
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import plan
from forum.moderation.measure_actions import warn_member
from forum.moderation.models import Case
from forum.plugin_api import utcnow
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import (
    actions,
    models,
    opening_actions,
    publishing_actions,
)
from forum_anonymous_questions.keys import key_of
from forum_anonymous_questions.models import FOLLOW_UPS, PERIOD, QUESTIONS, WAITING
from forum_anonymous_questions.queries import SEALED, Claimed, claimed
from forum_anonymous_questions.tests.asking import open_with, words_in
from forum_anonymous_questions.tests.at_fixed_times import (
    approve,
    by_moderator,
    case_of,
    cases,
    fixed_time,
    posts_of_asker,
    published,
    refuse,
    undo_last,
    worked_off,
)
from forum_anonymous_questions.tests.test_asking import ask, dump
from forum_anonymous_questions.time_actions import take_effect

DAY = timedelta(days=1)
TITLES = ("First", "Second", "Third")


def asked(forum: PluginForum, *titles: str) -> list[str]:
    """Questions that moderators can decide about: their claim codes."""
    codes = [ask(forum, title=title) for title in titles]
    fixed_time()
    return codes


def in_a_thread(forum: PluginForum) -> str:
    """The claim code of a question that is published, and has an answer."""
    (code,) = asked(forum, "First")
    approve(forum, "First")
    fixed_time(3 * DAY)
    return code


def test_three_questions_are_asked_approved_and_published_together(begun: PluginForum) -> None:
    codes = asked(begun, *TITLES)
    assert [claimed(code).state for code in codes] == [models.ASKED] * 3
    assert sorted(title for _id, title, _decision in cases()) == sorted(TITLES)
    assert value(select(WAITING.c.id)) is None
    approve(begun, *TITLES)
    assert published() == set()
    fixed_time()
    assert published() == set(TITLES)
    assert [claimed(code).state for code in codes] == [models.PUBLISHED] * 3
    assert claimed(codes[0]).words == (("done", "Good question."),)
    worked_off(begun)
    guest = begun.browser("guest")
    page = guest.get(f"/t/{claimed(codes[0]).thread_id}")
    assert "Asker" in words_in(page, "main")
    assert value(select(Job.name).where(Job.last_error != "")) is None


def test_fewer_than_three_wait_up_to_two_days(begun: PluginForum) -> None:
    asked(begun, "First", "Second")
    approve(begun, "First", "Second")
    fixed_time()
    fixed_time(DAY)
    assert published() == set()
    fixed_time(2 * DAY)
    assert published() == {"First", "Second"}


def test_what_is_undone_before_the_batch_is_not_published(begun: PluginForum) -> None:
    (code,) = asked(begun, "First")
    approve(begun, "First")
    undo_last(begun)
    fixed_time(3 * DAY)
    assert (published(), claimed(code).state) == (set(), models.ASKED)
    approve(begun, "First")
    fixed_time(3 * DAY)
    assert published() == {"First"}
    with pytest.raises(Conflict):
        undo_last(begun)


def test_refused_question_stays_away_until_that_is_undone(begun: PluginForum) -> None:
    (code,) = asked(begun, "First")
    refuse(begun, "First")
    fixed_time()
    found = claimed(code)
    assert (found.state, found.has_ticket_back) == (models.REFUSED, False)
    assert found.words == (("remove", "Say more."),)
    undo_last(begun)
    fixed_time()
    assert claimed(code).state == models.ASKED
    approve(begun, "First")
    fixed_time(3 * DAY)
    assert published() == {"First"}


def test_no_ticket_comes_back_by_withdrawing_what_was_refused(begun: PluginForum) -> None:
    (code,) = asked(begun, "First")
    refuse(begun, "First")
    actions.withdraw(code)
    fixed_time()
    assert claimed(code).state == models.REFUSED


def test_asker_is_asked_for_changes_and_writes_anew(begun: PluginForum) -> None:
    (code,) = asked(begun, "First")
    refuse(begun, "First", asks_for_changes=True)
    fixed_time()
    assert claimed(code).words == (("changes", "Say more."),)
    assert (claimed(code).source, claimed(code).language) == ("Mine is all bubbles.", "")
    actions.clarify(code, source="It is porcelain.")
    fixed_time()
    assert [decision for _id, _title, decision in cases()] == ["changes", None]
    approve(begun, "First")
    fixed_time(3 * DAY)
    post = claimed(code).post_id
    newest = (
        select(Revision.source).where(Revision.post_id == post).order_by(Revision.version.desc())
    )
    assert (published(), value(newest)) == ({"First"}, "It is porcelain.")


def test_what_is_written_anew_after_approval_is_decided_anew(begun: PluginForum) -> None:
    (code,) = asked(begun, "First")
    approve(begun, "First")
    actions.clarify(code, source="Something else entirely.")
    fixed_time(3 * DAY)
    assert (published(), claimed(code).state) == (set(), models.ASKED)


def test_question_that_is_clarified_at_once_comes_with_its_last_words(begun: PluginForum) -> None:
    code = ask(begun, title="First")
    for words in ("One.", "Two.", "Three."):
        actions.clarify(code, source=words)
    fixed_time()
    assert [
        row.source
        for row in rows(select(Revision.source).where(Revision.post_id == claimed(code).post_id))
    ] == ["Three."]


@pytest.mark.parametrize("is_sealed", [True, False])
def test_question_is_taken_back(begun: PluginForum, is_sealed: bool) -> None:
    code = ask(begun, title="First")
    if not is_sealed:
        fixed_time()
    actions.withdraw(code)
    fixed_time(3 * DAY)
    found = claimed(code)
    assert (found.state, found.has_ticket_back) == (models.WITHDRAWN, True)
    assert [decision for _id, _title, decision in cases()] == ([] if is_sealed else ["withdrawn"])


def test_question_lapses_after_a_fortnight_and_administrators_are_told_before(
    begun: PluginForum,
) -> None:
    def letters() -> int:
        jobs = rows(select(Job.arguments).where(Job.name == "mail"))
        return sum(job.arguments["kind"] == "administrators" for job in jobs)

    (code,) = asked(begun, "First")
    fixed_time(2 * DAY)
    assert letters() == 0
    fixed_time(4 * DAY)
    fixed_time(5 * DAY)
    assert letters() == 1
    fixed_time(15 * DAY)
    found = claimed(code)
    assert (found.state, found.has_ticket_back) == (models.LAPSED, True)
    assert [decision for _id, _title, decision in cases()] == ["withdrawn"]


def reply_to(forum: PluginForum, code: str) -> None:
    """Somebody else replies in the thread of this question."""
    forum.make.reply(db.session.get_one(Post, claimed(code).post_id), forum.people["member"])


def test_asker_writes_further_thanks_and_chooses_an_answer(begun: PluginForum) -> None:
    code = in_a_thread(begun)
    thread = claimed(code).thread_id
    assert thread is not None
    reply_to(begun, code)
    actions.clarify(code, source="And at cone ten?")
    actions.thank(code)
    actions.choose_answer(code, 2)
    fixed_time()
    assert value(select(Thread.answer_number).where(Thread.id == thread)) == 2
    assert [number for _title, number in posts_of_asker()] == [1, None, None]
    approve(begun, "First")
    fixed_time(3 * DAY)
    assert sorted(number or 0 for _title, number in posts_of_asker()) == [1, 3, 4]
    sources = rows(
        select(Revision.source)
        .join(Post, Post.id == Revision.post_id)
        .where(Post.thread_id == thread, Post.number > 2)
    )
    assert {row.source for row in sources} == {
        "And at cone ten?",
        "Thank you for your answers. They helped me.",
    }
    assert len(rows(select(FOLLOW_UPS.c.week))) == 2


def thanks() -> int:
    """How often somebody has thanked."""
    said = Revision.source == "Thank you for your answers. They helped me."
    return len(rows(select(Revision.post_id).where(said)))


def test_asker_thanks_once(begun: PluginForum, monkeypatch: pytest.MonkeyPatch) -> None:
    code = in_a_thread(begun)
    reply_to(begun, code)
    assert claimed(code).can_thank
    actions.thank(code)
    fixed_time()
    assert (thanks(), claimed(code).can_thank) == (1, False)
    with pytest.raises(Conflict):
        actions.thank(code)
    fixed_time(3 * DAY)
    assert (claimed(code).can_thank, len(posts_of_asker())) == (False, 2)
    # Nor where it was sealed all the same.
    monkeypatch.setattr(Claimed, "can_thank", True)
    actions.thank(code)
    fixed_time()
    assert thanks() == 1


def test_asker_thanks_nobody_before_somebody_else_has_replied(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = in_a_thread(begun)
    actions.clarify(code, source="And at cone ten?")
    fixed_time()
    approve(begun, "First")
    fixed_time(3 * DAY)
    assert sorted(number or 0 for _title, number in posts_of_asker()) == [1, 2]
    assert not claimed(code).can_thank
    page = words_in(open_with(begun.app.test_client(), code), "main")
    assert ("Read the thread" in page, "Thank" in page) == (True, False)
    with pytest.raises(Conflict):
        actions.thank(code)
    with monkeypatch.context() as forced:
        forced.setattr(Claimed, "can_thank", True)
        actions.thank(code)
    fixed_time()
    assert thanks() == 0
    reply_to(begun, code)
    assert claimed(code).can_thank


def test_reply_that_is_gone_by_the_fixed_time_is_not_thanked_for(begun: PluginForum) -> None:
    code = in_a_thread(begun)
    reply_to(begun, code)
    actions.thank(code)
    by_moderator(begun, remove_post, claimed(code).thread_id, 2, reason="Not nice.")
    fixed_time()
    assert (thanks(), claimed(code).can_thank) == (0, False)


def test_what_the_thread_does_not_take_waits(begun: PluginForum) -> None:
    code = in_a_thread(begun)
    thread = claimed(code).thread_id
    actions.clarify(code, source="And at cone ten?")
    fixed_time()
    approve(begun, "First")
    by_moderator(begun, lock_thread, thread)
    fixed_time(3 * DAY)
    assert [number for _title, number in posts_of_asker()] == [1, None]


def test_all_is_by_one_who_stands_in_and_moderators_see_no_history(begun: PluginForum) -> None:
    asked(begun, "First", "Second")
    asker = value(select(PERIOD.c.asker_id))
    assert is_stand_in(asker)
    assert not is_stand_in(begun.people["member"].id)
    page = begun.browser("moderator").get(f"/moderation/{case_of('First')}")
    said = words_in(page, "main")
    assert "Approve for the next batch" in said
    assert "It was read, and will be published with the next ones." in said
    assert "nothing left to do" not in said
    assert "here since" not in said
    assert "Its author" not in said


def test_nothing_is_lost_where_the_plugin_was_off(begun: PluginForum) -> None:
    (code,) = asked(begun, "First")
    with transaction():
        db.session.execute(update(Case).values(closed_at=utcnow(), decision="nothing"))
    fixed_time()
    assert [decision for _id, _title, decision in cases()] == ["nothing", None]
    assert claimed(code).state == models.ASKED


def test_order_of_arrival_does_not_show(begun: PluginForum) -> None:
    first = 0
    titles = [f"Number {n}" for n in range(6)]
    for _ in range(8):
        for title in titles:
            ask(begun, title=title)
        fixed_time()
        newest = [title for _id, title, _decision in cases()][-6:]
        first += newest == titles
    assert first < 3


def test_reader_of_a_code_that_was_never_given_finds_nothing(begun: PluginForum) -> None:
    asked(begun, "First")
    with pytest.raises(NotFound):
        claimed("abacus " * 9 + "abdomen")
    assert len(rows(select(QUESTIONS.c.id))) == 1


def test_worker_does_it_at_the_time_and_forgets_by_itself(begun: PluginForum) -> None:
    code = ask(begun)
    former = value(select(PERIOD.c.key_id))
    with transaction():
        enqueue("anonymous-questions.times")
    worked_off(begun)
    assert claimed(code).state == models.ASKED
    assert key_of(former) is None
    assert value(select(Job.name).where(Job.last_error != "")) is None
    # The next one is promised.
    assert value(select(Job.name)) == "anonymous-questions.times"


def test_words_that_were_taken_out_are_nowhere(begun: PluginForum) -> None:
    code = ask(begun, title="First", source="I am the one with the blue kiln.")
    fixed_time()
    actions.clarify(code, source="What of kilns?")
    number = case_of("First")
    fixed_time()
    # Whoever has the page of the words before cannot decide about these.
    assert case_of("First") > number
    assert "blue kiln" not in repr(dump())


def test_one_that_breaks_keeps_no_other_from_being_done(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = ask(begun, title="Bad"), ask(begun, title="Good")
    start = opening_actions.start_waiting

    def broken(*of: Any, **options: Any) -> Any:
        if options["title"] == "Bad":
            db.session.execute(insert(WAITING).values(id=None, sealed=None))
        return start(*of, **options)

    monkeypatch.setattr(opening_actions, "start_waiting", broken)
    fixed_time()
    assert claimed(good).state == models.ASKED
    # Its ticket comes back.
    assert (claimed(bad).state, claimed(bad).has_ticket_back) == (models.LAPSED, True)


def test_crash_within_changes_nothing_and_the_next_try_does_it(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ask(begun)
    with monkeypatch.context() as broken:
        broken.setattr(publishing_actions, "tell_of_undecided", _crash)
        with pytest.raises(RuntimeError):
            fixed_time()
    assert (claimed(code).state, cases()) == (SEALED, [])
    fixed_time()
    assert claimed(code).state == models.ASKED


def _crash(_now: object) -> None:
    raise RuntimeError


def test_two_workers_at_one_time_do_it_once(begun: PluginForum) -> None:
    codes = [ask(begun, title=title) for title in TITLES]
    together = threading.Barrier(2)

    def work() -> None:
        with begun.app.app_context():
            together.wait()
            take_effect(utcnow())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(cases()) == 3
    assert [claimed(code).state for code in codes] == [models.ASKED] * 3


def test_after_an_erased_stand_in_there_is_another(begun: PluginForum) -> None:
    asked(begun, "First")
    first = value(select(PERIOD.c.asker_id))
    with transaction():
        db.session.execute(update(Member).where(Member.id == first).values(closed_at=utcnow()))
    codes = asked(begun, "Second")
    assert value(select(PERIOD.c.asker_id)) != first
    assert claimed(codes[0]).state == models.ASKED
    fixed_time(15 * DAY)
    assert claimed(codes[0]).state == models.LAPSED


def test_purged_plugin_leaves_what_is_published(begun: PluginForum) -> None:
    code = in_a_thread(begun)
    thread = claimed(code).thread_id
    begun.disable()
    with begun.app.test_request_context():
        assert begun.browser("guest").get(f"/t/{thread}").status_code == 200
    begun.purge()
    page = begun.browser("guest").get(f"/t/{thread}")
    assert "Asker" in words_in(page, "main")


@pytest.mark.parametrize("was_restored", [False, True])
def test_period_begins_by_itself_where_there_is_none(
    forum: PluginForum, was_restored: bool
) -> None:
    with forum.app.test_request_context():
        if was_restored:
            with transaction():
                db.session.execute(insert(PERIOD).values(id=1, key_id="0" * 32))
        page = words_in(forum.browser("member").get("/ask/write"), "main")
        assert "Nothing can be sent just now" in page
        plan(forum.app)
        worked_off(forum)
        page = words_in(forum.browser("member").get("/ask/write"), "main")
        assert "Nothing can be sent just now" not in page
        # An archive comes into a forum without members, so nobody stands in for askers before one asked.
        assert value(select(PERIOD.c.asker_id)) is None
        code, key_id = ask(forum), value(select(PERIOD.c.key_id))
        with transaction():
            enqueue("anonymous-questions.begin")
        worked_off(forum)
        # Where there is one, nothing happens.
        assert (claimed(code).state, value(select(PERIOD.c.key_id))) == (SEALED, key_id)


def test_stand_in_is_no_member(begun: PluginForum) -> None:
    code = in_a_thread(begun)
    asker = value(select(PERIOD.c.asker_id))
    for address in ("/members/{}", "/members/{}/feed.atom", "/moderation/members/{}"):
        assert begun.browser("moderator").get(address.format(asker)).status_code == 404
    admin = begun.make.actor(begun.people["admin"])
    for act in (
        lambda: erase_member(admin, asker, empty_posts=True),
        lambda: warn_member(admin, asker, reason="Why?"),
    ):
        with pytest.raises(Conflict), transaction():
            act()
    assert "stands in for others" in begun.browser("admin").get(f"/admin/members/{asker}").text
    assert claimed(code).state == models.PUBLISHED
