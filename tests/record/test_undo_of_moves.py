"""Undoing a split, a merge or the removal of a thread after others did something there, and the marks that
put threads first in lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from forum.community.setting_actions import change_settings
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion.deed_actions import MOST_FEATURED
from forum.discussion.models import MovedNumber, Post, Thread
from forum.discussion.settings import PINNED
from forum.errors import Conflict
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation.flag_actions import flag_post
from forum.permissions import OPERATOR
from tests.evidence import words_of
from tests.record.scene import Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
GIVEN: dict[str, tuple[str, Callable[[Scene, int], None]]] = {
    "it is pinned": ("Pinned since", lambda s, n: s.by(s.max, curating.pin_thread, n)),
    "it is featured": ("Featured since", lambda s, n: s.by(s.max, curating.feature_thread, n)),
    "it is locked": ("Locked since", lambda s, n: s.by(s.max, curating.lock_thread, n)),
    "it is slow": (
        "Minutes between posts of a member", lambda s, n: s.by(s.max, curating.slow_thread, n, 5)
    ),
    "its starter marked an answer": (
        "Number of the answer", lambda s, n: s.by(s.bo, curating.mark_answer, n, 2)
    ),
}  # fmt: skip


def split(scene: Scene) -> tuple[int, int]:
    """Mo makes a new thread of Bo's posts: the entry and the thread."""
    title, category = "Split off", scene.glazes.id
    scene.by(scene.mo, moving.split_thread, 1, [2, 3], title=title, category_id=category)
    return scene.newest, scene.newest_thread


@pytest.mark.parametrize("what", list(GIVEN))
@ONE_DATABASE
def test_what_a_new_thread_was_given_is_shown_and_its_split_not_undone(
    scene: Scene, what: str
) -> None:
    field, give = GIVEN[what]
    entry, made = split(scene)
    mo = scene.factories.signed_in(scene.mo)
    address = f"/moderation/log/{entry}"
    assert "Undo" in words_of(mo.get(address), "main button")
    give(scene, made)
    page = mo.get(address)
    assert f"Thread: {field}" in words_of(page, "tbody th")
    assert words_of(page, "main button") == []
    with pytest.raises(Conflict, match="changed since"):
        scene.undo(entry)


@ONE_DATABASE
def test_a_split_is_undone_once_what_its_thread_was_given_is_taken_back(scene: Scene) -> None:
    before = scene.state()
    entry, made = split(scene)
    for action in (curating.pin_thread, curating.feature_thread):
        scene.by(scene.mo, action, made)
    scene.by(scene.bo, curating.mark_answer, made, 2)
    scene.by(scene.mo, curating.unpin_thread, made)
    scene.by(scene.mo, curating.unfeature_thread, made)
    scene.by(scene.bo, curating.unmark_answer, made, 2)
    scene.undo(entry)
    assert scene.state() == before


def test_an_answer_that_went_along_comes_back(scene: Scene) -> None:
    scene.by(scene.ada, curating.mark_answer, 1, 3)
    before = scene.state()
    entry, made = split(scene)
    with scene.app.app_context():
        assert db.session.get_one(Thread, made).answer_number == 2
    scene.undo(entry)
    assert scene.state() == before
    with scene.app.app_context():
        assert db.session.get_one(Thread, made).answer_number is None


def featured(scene: Scene) -> list[int]:
    """The threads that readers find on the front page."""
    there = Thread.featured_at.is_not(None), Thread.removed_at.is_(None)
    with scene.app.app_context():
        return sorted(db.session.scalars(select(Thread.id).where(*there)))


def others(scene: Scene, count: int) -> list[int]:
    """So many new threads."""
    made = [scene.factories.thread(scene.ada, scene.glazes) for _number in range(count)]
    return [post.thread_id for post in made]


@ONE_DATABASE
def test_a_thread_comes_back_without_a_place_that_others_took(scene: Scene) -> None:
    with scene.app.test_request_context(), transaction():
        change_settings(OPERATOR, {PINNED.name: "1"})
    for action in (curating.pin_thread, curating.feature_thread):
        scene.by(scene.mo, action, 1)
    scene.by(scene.mo, curating.remove_thread, 1, reason="Twice.")
    removal = scene.newest
    made = others(scene, MOST_FEATURED)
    scene.by(scene.mo, curating.pin_thread, made[0])
    for thread in made:
        scene.by(scene.mo, curating.feature_thread, thread)
    # Undoing puts back exactly what was there, or nothing.
    with pytest.raises(Conflict, match="Unpin one of them first"):
        scene.undo(removal)
    scene.by(scene.mo, curating.unpin_thread, made[0])
    with pytest.raises(Conflict, match="from the front page"):
        scene.undo(removal)
    scene.by(scene.mo, curating.pin_thread, made[0])
    question = " ".join(words_of(scene.factories.signed_in(scene.mo).get("/t/1/restore"), "main"))
    assert "It comes back unpinned" in question
    assert "does not come back to the front page" in question
    scene.by(scene.mo, curating.restore_thread, 1)
    thread = scene.thread
    assert (thread.removed_at, thread.pinned_at, thread.featured_at) == (None, None, None)
    assert featured(scene) == made
    scene.undo(scene.newest)
    assert (scene.thread.removed_at, scene.thread.featured_at) != (None, None)


