"""Undoing puts back exactly what was there, once, and never over what somebody did since."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts.closing_actions import close_account
from forum.categories.actions import remove_category
from forum.community.setting_actions import change_settings
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.settings import PINNED
from forum.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound
from forum.moderation.actions import release_case
from forum.permissions import OPERATOR
from forum.record.models import LogEntry, LogReason, LogStep
from forum.record.relation_actions import TableRelation
from tests.record.scene import DEEDS, FINAL, LEAVES_SOMETHING, NEEDS, Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
UNDOABLE = [name for name in DEEDS if name not in FINAL | LEAVES_SOMETHING]


def undone_otherwise(scene: Scene) -> str:
    """The first deed after which undoing leaves anything else than what was there before."""
    before = scene.state()
    for name in UNDOABLE:
        start = before
        if name in NEEDS:
            scene.do(DEEDS[NEEDS[name]])
            start = scene.state()
        scene.do(DEEDS[name])
        scene.undo(scene.newest)
        if scene.state() != start:
            return name
        if name in NEEDS:
            scene.undo(scene.newest - 2)
    return "" if scene.state() == before else "not all of it"


def test_each_deed_is_undone_exactly(scene: Scene) -> None:
    assert undone_otherwise(scene) == ""


@ONE_DATABASE
def test_a_field_that_is_not_put_back_is_found(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TableRelation.write

    def forgetful(self: TableRelation, key: str, values: dict[str, Any]) -> None:
        real(self, key, {name: v for name, v in values.items() if name != "locked_by"})

    monkeypatch.setattr(TableRelation, "write", forgetful)
    assert undone_otherwise(scene) == "curating_actions.lock_thread"


@ONE_DATABASE
def test_all_of_it_is_undone_in_the_order_back(scene: Scene) -> None:
    before = scene.state()
    for name in UNDOABLE:
        scene.do(DEEDS[name])
    for entry in range(scene.newest, 0, -1):
        scene.undo(entry)
    assert scene.state() == before


@ONE_DATABASE
def test_the_log_has_both_with_their_reasons(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.remove_post"])
    scene.undo(1, scene.colleague, reason="It was  funny.")
    entry = (LogEntry.actor_id, LogEntry.kind, LogEntry.thread_id, LogEntry.post_id)
    about = (LogEntry.member_id, LogEntry.case_id, LogEntry.undo_of, LogReason.words)
    with scene.app.app_context():
        statement = select(*entry, *about).outerjoin(LogReason, LogReason.entry_id == LogEntry.id)
        found = [tuple(row) for row in rows(statement.order_by(LogEntry.id))]
    place = (1, scene.third.id, scene.bo.id, None)
    assert found == [
        (scene.mo.id, "post.remove", *place, None, "Loud."),
        (scene.max.id, "post.remove", *place, 1, "It was funny."),
    ]


def refusal(scene: Scene, entry: int, kind: type[ForumError] = Conflict) -> str:
    """What undoing this is refused with; nothing changes, the log included."""
    before, newest = scene.state(), scene.newest
    with pytest.raises(kind) as caught:
        scene.undo(entry)
    assert (scene.state(), scene.newest) == (before, newest)
    return str(caught.value)


@ONE_DATABASE
def test_undo_twice_and_of_an_undoing_is_refused(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    scene.undo(1)
    assert "has been undone already" in refusal(scene, 1)
    assert "has undone something itself" in refusal(scene, 2)
    assert "no such entry" in refusal(scene, 99, NotFound)


def test_of_two_who_undo_at_once_one_does_and_the_other_is_told(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.remove_post"])

    def outcome(actor: Any) -> str:
        try:
            return f"{scene.undo(1, actor)}"
        except Conflict as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(outcome, (scene.moderator, scene.colleague)))
    assert found == ["2", "This has been undone already."]


@ONE_DATABASE
@pytest.mark.parametrize("name", sorted(FINAL))
def test_what_is_final_says_so(scene: Scene, name: str) -> None:
    scene.do(DEEDS[name])
    words = {
        "curating_actions.empty_version": "gone for good",
        "appeal_actions.overturn": "remove the post",
        "measure_appeal_actions.overturn_measure": "the moderators' page about the member",
        "actions.edit_post": "in the post's history",
        "actions.mend_post": "in the post's history",
        "alternative_actions.change_alternatives": "in the post's history",
    }
    assert words[name] in refusal(scene, scene.newest)


def test_after_erasure_nothing_is_known_any_more(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.remove_post"])
    scene.do(DEEDS["curating_actions.lock_thread"])
    bo = scene.factories.actor(scene.bo)
    with scene.app.test_request_context():
        close_account(bo, password=scene.bo.password, empty_posts=False)
        steps = [row.entry_id for row in rows(select(LogStep.entry_id))]
        words = {row.entry_id: row.words for row in rows(select(LogReason.__table__))}
    assert (steps, words) == ([2], {1: "", 2: "Settled."})
    assert "data was erased" in refusal(scene, 1)
    # What is not about him still can be.
    scene.undo(2)
    assert scene.thread.locked_at is None


def lock_anew(scene: Scene) -> None:
    """Take the lock away and put another in its place."""
    scene.do(DEEDS["curating_actions.unlock_thread"])
    scene.do(DEEDS["curating_actions.lock_thread"])


Change = Callable[[Scene], None]
CHANGES: dict[str, tuple[str, Change]] = {
    "it was locked anew": ("curating_actions.lock_thread", lock_anew),
    "its author took the mark back": (
        "curating_actions.mark_answer", lambda s: s.by(s.ada, curating.unmark_answer, 1, 3)
    ),
    "its author named it again": (
        "curating_actions.file_thread",
        lambda s: s.by(s.ada, curating.file_thread, 1, title="Ada's", tags="ash, cone-6"),
    ),
    "its author filed it again": (
        "curating_actions.file_thread",
        lambda s: s.by(s.ada, curating.file_thread, 1, title=None, tags="kiln"),
    ),
    "a colleague restored it": (
        "curating_actions.remove_post", lambda s: s.by(s.max, curating.restore_post, 1, 3)
    ),
    "the thread was removed": (
        "curating_actions.pin_thread", lambda s: s.do(DEEDS["curating_actions.remove_thread"])
    ),
}  # fmt: skip
SAID = {
    "its author took the mark back": "as it was before already",
    "a colleague restored it": "as it was before already",
    "the thread was removed": "Restore it first",
}


@ONE_DATABASE
@pytest.mark.parametrize("what", list(CHANGES))
def test_what_was_changed_since_is_not_overwritten(scene: Scene, what: str) -> None:
    name, change = CHANGES[what]
    scene.do(DEEDS[name])
    change(scene)
    assert SAID.get(what, "changed since") in refusal(scene, 1)


@ONE_DATABASE
def test_changed_and_changed_back_is_not_skipped(scene: Scene) -> None:
    """Else undoing the first would seem right, and the others could not be undone any more."""
    for title in ("Fine", "Crackle", "Fine"):
        scene.by(scene.mo, curating.file_thread, 1, title=title, tags="")
    assert "changed since" in refusal(scene, 1)
    for entry in (3, 2, 1):
        scene.undo(entry)
    assert scene.thread.title == "Crackle"


@ONE_DATABASE
def test_answer_that_cannot_be_read_any_more_does_not_come_back(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.mark_answer"])
    scene.do(DEEDS["curating_actions.unmark_answer"])
    scene.do(DEEDS["curating_actions.remove_post"])
    assert "cannot be read any more" in refusal(scene, 2)


@ONE_DATABASE
def test_pin_does_not_come_back_where_there_is_no_room(scene: Scene) -> None:
    with scene.app.test_request_context(), transaction():
        change_settings(OPERATOR, {PINNED.name: "1"})
    other = scene.factories.thread(scene.ada, scene.glazes)
    scene.do(DEEDS["curating_actions.pin_thread"])
    scene.do(DEEDS["curating_actions.unpin_thread"])
    scene.by(scene.mo, curating.pin_thread, other.thread_id)
    assert "Unpin one of them first" in refusal(scene, 2)


@ONE_DATABASE
def test_category_that_is_gone_does_not_come_back(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.move_thread"])
    scene.by(scene.factories.member(role="admin"), remove_category, scene.glazes.id)
    assert "Move it to another" in refusal(scene, 1)


@ONE_DATABASE
def test_who_may_not_do_it_may_not_undo_it(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    for person in (scene.ada, scene.bo):
        with pytest.raises(NotAllowed):
            scene.undo(1, scene.factories.actor(person))
    assert scene.thread.locked_at is not None


@ONE_DATABASE
@pytest.mark.parametrize("reason", ["x" * 501, "a\N{RIGHT-TO-LEFT OVERRIDE}b"])
def test_reason_that_cannot_be_taken_undoes_nothing(scene: Scene, reason: str) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    with pytest.raises(Invalid):
        scene.undo(1, reason=reason)
    assert scene.thread.locked_at is not None


@ONE_DATABASE
def test_a_removed_post_waits_again_and_can_be_decided_anew(scene: Scene) -> None:
    before = scene.state()
    scene.do(DEEDS["actions.remove_held"])
    scene.undo(1)
    assert scene.state() == before
    scene.do(DEEDS["actions.remove_held"], scene.colleague)
    assert scene.newest == 3


@ONE_DATABASE
def test_what_people_do_with_their_own_and_what_changes_nothing_is_not_recorded(
    scene: Scene,
) -> None:
    scene.by(scene.ada, curating.mark_answer, 1, 2)
    scene.by(scene.ada, curating.unmark_answer, 1, 2)
    scene.by(scene.bo, curating.remove_post, 1, 2)
    scene.by(scene.bo, curating.restore_post, 1, 2)
    scene.by(scene.ada, curating.file_thread, 1, title="Mine", tags="ash")
    scene.by(scene.mo, curating.file_thread, 1, title="Mine", tags="ash")
    scene.by(scene.mo, release_case, scene.held)
    assert scene.newest == 0


@ONE_DATABASE
def test_starter_who_moderates_their_locked_thread_is_recorded(scene: Scene) -> None:
    thread = scene.factories.thread(scene.mo, scene.glazes)
    reply = scene.factories.reply(thread, scene.bo)
    scene.by(scene.mo, curating.lock_thread, thread.thread_id)
    scene.by(scene.mo, curating.mark_answer, thread.thread_id, reply.number)
    with scene.app.app_context():
        kinds = db.session.scalars(select(LogEntry.kind).order_by(LogEntry.id)).all()
    assert kinds == ["thread.lock", "answer.mark"]
