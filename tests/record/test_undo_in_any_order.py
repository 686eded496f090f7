"""Whatever moderators do and undo, in whatever order: undoing the rest, newest first, ends in the forum
as it was."""

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
from sqlalchemy import select

from forum.db import db
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion.models import Post
from forum.errors import Conflict, Invalid, NotFound
from forum.moderation import actions as moderation
from forum.permissions import Actor
from forum.record.models import LogEntry
from forum.record.relation_actions import TableRelation
from tests.admin.archives import export, lines_in
from tests.record.scene import DEEDS, FINAL, LEAVES_SOMETHING, LOG, Deed, Scene

_REMOVED = select(Post.number).where(Post.thread_id == 1, Post.removed_at.is_not(None))
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


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
        a, 1, [2, 3], title="Slow", category_id=s.kilns.id
    ),
    "merge the new one": lambda s, a: moving.merge_thread(a, s.newest_thread, into=1),
    "merge the other": lambda s, a: moving.merge_thread(a, s.kiln, into=1),
    "move what came": lambda s, a: moving.move_posts(a, s.kiln, [2], into=1),
    "move behind": lambda s, a: moving.move_posts(a, 1, [3], into=s.newest_thread),
    "remove a held": lambda s, a: moderation.remove_held(a, s.other, reason="It sells, too."),
    "name it A": filed("A", "ash"),
    "name it B": filed("B", "ash, kiln"),
    "name it as it was": filed("Crackle", ""),
}
ALL = {name: deed for name, deed in DEEDS.items() if name not in FINAL | LEAVES_SOMETHING} | MORE


class Curating(RuleBasedStateMachine):
    """Mo and Max moderate; what the forum refuses changes nothing, and is no matter here."""

    scene: ClassVar[Scene]
    folder: ClassVar[Path]
    before: ClassVar[dict[str, Any]]
    done = 0
    undone = 0

    def standing(self) -> list[int]:
        """The entries that are not undone, newest first."""
        undoings = select(LogEntry.undo_of).where(LogEntry.undo_of.is_not(None))
        with self.scene.app.app_context():
            return list(
                db.session.scalars(
                    select(LogEntry.id)
                    .where(LogEntry.undo_of.is_(None), LogEntry.id.not_in(undoings))
                    .order_by(LogEntry.id.desc())
                )
            )

    @rule(name=st.sampled_from(sorted(ALL)), is_mo=st.booleans())
    def do(self, name: str, is_mo: bool) -> None:
        """One deed."""
        actor: Actor = self.scene.moderator if is_mo else self.scene.colleague
        try:
            self.scene.do(ALL[name], actor)
            type(self).done += 1
        except (Conflict, Invalid, NotFound):
            # Most are refused in a removed thread, for example.
            pass

    @rule(place=st.sampled_from([0, 0, 0, 1, 2, 3]))
    def undo_one(self, place: int) -> None:
        """Undo one of the last deeds, if nothing was changed since."""
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
            self.scene.undo(entry)
        assert exported(self.scene, self.folder) == self.before


def exported(scene: Scene, folder: Path) -> dict[str, Any]:
    """Everything that is the community's, the log apart."""
    export(scene.app, folder / "archive")
    lines = lines_in((folder / "archive").read_bytes())
    # Addresses that were given away lead on for ever, also from threads that are no more.
    lines["threads"] = [thread for thread in lines["threads"] if thread["last_number"]]
    return {n: found for n, found in lines.items() if n not in (*LOG, "moved_numbers")}


def run(scene: Scene, folder: Path, *, examples: int, steps: int) -> tuple[int, int]:
    """Try so many orders: how many deeds were done, and how many of them undone before the end."""
    facts = {"scene": scene, "folder": folder, "before": exported(scene, folder)}
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
