"""What was done to a thread or a post that is none any more, because an earlier deed was undone since: the
page says that nothing is left to undo, and what is left of it elsewhere can be undone."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.db import db
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion.models import Post, Thread
from forum.errors import Conflict
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation.flag_actions import flag_post
from tests.evidence import words_of
from tests.record.scene import Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def split(scene: Scene) -> tuple[int, int]:
    """Mo makes a new thread of Bo's two posts: the entry and the thread."""
    title, category = "Split off", scene.glazes.id
    scene.by(scene.mo, moving.split_thread, 1, [2, 3], title=title, category_id=category)
    return scene.newest, scene.newest_thread


def require_nothing_left(scene: Scene, mo: FlaskClient, entry: int, why: str) -> None:
    """The page says so and has no button, and undoing it all the same is refused for that."""
    page = mo.get(f"/moderation/log/{entry}")
    assert why in " ".join(words_of(page, "main"))
    assert words_of(page, "main button") == []
    with pytest.raises(Conflict, match=why):
        scene.undo(entry)


def removed(scene: Scene, post_id: int) -> bool:
    """Whether readers do not find the post."""
    with scene.app.app_context():
        return db.session.get_one(Post, post_id).removed_at is not None


def test_of_a_thread_whose_split_was_undone_nothing_is_left(scene: Scene) -> None:
    mo = scene.factories.signed_in(scene.mo)
    mo.get("/")
    before = scene.state()
    entry, made = split(scene)
    scene.by(scene.mo, curating.remove_thread, made, reason="Odd.")
    scene.by(scene.mo, curating.restore_thread, made)
    scene.by(scene.mo, curating.pin_thread, made)
    scene.by(scene.mo, curating.unpin_thread, made)
    scene.by(scene.mo, curating.file_thread, made, title="Ash", tags="ash")
    scene.undo(entry)
    for later in range(entry + 1, entry + 6):
        require_nothing_left(scene, mo, later, "so nothing is left to undo here")
    # The tags of a thread that nobody finds stay beside it.
    filed = {"thread_tags": [], "tags": []}
    assert scene.state() | filed == before | filed


def test_while_its_posts_stand_elsewhere_the_page_says_what_to_undo_first(scene: Scene) -> None:
    scene.by(scene.mo, curating.lock_thread, 1)
    lock = scene.newest
    scene.by(scene.mo, moving.merge_thread, 1, into=scene.kiln)
    with pytest.raises(Conflict, match="Undo that first"):
        scene.undo(lock)
    scene.undo(lock + 1)
    scene.undo(lock)


@pytest.mark.parametrize("answered", [False, True])
def test_a_post_removed_in_such_a_thread_comes_back_where_it_stands(
    scene: Scene, answered: bool
) -> None:
    entry, made = split(scene)
    if answered:
        scene.by(scene.bo, curating.mark_answer, made, 2)
    scene.by(scene.mo, curating.remove_post, made, 2, reason="Loud.")
    removal = scene.newest
    scene.undo(entry)
    assert removed(scene, scene.third.id)
    scene.undo(removal)
    assert not removed(scene, scene.third.id)
    with scene.app.app_context():
        threads = {thread.id: thread for thread in db.session.scalars(select(Thread))}
        newest = threads[1].last_number, threads[1].last_posted_at
        assert newest == (3, db.session.get_one(Post, scene.third.id).created_at)
        assert (threads[made].last_number, threads[made].answer_number) == (0, None)


def test_a_post_removed_before_a_merge_comes_back_where_it_stands(scene: Scene) -> None:
    scene.by(scene.mo, curating.remove_post, 1, 3, reason="Loud.")
    removal = scene.newest
    scene.by(scene.mo, moving.merge_thread, 1, into=scene.kiln)
    scene.undo(removal)
    assert not removed(scene, scene.third.id)
    scene.undo(removal + 1)
    assert scene.thread.last_number == 3


def test_where_the_post_stands_now_must_be_there(scene: Scene) -> None:
    scene.by(scene.mo, curating.remove_post, 1, 3, reason="Loud.")
    removal = scene.newest
    scene.by(scene.mo, moving.move_posts, 1, [3], into=scene.kiln)
    scene.by(scene.mo, curating.remove_thread, scene.kiln, reason="Odd.")
    with pytest.raises(Conflict, match="Restore it first"):
        scene.undo(removal)
    scene.undo(scene.newest)
    scene.undo(removal)
    assert not removed(scene, scene.third.id)


@ONE_DATABASE
def test_a_case_moved_such_a_thread_and_is_open_again_after_that_is_undone(scene: Scene) -> None:
    scene.by(scene.ada, flag_post, 1, 2, words="It is about kilns.")
    before, case = scene.state(), scene.newest_case
    entry, _made = split(scene)
    scene.by(scene.mo, flagged.move_flagged, case, category_id=scene.kilns.id, words="It is.")
    move = scene.newest
    scene.undo(entry)
    scene.undo(move)
    assert scene.state() == before


def test_of_a_post_that_waits_again_neither_removal_nor_return_is_undone(scene: Scene) -> None:
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    publication = scene.newest
    scene.by(scene.mo, curating.remove_post, 1, 4, reason="Odd.")
    scene.by(scene.mo, curating.restore_post, 1, 4)
    scene.undo(publication)
    mo = scene.factories.signed_in(scene.mo)
    for later in (publication + 2, publication + 1):
        require_nothing_left(scene, mo, later, "waits for a moderator again")
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine after all.")
    with pytest.raises(Conflict, match="changed since"):
        scene.undo(publication + 2)
    scene.undo(scene.newest)
    require_nothing_left(scene, mo, publication + 2, "waits for a moderator again")


@ONE_DATABASE
def test_what_is_as_it_was_already_says_so(scene: Scene) -> None:
    scene.by(scene.mo, curating.mark_answer, 1, 3)
    mark, mo = scene.newest, scene.factories.signed_in(scene.mo)
    # Its author takes the answer away, and nobody is sent there any more.
    scene.by(scene.bo, curating.remove_post, 1, 3)
    require_nothing_left(scene, mo, mark, "as it was before already")
    scene.by(scene.bo, curating.restore_post, 1, 3)
    require_nothing_left(scene, mo, mark, "as it was before already")
    # It is again what this deed made of it, but not by this deed.
    scene.by(scene.mo, curating.mark_answer, 1, 3)
    with pytest.raises(Conflict, match="changed since"):
        scene.undo(mark)
    scene.undo(scene.newest)
    require_nothing_left(scene, mo, mark, "as it was before already")
