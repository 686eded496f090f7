"""Whatever moderators do and undo, in whatever order, while members flag and appeal: undoing the rest,
newest first, ends in the forum as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from forum.db import db
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion.models import Post
from forum.errors import Conflict, Invalid, Moved, NotAllowed, NotFound
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation.appeal_actions import appeal, overturn, uphold
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.flag_actions import flag_post, withdraw_flag
from forum.moderation.models import Case, Flag
from forum.moderation.rules import APPEALABLE
from forum.permissions import Actor
from forum.record import rules
from forum.record.models import LogEntry
from forum.record.relation_actions import TableRelation
from forum.record.rules import DeedKind, kind_named, known_kinds
from tests.admin.archives import export, lines_in
from tests.record.scene import DEEDS, FINAL, LOG, Deed, Scene

_REMOVED = select(Post.number).where(Post.thread_id == 1, Post.removed_at.is_not(None))
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# What the forum refuses changes nothing, and is no matter here: most are refused in a removed thread.
REFUSED = (Conflict, Invalid, Moved, NotAllowed, NotFound)


def filed(title: str, tags: str) -> Deed:
    """Name and file the thread."""
    return lambda s, a: curating.file_thread(a, 1, title=title, tags=tags)


MORE: dict[str, Deed] = {
    "lock anew": lambda s, a: curating.lock_thread(a, 1, reason="Again."),
    "lock for good": lambda s, a: curating.lock_thread(a, 1),
    "end slow mode": lambda s, a: curating.slow_thread(a, 1, None),
    "mark the other": lambda s, a: curating.mark_answer(a, 1, 2),
    "remove the other": lambda s, a: curating.remove_post(a, 1, 2, reason="Odd."),
    "restore the other": lambda s, a: curating.restore_post(a, 1, 2),
    "remove the question": lambda s, a: curating.remove_post(a, 1, 1, reason="Vague."),
    "move back": lambda s, a: curating.move_thread(a, 1, s.glazes.id),
    "split anew": lambda s, a: moving.split_thread(
        a, 1, [2, 3], title="Slow", category_id=s.kilns.id, reason="About something else."
    ),
    "merge the new one": lambda s, a: moving.merge_thread(a, s.newest_thread, into=1),
    "merge the other": lambda s, a: moving.merge_thread(a, s.kiln, into=1),
    "move what came": lambda s, a: moving.move_posts(a, s.kiln, [2], into=1),
    "move behind": lambda s, a: moving.move_posts(a, 1, [3], into=s.newest_thread),
    "remove a held": lambda s, a: moderation.remove_held(a, s.other, reason="It sells, too."),
    "publish the other held": lambda s, a: moderation.publish_held(a, s.held, words="Fine."),
    "publish a held with a label": lambda s, a: moderation.publish_held(
        a, s.held, label="A sale.", words="It is one."
    ),
    "ask for changes of a held": lambda s, a: moderation.remove_held(
        a, s.held, reason="No prices.", asks_for_changes=True
    ),
    "publish a held thread elsewhere": lambda s, a: moderation.publish_elsewhere(
        a, newest("hold"), category_id=s.kilns.id, words="It fits there."
    ),
    "the clock publishes": lambda s, a: publish_unreviewed(oldest_held()),
    "name it A": filed("A", "ash"),
    "name it B": filed("B", "ash, kiln"),
    "name it as it was": filed("Crackle", ""),
    "nothing wrong, newest flag": lambda s, a: flagged.find_nothing_wrong(
        a, newest("flag"), words="It is fine."
    ),
    "label, newest flag": lambda s, a: flagged.label_flagged(
        a, newest("flag"), label="With care.", words="It is old."
    ),
    "ask for changes, newest flag": lambda s, a: flagged.ask_for_changes(
        a, newest("flag"), words="Less loud."
    ),
    "remove, newest flag": lambda s, a: flagged.remove_flagged(a, newest("flag"), words="Loud."),
    "move, newest flag": lambda s, a: flagged.move_flagged(
        a, newest("flag"), category_id=s.kilns.id, words="It is about kilns."
    ),
    "uphold, newest appeal": lambda s, a: uphold(a, newest("appeal"), words="Rightly so."),
    "overturn, newest appeal": lambda s, a: overturn(a, newest("appeal"), words="Not rightly."),
}
# What ``MORE`` has in another form: by itself it would undo a deed that has to stand, or write a thread.
IN_MORE = {"appeal_actions.overturn", "actions.publish_elsewhere"}
ALL = {name: deed for name, deed in DEEDS.items() if name not in FINAL | IN_MORE} | MORE
NOT_UNDONE = {
    "post.edit": "the words before stand in the post's history",
    "post.mend": "the words before stand in the post's history",
    "version.empty": "the words are gone for good",
}


def oldest_held() -> int:
    """The case of the post that waits longest, in a transaction under way."""
    waiting = select(Case.id).where(Case.kind == "hold").order_by(Case.opened_at, Case.id)
    return db.session.scalars(waiting.limit(1)).one()


def newest(kind: str) -> int:
    """The newest case of a kind, in a transaction under way; 0 where there is none."""
    found = db.session.scalar(select(func.max(Case.id)).where(Case.kind == kind))
    return found or 0


class Curating(RuleBasedStateMachine):
    """Mo and Max moderate, Ada flags, Bo appeals."""

    scene: ClassVar[Scene]
    folder: ClassVar[Path]
    before: ClassVar[dict[str, Any]]
    done = 0
    undone = 0

    def __init__(self) -> None:
        super().__init__()
        self.start = self.scene.newest

    def standing(self) -> list[int]:
        """The entries that are not undone and can be, newest first."""
        undoings = select(LogEntry.undo_of).where(LogEntry.undo_of.is_not(None))
        stand = LogEntry.undo_of.is_(None), LogEntry.id.not_in(undoings)
        ours = select(LogEntry).where(*stand, LogEntry.id > self.start)
        with self.scene.app.app_context():
            found = db.session.scalars(ours.order_by(LogEntry.id.desc())).all()
        kinds = {entry.id: kind_named(entry.kind) for entry in found}
        return [entry for entry, kind in kinds.items() if kind is not None and not kind.final]

    def _try(self, deed: Deed, actor: Actor) -> bool:
        try:
            self.scene.do(deed, actor)
        except REFUSED:
            return False
        return True

    @rule(names=st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=5), is_mo=st.booleans())
    def do(self, names: list[str], is_mo: bool) -> None:
        """A few deeds."""
        actor: Actor = self.scene.moderator if is_mo else self.scene.colleague
        type(self).done += sum(self._try(ALL[name], actor) for name in names)

    @rule(deed=st.sampled_from(["flag 2", "flag 3", "take a flag back", "appeal"]))
    def do_as_member(self, deed: str) -> None:
        """Ada flags a post or takes that back, or Bo appeals."""
        if deed == "appeal":
            self._appeal()
        elif deed == "take a flag back":
            for flag_id in self._flags()[:1]:
                self._withdraw(flag_id)
        else:
            ada, number = self.scene.factories.actor(self.scene.ada), int(deed[-1])
            self._try(lambda s, a: flag_post(a, 1, number, words="It is loud."), ada)

    def _flags(self) -> list[int]:
        ours = select(Flag.id).where(Flag.id.not_in(self._before("flags")))
        with self.scene.app.app_context():
            return list(db.session.scalars(ours.order_by(Flag.id.desc())))

    def _before(self, name: str) -> list[int]:
        return [line["id"] for line in self.before[name]]

    def _withdraw(self, flag_id: int) -> None:
        ada = self.scene.factories.actor(self.scene.ada)
        self._try(lambda s, a: withdraw_flag(a, flag_id), ada)

    def _appeal(self) -> None:
        """Against the newest that can be; not against what was decided about a case that was there
        before, which would stay closed."""
        cases = LogEntry.case_id.is_(None) | LogEntry.case_id.not_in(self._before("cases"))
        about = LogEntry.kind.in_(APPEALABLE), LogEntry.member_id == self.scene.bo.id
        ours = select(LogEntry.id).where(*about, cases, LogEntry.undo_of.is_(None))
        with self.scene.app.app_context():
            entry = db.session.scalar(ours.order_by(LogEntry.id.desc()).limit(1))
        if entry is not None:
            bo = self.scene.factories.actor(self.scene.bo)
            self._try(lambda s, a: appeal(a, entry, words="It is not."), bo)

    @rule(places=st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=1, max_size=4))
    def undo_some(self, places: list[int]) -> None:
        """Undo one of the last deeds, if nothing was changed since, and perhaps more."""
        for place in places:
            standing = self.standing()
            if not standing:
                return
            try:
                self.scene.undo(standing[place % len(standing)])
                type(self).undone += 1
            except Conflict:
                assert self.standing() == standing

    @invariant()
    def answer_can_be_read(self) -> None:
        """Nobody is ever sent to an answer that cannot be read."""
        state = self.scene.thread
        if state.answer_number is not None:
            with self.scene.app.app_context():
                removed = {p for (p,) in db.session.execute(_REMOVED)}
            assert state.answer_number not in removed

    def teardown(self) -> None:
        """Undo what stands, newest first."""
        for entry in self.standing():
            # A case that waits meanwhile keeps one about the same post from being open again.
            self._close_what_members_opened()
            self.scene.undo(entry)
        self._close_what_members_opened()
        after = lines_of(self.scene, self.folder)
        assert opened_since(after, self.before) <= {"withdrawn", "upheld", "overturned"}
        assert settled(after, self.before) == self.before

    def _close_what_members_opened(self) -> None:
        for flag_id in self._flags():
            self._withdraw(flag_id)
        waiting = select(Case.id).where(Case.kind == "appeal", Case.closed_at.is_(None))
        with self.scene.app.app_context():
            appeals = list(db.session.scalars(waiting))
        for case in appeals:
            # Whoever decided it cannot; the other can.
            decided = [
                self._try(lambda s, a, c=case: uphold(a, c, words="So be it."), actor)  # type: ignore[misc]
                for actor in (self.scene.moderator, self.scene.colleague)
            ]
            assert any(decided)


def lines_of(scene: Scene, folder: Path) -> dict[str, Any]:
    """Everything that is the community's, the log apart."""
    export(scene.app, folder / "archive")
    lines = lines_in((folder / "archive").read_bytes())
    # Addresses that were given away lead on for ever, also from threads that are no more.
    lines["threads"] = [thread for thread in lines["threads"] if thread["last_number"]]
    return {n: found for n, found in lines.items() if n not in (*LOG, "moved_numbers")}


