"""Deeds that make rows and delete rows are undone exactly, too, and never over what came to them since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Grant
from forum.clock import utcnow
from forum.db import Base, db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.models import Post, Revision, Thread
from forum.errors import Conflict
from forum.permissions import Actor
from forum.record import rules
from forum.record.actions import recorded
from forum.record.models import LogEntry, LogStep
from forum.record.relation_actions import TableRelation
from forum.record.rules import DeedKind, Labels
from tests.evidence import links_of, words_of
from tests.record.scene import Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# Two are there before.
NEW = 5


def whole(model: type[Base], owner: Callable[..., Any]) -> TableRelation:
    """Rows of which everything is kept."""
    fields = tuple(c.name for c in model.__table__.columns if not c.primary_key)
    return TableRelation(model, fields, labels=Labels("Row"), owner=owner)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def by_author(post_id: int, *_version: int) -> Any:
        return select(Post.author_id).where(Post.id == post_id)

    relations = {
        "posts": TableRelation(
            Post, ("thread_id", "number"), labels=Labels("Post"), owner=by_author
        ),
        "revisions": whole(Revision, by_author),
        "grants": whole(Grant, lambda grant: select(Grant.group_id).where(Grant.id == grant)),
    }
    for name, relation in relations.items():
        monkeypatch.setitem(rules._RELATIONS, name, relation)
    for name in ("test.split", "test.drop"):
        kind = DeedKind(name, name, "thread.curate", lambda *_about: None)
        monkeypatch.setitem(rules._KINDS, name, kind)
    return


def split(scene: Scene, actor: Actor) -> None:
    """Make a thread of Bo's last reply."""
    with recorded(actor, "test.split", thread=1, member=scene.bo.id) as deed:
        made = Thread(category_id=scene.glazes.id, title="Fast cooling", author_id=scene.bo.id)
        made.last_number, made.last_posted_at, made.last_author_id = 1, utcnow(), scene.bo.id
        db.session.add(made)
        db.session.flush()
        deed.made("threads", made.id)
        deed.watch("posts", scene.third.id)
        post = db.session.get_one(Post, scene.third.id)
        post.thread_id, post.number = made.id, 1


def refusal(scene: Scene, entry: int = 1) -> str:
    """What undoing is refused with; nothing changes, the log included."""
    before, newest = scene.state(), scene.newest
    with pytest.raises(Conflict) as caught:
        scene.undo(entry)
    assert (scene.state(), scene.newest) == (before, newest)
    return str(caught.value)


def change(scene: Scene, act: Callable[[], object]) -> None:
    """Something that happens besides."""
    with scene.app.test_request_context(), transaction():
        act()


def test_what_a_deed_made_is_deleted_again(scene: Scene) -> None:
    before = scene.state()
    scene.do(split)
    assert scene.state() != before
    scene.undo(1)
    assert scene.state() == before


@ONE_DATABASE
def test_what_others_added_to_what_was_made_is_shown_and_not_deleted(scene: Scene) -> None:
    scene.do(split)
    mo = scene.factories.signed_in(scene.mo)
    assert words_of(mo.get("/moderation/log/1"), "main button") == ["Undo"]
    with scene.app.app_context():
        moved = db.session.get_one(Post, scene.third.id)
    scene.factories.reply(moved, scene.ada, source="Fast is fine.")
    page = mo.get("/moderation/log/1")
    added = page.text.split("Added to it since")[1].split("</tr>")[0]
    assert ("<td" in added, "1</td>" in added) == (True, True)
    assert words_of(page, "main button") == []
    assert "changed since" in refusal(scene)