@ONE_DATABASE
def test_where_there_is_room_a_thread_comes_back_as_it_was(scene: Scene) -> None:
    for action in (curating.pin_thread, curating.feature_thread):
        scene.by(scene.mo, action, 1)
    mo = scene.factories.signed_in(scene.mo)
    mo.get("/")
    before = scene.state()
    scene.by(scene.mo, curating.remove_thread, 1, reason="Twice.")
    assert "back" not in " ".join(words_of(mo.get("/t/1/restore"), ".consequences"))
    scene.by(scene.mo, curating.restore_thread, 1)
    assert scene.state() == before


def test_a_merged_thread_does_not_come_back_to_a_full_front_page(scene: Scene) -> None:
    scene.by(scene.mo, curating.feature_thread, 1)
    scene.by(scene.mo, moving.merge_thread, 1, into=scene.kiln)
    merge = scene.newest
    made = others(scene, MOST_FEATURED)
    for thread in made:
        scene.by(scene.mo, curating.feature_thread, thread)
    with pytest.raises(Conflict, match="from the front page"):
        scene.undo(merge)
    scene.by(scene.mo, curating.unfeature_thread, made[0])
    scene.undo(merge)
    assert featured(scene) == sorted([1, *made[1:]])


@ONE_DATABASE
def test_a_thread_that_a_decision_moves_is_not_pinned_there(scene: Scene) -> None:
    scene.by(scene.mo, curating.pin_thread, 1)
    scene.by(scene.ada, flag_post, 1, 3, words="It is about kilns.")
    before = scene.state()
    case = scene.newest_case
    scene.by(scene.mo, flagged.move_flagged, case, category_id=scene.kilns.id, words="It is.")
    assert (scene.thread.category_id, scene.thread.pinned_at) == (scene.kilns.id, None)
    scene.undo(scene.newest)
    assert scene.state() == before


def numbers(scene: Scene, thread_id: int) -> list[int]:
    """The numbers of a thread's posts."""
    there = Post.thread_id == thread_id, Post.number.is_not(None)
    with scene.app.app_context():
        return list(db.session.scalars(select(Post.number).where(*there).order_by(Post.number)))


def last_number(scene: Scene, thread_id: int) -> int:
    """What the thread says of it."""
    with scene.app.app_context():
        return db.session.get_one(Thread, thread_id).last_number


def test_what_was_published_after_a_merge_goes_back_with_the_next_number(scene: Scene) -> None:
    for number in range(4):
        scene.factories.reply(scene.shown, scene.bo, source=f"Words {number}.")
    into = scene.shown.thread_id
    scene.by(scene.mo, moving.merge_thread, 1, into=into)
    merge = scene.newest
    # The later one is published first.
    for case in (scene.other, scene.held):
        scene.by(scene.max, moderation.publish_held, case, words="Fine.")
    assert numbers(scene, into) == list(range(1, 11))
    mo = scene.factories.signed_in(scene.mo)
    assert "2 posts that waited then were published since" in " ".join(
        words_of(mo.get(f"/moderation/log/{merge}"), "main")
    )
    scene.undo(merge)
    assert (numbers(scene, 1), last_number(scene, 1)) == ([1, 2, 3, 4, 5], 5)
    assert (numbers(scene, into), last_number(scene, into)) == ([1, 2, 3, 4, 5], 5)
    guest = scene.app.test_client()
    assert [guest.get(f"/t/{into}/{n}").location for n in (9, 10)] == ["/t/1#p4", "/t/1#p5"]
    with scene.app.app_context():
        words = dict(rows(select(Post.number, Post.excerpt).where(Post.thread_id == 1)))
        lines = db.session.scalars(select(MovedNumber.is_line)).all()
    assert (words[4], words[5], any(lines)) == ("SALE of clay!", "SALE of kilns!", False)
    assert scene.factories.reply(scene.first, scene.bo, source="Next.").number == 6
    assert scene.factories.reply(scene.shown, scene.bo, source="Next.").number == 11


@ONE_DATABASE
def test_what_waited_all_the_time_waits_again_where_it_did(scene: Scene) -> None:
    mo = scene.factories.signed_in(scene.mo)
    mo.get("/")
    before = scene.state()
    scene.by(scene.mo, moving.merge_thread, 1, into=scene.kiln)
    page = mo.get(f"/moderation/log/{scene.newest}")
    assert "published since" not in " ".join(words_of(page, "main"))
    scene.undo(scene.newest)
    assert scene.state() == before


@ONE_DATABASE
def test_a_publication_in_a_merged_thread_can_be_undone_after_the_merge_was(scene: Scene) -> None:
    scene.by(scene.mo, moving.merge_thread, 1, into=scene.kiln)
    merge = scene.newest
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    scene.undo(merge)
    scene.undo(merge + 1)
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    assert (numbers(scene, 1), numbers(scene, scene.kiln)) == ([1, 2, 3, 4], [1])
    with scene.app.app_context():
        assert db.session.get_one(Thread, 1).last_number == 4


def test_a_post_that_had_the_same_number_elsewhere_goes_back_to_it(scene: Scene) -> None:
    before = scene.state()
    scene.by(scene.mo, moving.move_posts, 1, [2], into=scene.kiln)
    assert numbers(scene, scene.kiln) == [1, 2]
    page = scene.app.test_client()
    scene.undo(scene.newest)
    assert (scene.state(), page.get(f"/t/{scene.kiln}/2").location) == (before, "/t/1#p2")