def opened_since(lines: dict[str, Any], before: dict[str, Any]) -> set[str | None]:
    """What became of the cases that members opened meanwhile."""
    known = {case["id"] for case in before["cases"]}
    return {case["decision"] for case in lines["cases"] if case["id"] not in known}


# A post that was held keeps the number under which others may have been told of it, and is removed instead.
_OF_PUBLISHED = ("number", "created_at", "removed_at", "removed_by", "removal")


def settled(lines: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The lines less what members did meanwhile, and less the numbers of posts that were held before
    and published in between."""
    found = dict(lines)
    for name in ("cases", "flags"):
        known = {line["id"] for line in before[name]}
        found[name] = [line for line in lines[name] if line["id"] in known]
    held = {case["post"] for case in before["cases"] if case["kind"] == "hold"}
    was = {line["id"]: line for line in before["posts"]}
    numbered = {p["thread"] for p in lines["posts"] if p["id"] in held and p["number"] is not None}
    found["posts"] = [
        post | {name: was[post["id"]][name] for name in _OF_PUBLISHED}
        if post["id"] in held
        else post
        for post in lines["posts"]
    ]
    lengths = {thread["id"]: thread["last_number"] for thread in before["threads"]}
    # A thread that a held post starts is in no list before, nor again when it is removed.
    found["threads"] = [
        t | {"last_number": lengths[t["id"]]} if t["id"] in numbered else t
        for t in lines["threads"]
        if t["id"] in lengths or t["id"] not in numbered
    ]
    return found


def run(scene: Scene, folder: Path, *, examples: int, steps: int) -> tuple[int, int]:
    """Try so many orders: how many deeds were done, and how many of them undone before the end."""
    # The post that is held longest is overdue, the newest starts a thread.
    scene.overdue()
    scene.do(lambda s, _a: s.starting())
    facts = {"scene": scene, "folder": folder, "before": lines_of(scene, folder)}
    machine = type("Machine", (Curating,), facts)
    # What it finds is long enough to read without making it shorter.
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=how)
    return machine.done, machine.undone


@ONE_DATABASE
def test_undoing_the_rest_ends_in_the_forum_as_it_was(scene: Scene, tmp_path: Path) -> None:
    done, undone = run(scene, tmp_path, examples=8, steps=15)
    assert (done > 20, undone > 5) == (True, True), (done, undone)


@pytest.mark.full
def test_undoing_the_rest_ends_in_the_forum_as_it_was_in_many_orders(
    scene: Scene, tmp_path: Path
) -> None:
    done, undone = run(scene, tmp_path, examples=150, steps=40)
    assert (done > 1500, undone > 300) == (True, True), (done, undone)


@ONE_DATABASE
def test_an_undo_that_forgets_a_field_is_found(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TableRelation.write

    def forgetful(self: TableRelation, key: str, values: dict[str, Any]) -> None:
        real(self, key, {name: v for name, v in values.items() if name != "removed_by"})

    monkeypatch.setattr(TableRelation, "write", forgetful)
    # Either the end is another, or an earlier deed finds that something is not as it left it.
    with pytest.raises((AssertionError, Conflict)):
        run(scene, tmp_path, examples=6, steps=20)


def kinds_tried(scene: Scene) -> set[str]:
    """The kinds of deeds that the machine has a rule for, found by doing them."""
    scene.overdue()
    scene.do(MORE["the clock publishes"])
    kinds = noted_since(scene, 0)
    for name, deed in DEEDS.items():
        before = scene.newest
        scene.do(deed)
        if name in ALL or name in IN_MORE:
            kinds |= noted_since(scene, before)
    return kinds


def noted_since(scene: Scene, entry: int) -> set[str]:
    """The kinds of what was noted after an entry."""
    with scene.app.app_context():
        return set(db.session.scalars(select(LogEntry.kind).where(LogEntry.id > entry)))


@ONE_DATABASE
def test_every_kind_of_deed_has_a_rule_or_cannot_be_undone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = kinds_tried(scene)
    assert {*known_kinds()} - tried == {*NOT_UNDONE}
    assert all(known_kinds()[kind].final for kind in NOT_UNDONE)
    new = DeedKind("thread.paint", "thread painted", "thread.curate", lambda *_about: None)
    monkeypatch.setitem(rules._KINDS, new.name, new)
    assert {*known_kinds()} - tried == {*NOT_UNDONE, "thread.paint"}