CHANGES: dict[str, Callable[[Scene], object]] = {
    "it was named anew": lambda s: setattr(db.session.get_one(Thread, NEW), "title", "Cooling"),
    "it was pinned, which it was not": lambda s: curating.pin_thread(s.moderator, NEW),
    "its place was taken": lambda s: setattr(
        db.session.get_one(Post, s.second.id), "number", s.third.number
    ),
    "its post was moved on": lambda s: setattr(
        db.session.get_one(Post, s.third.id), "number", 9
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", list(CHANGES))
@ONE_DATABASE
def test_what_was_changed_since_is_not_deleted(scene: Scene, what: str) -> None:
    scene.do(split)
    change(scene, lambda: CHANGES[what](scene))
    assert "changed since" in refusal(scene)


@ONE_DATABASE
def test_what_is_gone_already_is_said(scene: Scene) -> None:
    def make(scene: Scene, actor: Actor) -> None:
        with recorded(actor, "test.drop") as deed:
            made = Grant(permission="a.b", effect="allow", role="member")
            db.session.add(made)
            db.session.flush()
            deed.made("grants", made.id)

    scene.do(make)
    change(scene, lambda: db.session.execute(delete(Grant).where(Grant.permission == "a.b")))
    assert "as it was before already" in refusal(scene)


def drop(scene: Scene, actor: Actor) -> None:
    """Delete the first version of a post, and a grant."""
    with recorded(actor, "test.drop", thread=1, member=scene.bo.id) as deed:
        version = db.session.get_one(Revision, (scene.third.id, 1))
        grant = db.session.scalars(select(Grant).where(Grant.permission == "a.b")).one()
        deed.watch("revisions", f"{scene.third.id}-1")
        deed.watch("grants", grant.id)
        db.session.delete(version)
        db.session.delete(grant)
        db.session.flush()


@pytest.fixture
def granted(scene: Scene) -> Scene:
    """With a grant that nothing asks for."""
    change(scene, lambda: db.session.add(Grant(permission="a.b", effect="deny", role="member")))
    return scene


def test_what_a_deed_deleted_comes_back_with_all_that_it_was(granted: Scene) -> None:
    before = granted.state()
    granted.do(drop)
    assert len(granted.state()["revisions"]) == len(before["revisions"]) - 1
    granted.undo(1)
    assert granted.state() == before


@ONE_DATABASE
def test_what_stands_in_its_place_now_is_not_overwritten(granted: Scene) -> None:
    with granted.app.app_context():
        number = db.session.scalars(select(Grant.id).where(Grant.permission == "a.b")).one()
    granted.do(drop)
    another = Grant(id=number, permission="c.d", effect="allow", role="member")
    change(granted, lambda: db.session.add(another))
    assert "changed since" in refusal(granted)


@ONE_DATABASE
def test_deleting_what_could_not_come_back_is_a_mistake(scene: Scene) -> None:
    def lose(scene: Scene, actor: Actor) -> None:
        with recorded(actor, "test.drop", thread=1) as deed:
            deed.watch("posts", scene.third.id)
            db.session.execute(delete(Revision).where(Revision.post_id == scene.third.id))
            db.session.execute(delete(Post).where(Post.id == scene.third.id))

    before = scene.state()
    with pytest.raises(AssertionError, match="could not come back"):
        scene.do(lose)
    assert (scene.state(), scene.newest) == (before, 0)


@ONE_DATABASE
def test_of_what_is_gone_moderators_of_everything_still_read(scene: Scene) -> None:
    scene.do(split)
    scene.by(scene.mo, curating.lock_thread, NEW)
    scene.undo(2)
    scene.undo(1)
    change(scene, lambda: db.session.add(LogEntry(kind="test.drop")))
    mo, ada = (scene.factories.signed_in(person) for person in (scene.mo, scene.ada))
    assert words_of(mo.get("/moderation/log"), "tbody th") == ["5", "4", "3", "2", "1"]
    pages = [mo.get(f"/moderation/log/{entry}") for entry in (1, 2, 5)]
    assert [links_of(page, "dl a[href^='/t/']") for page in pages] == [["/t/1"], [], []]
    assert ada.get("/moderation/log/5").status_code == 403


@ONE_DATABASE
def test_whose_row_it_was_is_kept_until_they_leave(granted: Scene) -> None:
    granted.do(split)
    granted.undo(1)
    granted.do(drop)
    whose = select(LogStep.relation, LogStep.member_id).order_by(LogStep.id)
    bo = granted.factories.actor(granted.bo)
    with granted.app.test_request_context():
        found = [tuple(row) for row in rows(whose)]
        close_account(bo, password=granted.bo.password, empty_posts=False)
        left = [row.relation for row in rows(whose)]
    both = [("threads", bo.id), ("posts", bo.id)]
    assert found == [*both, *both, ("revisions", bo.id), ("grants", None)]
    assert left == ["grants"]
