"""Every moderating action leaves an entry in the log, or stands here with the reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from forum.discussion import actions as discussion_actions
from forum.discussion import curating_actions
from forum.moderation import actions as moderation_actions
from forum.moderation import decision_actions
from forum.record.actions import Recording
from tests.record.moderating import moderating_actions, sources_of_the_forum
from tests.record.scene import DEEDS, Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOT_RECORDED = {
    "actions.claim_case": "decides nothing, and ends by itself after half an hour",
    "actions.release_case": "decides nothing",
    "measure_appeal_actions.claim_appeal": "as claiming a case",
    "measure_appeal_actions.release_appeal": "as releasing a case",
    "measure_appeal_actions.require_as_read": "changes nothing; for what decides an appeal",
    "claim_actions.free_claims": "decides nothing; nobody does it, it follows from a right that was taken",
    "note_actions.note_about_case": "decides nothing, and stands at the case with its author",
    "actions.reply": "writes what is the actor's own; moderators only need not wait in slow mode",
    "demo_actions.fill_with_demo": "replies, in a forum in which nobody is yet",
    "deed_actions.require_way_back": "changes nothing; for what undoes a deed",
    "desk_actions.desk": "changes nothing; for what decides a case",
    "judging_actions.judged": "changes nothing; for what decides about a member",
}


def unrecorded(scene: Scene) -> list[str]:
    """The actions that leave no entry behind."""
    found = []
    for name, deed in DEEDS.items():
        before = scene.newest
        scene.do(deed)
        if scene.newest == before:
            found.append(name)
    return found


def test_every_moderating_action_is_tried_or_excused() -> None:
    assert moderating_actions(sources_of_the_forum()) == {*DEEDS, *NOT_RECORDED}
    assert not {*DEEDS} & set(NOT_RECORDED)


NEW = """
from forum.discussion.rules import can_paint
from forum.permissions import HELP, require

def ban(actor):
    require(actor, "case.decide")
    drop()

def mend(actor):
    require(actor, HELP)

def split(actor, thread):
    _require_curator(actor, thread)

def _require_curator(actor, thread):
    require(actor, "thread.curate", thread)

def paint(actor, thread):
    if can_paint(actor, thread):
        thread.is_red = True

def start(actor, category):
    require(actor, "thread.start", category)
"""
PAINT = """
def can_paint(actor, thread):
    return allowed(actor, "thread.curate", thread)
"""


def test_a_new_moderating_action_is_found() -> None:
    sources = {"forum.moderation.actions": NEW, "forum.discussion.rules": PAINT}
    assert moderating_actions(sources) == {
        f"actions.{n}" for n in ("ban", "mend", "split", "paint")
    }


@ONE_DATABASE
def test_every_moderating_action_leaves_an_entry(scene: Scene) -> None:
    assert unrecorded(scene) == []


@ONE_DATABASE
def test_an_action_that_forgets_it_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def forgetful(*_about: object, **_values: object) -> Iterator[Recording]:
        yield Recording()

    for module in (moderation_actions, decision_actions):
        monkeypatch.setattr(module, "noted", forgetful)
    monkeypatch.setattr(discussion_actions, "note", lambda *_about, **_values: None)
    real = curating_actions.noted

    def sometimes(actor: object, kind: str, *about: object, **values: object) -> object:
        forgets = kind in ("thread.pin", "version.empty")
        return forgetful() if forgets else real(actor, kind, *about, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(curating_actions, "noted", sometimes)
    # Rows that a forgetful action watches are not there either.
    assert unrecorded(scene) == [
        "curating_actions.pin_thread",
        "actions.remove_held",
        "actions.publish_held",
        "actions.publish_elsewhere",
        "actions.edit_post",
        "actions.mend_post",
        "alternative_actions.change_alternatives",
        "actions.finish_help",
        "decision_actions.find_nothing_wrong",
        "decision_actions.label_flagged",
        "decision_actions.ask_for_changes",
        "decision_actions.remove_flagged",
        "decision_actions.move_flagged",
        "decision_actions.settle_brought",
        "decision_actions.find_it_right",
        "curating_actions.empty_version",
    ]
