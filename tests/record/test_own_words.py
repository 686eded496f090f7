"""Nobody undoes what a colleague decided about their own words, whatever else they may; they can appeal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from forum.db import db, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.actions import Posting, reply
from forum.discussion.models import Post, Thread
from forum.errors import NotAllowed
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation.appeal_actions import appeal
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.moderation.rules import APPEALABLE
from forum.record.rules import known_kinds
from forum.testing.forms import submit
from tests.evidence import links_of, words_of
from tests.record.scene import Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Own:
    """Mo's thread and a reply of Mo's in it, which Ada has flagged; Max is a colleague."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        first = scene.factories.thread(scene.mo, scene.glazes, title="Own")
        reply = scene.factories.reply(first, scene.mo, source="Rude words.")
        self.thread_id, self.post_id = first.thread_id, reply.id
        scene.by(scene.ada, flag_post, self.thread_id, 2, words="It is rude.")
        with scene.app.app_context():
            found = select(Case.id).where(Case.post_id == reply.id)
            self.case = db.session.scalars(found).one()

    def decided(self, decide: Callable[..., object], *values: object, **options: object) -> int:
        """Max decides: the entry."""
        self.scene.by(self.scene.max, decide, *values, **options)
        return self.scene.newest

    def held(self) -> int:
        """The case of another reply of Mo's, which waits."""
        with self.scene.app.test_request_context(), transaction():
            reply(self.scene.moderator, self.thread_id, text=self.scene.sale, posting=Posting())
        return self.scene.newest_case

    def is_removed(self) -> tuple[bool, bool]:
        """Whether the reply is, and the thread."""
        with self.scene.app.app_context():
            post = db.session.get_one(Post, self.post_id)
            thread = db.session.get_one(Thread, self.thread_id)
            return post.removed_at is not None, thread.removed_at is not None


@pytest.fixture
def own(scene: Scene) -> Own:
    """Words of a moderator."""
    return Own(scene)


DECIDED: dict[str, Callable[[Own], int]] = {
    "post.remove": lambda o: o.decided(curating.remove_post, o.thread_id, 2, reason="Rude."),
    "thread.remove": lambda o: o.decided(curating.remove_thread, o.thread_id, reason="Rude."),
    "case.remove": lambda o: o.decided(flagged.remove_flagged, o.case, words="Rude."),
    "case.label": lambda o: o.decided(
        flagged.label_flagged, o.case, label="Rude", words="So it is."
    ),
    "case.publish_labelled": lambda o: o.decided(
        moderation.publish_held, o.held(), label="Rude", words="So it is."
    ),
    "case.changes": lambda o: o.decided(flagged.ask_for_changes, o.case, words="Be kind."),
    "case.move": lambda o: o.decided(
        flagged.move_flagged, o.case, category_id=o.scene.kilns.id, words="It is about kilns."
    ),
}


@ONE_DATABASE
@pytest.mark.parametrize("kind", DECIDED)
def test_who_wrote_it_does_not_undo_it_and_appeals(own: Own, kind: str) -> None:
    entry, scene = DECIDED[kind](own), own.scene
    before, removed = scene.newest, own.is_removed()
    with pytest.raises(NotAllowed, match="decided about your own words"):
        scene.undo(entry)
    browser = scene.factories.signed_in(scene.mo)
    page = browser.get(f"/moderation/log/{entry}")
    assert (page.status_code, words_of(page, "main form")) == (200, [])
    assert "another moderator decides whether it stays" in " ".join(words_of(page, "section"))
    assert (scene.newest, own.is_removed()) == (before, removed)
    scene.by(scene.mo, appeal, entry, words="I was not.")


def test_colleagues_and_whoever_decided_undo_it(own: Own) -> None:
    scene = own.scene
    scene.undo(DECIDED["post.remove"](own), scene.colleague)
    entry = DECIDED["case.label"](own)
    colleague = scene.factories.actor(scene.factories.member("Mia", role="moderator"))
    scene.undo(entry, colleague)
    # One's own decision about one's own words is one's own to undo.
    scene.by(scene.mo, curating.remove_thread, own.thread_id, reason="Mine.")
    scene.undo(scene.newest)
    assert own.is_removed() == (False, False)


@ONE_DATABASE
def test_who_wrote_it_does_not_restore_it(own: Own) -> None:
    scene = own.scene
    browser, there = scene.factories.signed_in(scene.mo), f"/t/{own.thread_id}"
    DECIDED["post.remove"](own)
    assert f"{there}/2/restore" not in links_of(browser.get(there), "main a")
    assert f"/decided/{own.post_id}" in links_of(browser.get(there), "main a")
    assert submit(browser, f"{there}/1/remove").status_code == 303
    assert submit(browser, f"{there}/1/restore").status_code == 303
    refused = browser.get(f"{there}/2/restore")
    assert refused.status_code == 403
    assert "Another moderator removed what you wrote" in refused.text
    with pytest.raises(NotAllowed, match="Another moderator removed what you wrote"):
        scene.by(scene.mo, curating.restore_post, own.thread_id, 2)
    scene.by(scene.max, curating.restore_post, own.thread_id, 2)
    DECIDED["thread.remove"](own)
    assert f"{there}/restore" not in links_of(browser.get(there), "main a")
    assert browser.get(f"{there}/restore").status_code == 403
    with pytest.raises(NotAllowed, match="Another moderator removed what you wrote"):
        scene.by(scene.mo, curating.restore_thread, own.thread_id)
    assert own.is_removed() == (False, True)
    scene.by(scene.max, curating.restore_thread, own.thread_id)
    scene.by(scene.mo, curating.remove_thread, own.thread_id, reason="Mine.")
    assert f"{there}/restore" in links_of(browser.get(there), "main a")
    scene.by(scene.mo, curating.restore_thread, own.thread_id)


def test_what_can_be_appealed_against_is_a_verdict() -> None:
    found = {kind.name for kind in known_kinds().values() if kind.is_verdict}
    assert found == set(APPEALABLE)
