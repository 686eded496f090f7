"""Whatever moderators do and undo, in whatever order, while members flag, appeal and mark answers: numbers
stay without gaps, no address ever leads to another post, a page offers to undo what can be undone, and
undoing the rest, newest first, ends in the forum as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import func, select

from forum.community.setting_actions import change_settings
from forum.db import db, transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion import place_actions
from forum.discussion.deed_actions import MOST_FEATURED
from forum.discussion.models import WAITING, Post, Thread
from forum.discussion.settings import PINNED
from forum.errors import Conflict, Invalid, Moved, NotAllowed, NotFound
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation import deed_actions as deeds
from forum.moderation.appeal_actions import appeal, overturn, uphold
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.flag_actions import flag_post, withdraw_flag
from forum.moderation.models import Case, Flag
from forum.moderation.rules import APPEALABLE
from forum.permissions import OPERATOR, Actor
from forum.record import rules
from forum.record.models import LogEntry
from forum.record.queries import changes_in, obstacle_to_undoing, steps_of
from forum.record.rules import DeedKind, kind_named, known_kinds
from tests.record.afterwards import (
    PLACES,
    Kept,
    Rows,
    addresses_in,
    require_sound,
    rows_of,
    settled,
)
from tests.record.scene import DEEDS, FINAL, Deed, Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# What the forum refuses changes nothing, and is no matter here: most are refused in a removed thread.
REFUSED = (Conflict, Invalid, Moved, NotAllowed, NotFound)


def filed(title: str, tags: str) -> Deed:
    """Name and file the thread."""
    return lambda s, a: curating.file_thread(a, 1, title=title, tags=tags)


def place(case_id: int) -> tuple[int, int]:
    """Where the post of a case stands; number 0 while it has none."""
    post = db.session.get_one(Post, db.session.get_one(Case, case_id).post_id)
    return post.thread_id, post.number or 0


def _of_the_new(action: Callable[[Actor, int], object]) -> Deed:
    return lambda s, a: action(a, s.newest_thread)


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
    **{
        f"{action.__name__} of the new one": _of_the_new(action)
        for action in (
            *(curating.pin_thread, curating.unpin_thread, curating.lock_thread),
            *(curating.feature_thread, curating.unfeature_thread, curating.restore_thread),
        )
    },
    "slow the new one": lambda s, a: curating.slow_thread(a, s.newest_thread, 5),
    "remove the new one": lambda s, a: curating.remove_thread(a, s.newest_thread, reason="Odd."),
    "mark in the new one": lambda s, a: curating.mark_answer(a, s.newest_thread, 2),
    "mark in the other": lambda s, a: curating.mark_answer(a, s.kiln, 2),
    "pin the other": lambda s, a: curating.pin_thread(a, s.kiln),
    "remove what was held": lambda s, a: curating.remove_post(a, *place(s.held), reason="Odd."),
    "restore what was held": lambda s, a: curating.restore_post(a, *place(s.held)),
    "mark what was held": lambda s, a: curating.mark_answer(a, *place(s.held)),
    "split what was held": lambda s, a: moving.split_thread(
        a, place(s.held)[0], [place(s.held)[1]], title="Sold", category_id=s.kilns.id
    ),
    "move what was held": lambda s, a: moving.move_posts(
        a, place(s.held)[0], [place(s.held)[1]], into=s.shown.thread_id
    ),
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
# Of these, what one does is in the way of another more often than of anything else.
AMONG_MOVED = sorted(
    name
    for name in ALL
    if any(
        word in name for word in ("merge", "split", "move", "new one", "publish", "held", "mark")
    )
)
MOVES = (place_actions.SPLIT, place_actions.MOVE_POSTS, place_actions.MERGE)
PUBLICATIONS = (deeds.PUBLISH, deeds.PUBLISH_LABELLED, deeds.PLACE, deeds.CLOCK)
NOT_UNDONE = {
    "post.edit": "the words before stand in the post's history",
    "post.mend": "the words before stand in the post's history",
    "version.empty": "the words are gone for good",
    "member.overturn": "it has undone something itself",
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
    """Mo and Max moderate, Ada flags, Bo appeals and marks answers in threads that are made of his
    posts."""

    scene: ClassVar[Scene]
    kept: ClassVar[Kept]
    before: ClassVar[Rows]
    done = 0
    undone = 0

    def __init__(self) -> None:
        super().__init__()
        self.kept.put_back()
        self.start = self.scene.newest
        self.addresses: dict[tuple[int, int], int] = {}
        self.marked: set[int] = set()
        self.removed_own: set[int] = set()

    def standing(self) -> list[int]:
        """The entries that are not undone and can be, newest first."""
        undoings = select(LogEntry.undo_of).where(LogEntry.undo_of.is_not(None))
        stand = LogEntry.undo_of.is_(None), LogEntry.id.not_in(undoings)
        ours = select(LogEntry).where(*stand, LogEntry.id > self.start)
        with self.scene.app.app_context():
            found = db.session.scalars(ours.order_by(LogEntry.id.desc())).all()
        kinds = {entry.id: kind_named(entry.kind) for entry in found}
        return [entry for entry, kind in kinds.items() if kind is not None and not kind.final]

    def _is_left(self, entry: int) -> bool:
        """Whether something is left to undo of it: all is not as it was before already, and no earlier deed
        was undone with which it went."""
        with self.scene.app.test_request_context():
            obstacle = obstacle_to_undoing(db.session.get_one(LogEntry, entry))
            is_back = all(change.is_back for change in changes_in(steps_of(entry)))
        return not is_back and "nothing is left to undo here" not in obstacle

    def _try(self, deed: Deed, actor: Actor) -> bool:
        try:
            self.scene.do(deed, actor)
        except REFUSED:
            return False
        self._look()
        return True

    def _look(self) -> None:
        """What holds at every moment."""
        rows = rows_of(self.scene.app, *PLACES)
        require_sound(rows, most_pinned=1, most_featured=MOST_FEATURED)
        now = addresses_in(rows)
        assert self.addresses.items() <= now.items(), "an address leads elsewhere"
        self.addresses = now

    def _do_some(self, names: list[str], *, is_mo: bool) -> None:
        actor: Actor = self.scene.moderator if is_mo else self.scene.colleague
        type(self).done += sum(self._try(ALL[name], actor) for name in names)

    @rule(names=st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=4), is_mo=st.booleans())
    def do(self, names: list[str], is_mo: bool) -> None:
        """A few deeds."""
        self._do_some(names, is_mo=is_mo)

    @rule(names=st.lists(st.sampled_from(AMONG_MOVED), min_size=1, max_size=5), is_mo=st.booleans())
    def do_among_moved(self, names: list[str], is_mo: bool) -> None:
        """A few deeds with posts that move, and in threads that they came to."""
        self._do_some(names, is_mo=is_mo)

    @rule(case=st.sampled_from(["held", "other", "overdue", "newest"]))
    def remove_own(self, case: str) -> None:
        """Bo removes a post of his that was held, if it is published; that is in no record."""
        found = {"overdue": oldest_held, "newest": lambda: newest("hold")}
        with self.scene.app.app_context():
            number = found[case]() if case in found else getattr(self.scene, case)
        bo = self.scene.factories.actor(self.scene.bo)
        if self._try(lambda s, a: curating.remove_post(a, *place(number)), bo):
            self.removed_own.add(number)

    def _restore_own(self) -> None:
        bo = self.scene.factories.actor(self.scene.bo)
        for case in self.removed_own:
            self._try(lambda s, a, c=case: curating.restore_post(a, *place(c)), bo)  # type: ignore[misc]

    @rule(deed=st.sampled_from(["flag 2", "flag 3", "take a flag back", "appeal", "mark"]))
    def do_as_member(self, deed: str) -> None:
        """Ada flags a post or takes that back, or Bo appeals, or marks an answer."""
        if deed == "appeal":
            self._appeal()
        elif deed == "mark":
            self._mark(self.scene.newest_thread)
        elif deed == "take a flag back":
            for flag_id in self._flags()[:1]:
                self._withdraw(flag_id)
        else:
            ada, number = self.scene.factories.actor(self.scene.ada), int(deed[-1])
            self._try(lambda s, a: flag_post(a, 1, number, words="It is loud."), ada)

    def _mark(self, thread_id: int) -> None:
        """Bo marks an answer, where nobody has; that is in no record."""
        with self.scene.app.app_context():
            thread = db.session.get_one(Thread, thread_id)
        bo = self.scene.factories.actor(self.scene.bo)
        if thread.answer_number is None and thread.author_id == bo.id:
            self._try(lambda s, a: curating.mark_answer(a, thread_id, 2), bo)
            self.marked.add(thread_id)

    def _take_marks_back(self) -> None:
        bo = self.scene.factories.actor(self.scene.bo)
        for number in self.marked:
            self._try(lambda s, a, n=number: curating.unmark_answer(a, n, 2), bo)  # type: ignore[misc]

    def _flags(self) -> list[int]:
        ours = select(Flag.id).where(Flag.id.not_in(self._before("flags")))
        with self.scene.app.app_context():
            return list(db.session.scalars(ours.order_by(Flag.id.desc())))

    def _before(self, name: str) -> list[int]:
        return [row["id"] for row in self.before[name]]

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
            self._undo_one(standing[place % len(standing)], standing)

    @rule(place=st.sampled_from([0, 0, 1]))
    def undo_a_move(self, place: int) -> None:
        """Undo one of the last moves, whatever was done in between."""
        standing = self.standing()
        moves = LogEntry.id.in_(standing) & LogEntry.kind.in_(MOVES)
        with self.scene.app.app_context():
            found = db.session.scalars(
                select(LogEntry.id).where(moves).order_by(LogEntry.id.desc())
            )
            entries = list(found)
        if entries:
            self._undo_one(entries[place % len(entries)], standing)

    def _undo_one(self, entry: int, standing: list[int]) -> None:
        shown, refusal = self._is_shown_as_changed(entry), ""
        taken = self._taken() if self._is_publication(entry) else set()
        try:
            self.scene.undo(entry)
        except REFUSED as error:
            refusal = error.message
        self._look()
        # What its author or a moderator took away, undoing a publication does not have wait instead.
        assert taken.isdisjoint(self._taken(WAITING)), entry
        type(self).undone += not refusal
        assert not refusal or self.standing() == standing
        assert shown or "changed since" not in refusal
        assert refusal or not shown

    def _is_publication(self, entry: int) -> bool:
        with self.scene.app.app_context():
            return db.session.get_one(LogEntry, entry).kind in PUBLICATIONS

    def _taken(self, *by: str) -> set[int]:
        """The posts that their authors or moderators have removed, or that ``by`` keeps from readers."""
        taken = select(Post.id).where(Post.removal.in_(by or ("author", "moderator")))
        with self.scene.app.app_context():
            return set(db.session.scalars(taken))

    def _is_shown_as_changed(self, entry: int) -> bool:
        """Whether the page says so, of an entry that undoing would not refuse for something else."""
        with self.scene.app.test_request_context():
            return not all(change.stands for change in changes_in(steps_of(entry)))

    def teardown(self) -> None:
        """Undo what stands, newest first. What was done to a thread that is removed again, because only its
        coming back was undone, waits until its removal is undone, too."""
        while any(self._is_left(entry) for entry in self.standing()):
            undone = [entry for entry in self.standing() if self._undo_at_last(entry)]
            assert undone, self.standing()
        self._close_what_members_opened()
        self._restore_own()
        after = rows_of(self.scene.app)
        assert opened_since(after, self.before) <= {"withdrawn", "upheld", "overturned"}
        found = settled(after, self.before)
        for name, was in self.before.items():
            assert found[name] == was, name

    def _undo_at_last(self, entry: int) -> bool:
        # What was undone before it may have brought back something of it, or all.
        if not self._is_left(entry):
            return False
        # A case that waits meanwhile keeps one about the same post from being open again.
        self._close_what_members_opened()
        # What its author removed is theirs to restore.
        self._restore_own()
        try:
            self.scene.undo(entry)
        except REFUSED as error:
            if "removed" in error.message or "pinned meanwhile" in error.message:
                return False
            # What members marked is theirs to take back.
            self._take_marks_back()
            self.scene.undo(entry)
        self._look()
        return True

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


def opened_since(rows: Rows, before: Rows) -> set[str | None]:
    """What became of the cases that members opened meanwhile."""
    known = {case["id"] for case in before["cases"]}
    return {case["decision"] for case in rows["cases"] if case["id"] not in known}


def run(scene: Scene, *, examples: int, steps: int, by: int | None = None) -> tuple[int, int]:
    """Try so many orders: how many deeds were done, and how many of them undone before the end.

    Args:
        by: begins another row of orders than the usual one.
    """
    # The post that is held longest is overdue, the newest starts a thread.
    scene.overdue()
    scene.do(lambda s, _a: s.starting())
    with scene.app.test_request_context(), transaction():
        change_settings(OPERATOR, {PINNED.name: "1"})
    facts = {"scene": scene, "kept": Kept(scene.app), "before": rows_of(scene.app)}
    machine = type("Machine", (Curating,), facts)
    # What it finds is long enough to read without making it shorter.
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine if by is None else seed(by)(machine), settings=how)
    return machine.done, machine.undone


@ONE_DATABASE
def test_undoing_the_rest_ends_in_the_forum_as_it_was(scene: Scene) -> None:
    done, undone = run(scene, examples=10, steps=30)
    assert (done > 60, undone > 8) == (True, True), (done, undone)


@pytest.mark.full
@pytest.mark.parametrize("by", [1, 2])
def test_undoing_the_rest_ends_in_the_forum_as_it_was_in_many_orders(scene: Scene, by: int) -> None:
    done, undone = run(scene, examples=150, steps=40, by=by)
    assert (done > 1000, undone > 150) == (True, True), (done, undone)


def kinds_tried(scene: Scene) -> set[str]:
    """The kinds of deeds that the machine has a rule for, found by doing them."""
    scene.overdue()
    for name in ("the clock publishes", "publish a held with a label"):
        scene.do(MORE[name])
    kinds = noted_since(scene, 0)
    scene.undo(scene.newest)
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
