"""Undoing a publication undoes nothing of what was done to the post since; it is refused instead, on the
page and in the action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from forum.db import db, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.actions import Posting, reply
from forum.discussion.models import Post, Thread
from forum.errors import Conflict
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation.appeal_actions import appeal, overturn
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.record.actions import undo
from tests.evidence import words_of
from tests.record.scene import Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def newest(scene: Scene, kind: str) -> int:
    """The newest case of a kind."""
    with scene.app.app_context():
        return db.session.scalars(select(func.max(Case.id)).where(Case.kind == kind)).one()


def published(scene: Scene) -> int:
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    return scene.held


def labelled(scene: Scene) -> int:
    scene.by(scene.mo, moderation.publish_held, scene.held, words="It is one.", label="A pitch.")
    return scene.held


def placed(scene: Scene) -> int:
    with scene.app.test_request_context(), transaction():
        case = scene.starting()
    scene.by(
        scene.mo, moderation.publish_elsewhere, case, category_id=scene.kilns.id, words="It fits."
    )
    return case


def by_clock(scene: Scene) -> int:
    case = scene.overdue()
    scene.do(lambda _s, _a: publish_unreviewed(case))
    return case


def state(scene: Scene, case: int) -> dict[str, Any]:
    """The post of a case, and its thread."""
    names = ("removal", "removed_by", "removal_reason", "label", "number")
    with scene.app.app_context():
        post = db.session.get_one(Post, db.session.get_one(Case, case).post_id)
        thread = db.session.get_one(Thread, post.thread_id)
        of_thread = {"answer": thread.answer_number, "category": thread.category_id}
        at = {"thread": thread.id, "pinned": thread.pinned_at}
        return {name: getattr(post, name) for name in names} | of_thread | at


def by_author(scene: Scene, thread: int, number: int) -> None:
    scene.by(scene.bo, curating.remove_post, thread, number)


def by_moderator(scene: Scene, thread: int, number: int) -> None:
    scene.by(scene.mo, curating.remove_post, thread, number, reason="Rude.")


def as_answer(scene: Scene, thread: int, number: int) -> None:
    scene.by(scene.ada, curating.mark_answer, thread, number)


def with_label(scene: Scene, thread: int, number: int) -> None:
    scene.by(scene.ada, flag_post, thread, number, words="It sells.")
    flag = newest(scene, "flag")
    scene.by(scene.mo, flagged.label_flagged, flag, label="A sale.", words="It is one.")


def pinned(scene: Scene, thread: int, number: int) -> None:
    del number
    scene.by(scene.mo, curating.pin_thread, thread)


SINCE = {
    by_author: "removed meanwhile by its author",
    by_moderator: "removed meanwhile by a moderator",
    as_answer: "marked as the answer meanwhile",
    with_label: "labelled meanwhile",
    pinned: "pinned meanwhile",
}
TOGETHER = [
    *((published, since) for since in (by_author, by_moderator, as_answer, with_label)),
    *((placed, since) for since in (by_author, pinned)),
    (labelled, with_label),
    *((by_clock, since) for since in (by_author, with_label)),
    # As above, in other words.
    *(
        pytest.param(publication, since, marks=pytest.mark.full)
        for publication, since in (
            *((placed, by_moderator), (placed, with_label)),
            *((labelled, since) for since in (by_author, by_moderator, as_answer)),
            *((by_clock, by_moderator), (by_clock, as_answer)),
        )
    ),
]


@ONE_DATABASE
@pytest.mark.parametrize(("publication", "since"), TOGETHER)
def test_what_was_done_since_stays_and_is_named(
    scene: Scene, publication: Callable[[Scene], int], since: Callable[[Scene, int, int], None]
) -> None:
    case = publication(scene)
    entry, at = scene.newest, state(scene, case)
    browser, address = scene.factories.signed_in(scene.max), f"/moderation/log/{entry}"
    assert "Undo" in words_of(browser.get(address), "main button")
    since(scene, at["thread"], at["number"])
    before = state(scene, case)
    assert before != at
    page = browser.get(address)
    assert (SINCE[since] in page.text, "Undo" in words_of(page, "main button")) == (True, False)
    with pytest.raises(Conflict, match=SINCE[since]):
        scene.by(scene.max, undo, entry)
    assert state(scene, case) == before


def test_post_of_a_moderator_that_a_colleague_removed_does_not_come_back(scene: Scene) -> None:
    with scene.app.test_request_context(), transaction():
        reply(scene.moderator, 1, text=scene.sale, posting=Posting())
    case = newest(scene, "hold")
    scene.by(scene.max, moderation.publish_held, case, words="Fine.")
    entry, at = scene.newest, state(scene, case)
    scene.by(scene.max, curating.remove_post, at["thread"], at["number"], reason="Rude.")
    with pytest.raises(Conflict, match="removed meanwhile by a moderator"):
        scene.by(scene.mo, undo, entry)
    assert state(scene, case)["removal"] == "moderator"


@ONE_DATABASE
@pytest.mark.parametrize("since", [by_author, by_moderator])
def test_appeal_about_a_place_does_not_bring_back_what_was_removed(
    scene: Scene, since: Callable[[Scene, int, int], None]
) -> None:
    case = placed(scene)
    entry, at = scene.newest, state(scene, case)
    scene.by(scene.bo, appeal, entry, words="It does not fit.")
    since(scene, at["thread"], at["number"])
    before = state(scene, case)
    scene.by(scene.max, overturn, newest(scene, "appeal"), words="Right.")
    assert state(scene, case) == before
    with scene.app.app_context():
        found = db.session.get_one(Case, newest(scene, "appeal"))
    assert found.decision == "overturned"


@ONE_DATABASE
@pytest.mark.parametrize("removal", ["author", "moderator"])
def test_removed_post_whose_case_waits_is_never_published(scene: Scene, removal: str) -> None:
    case = scene.overdue()
    with scene.app.app_context(), transaction():
        post = db.session.get_one(Post, db.session.get_one(Case, case).post_id)
        post.removal, post.removed_at = removal, post.created_at
    scene.do(lambda _s, _a: publish_unreviewed(case))
    with pytest.raises(Conflict, match="removed meanwhile"):
        scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    assert (state(scene, case)["removal"], state(scene, case)["number"]) == (removal, None)


@ONE_DATABASE
def test_publishing_keeps_the_label_that_another_decision_gave(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        db.session.get_one(Post, db.session.get_one(Case, scene.held).post_id).label = "A sale."
    published(scene)
    assert state(scene, scene.held)["label"] == "A sale."


@ONE_DATABASE
def test_pin_that_a_thread_got_where_it_was_moved_is_not_carried_back(scene: Scene) -> None:
    scene.by(scene.mo, curating.move_thread, 1, scene.kilns.id)
    entry = scene.newest
    scene.by(scene.max, curating.pin_thread, 1)
    with pytest.raises(Conflict, match="pinned meanwhile"):
        scene.undo(entry)
    assert scene.thread.category_id == scene.kilns.id
    scene.by(scene.max, curating.unpin_thread, 1)
    scene.undo(entry)
    assert (scene.thread.category_id, scene.thread.pinned_at) == (scene.glazes.id, None)
