"""Every moderating action leaves an entry in the log, or stands here with the reason why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import forum
from forum.discussion import actions as discussion_actions
from forum.discussion import curating_actions
from forum.moderation import actions as moderation_actions
from forum.moderation import decision_actions
from forum.record.actions import Recording
from tests.record.scene import DEEDS, Scene

ROOT = Path(str(forum.__file__)).parent
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PERMISSIONS = (
    "'thread.curate'",
    "'post.edit_any'",
    "'case.decide'",
    "'member.moderate'",
    "'accessibility.help'",
    "HELP",
)
# What also moderators are asked by, because others may do the same with what is theirs.
GATES = {
    *("_require_curator", "require_some_cases", "require_mendable"),
    *("require_edit", "require_describe"),
    *("require_remove", "require_restore", "require_mark", "require_file"),
}
NOT_RECORDED = {
    "actions.claim_case": "decides nothing, and ends by itself after half an hour",
    "actions.release_case": "decides nothing",
    "note_actions.note_about_case": "decides nothing, and stands at the case with its author",
}


def actions_in(source: str) -> set[str]:
    """The public functions that ask for what moderators may."""
    return {
        function.name
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if any(_asks(node) for node in ast.walk(function))
    }


def _asks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    return name in GATES or (
        name == "require" and any(ast.unparse(a) in PERMISSIONS for a in node.args)
    )


def all_actions() -> set[str]:
    files = [*ROOT.glob("*/*actions.py")]
    return {f"{file.stem}.{name}" for file in files for name in actions_in(file.read_text("utf-8"))}


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
    assert all_actions() == {*DEEDS, *NOT_RECORDED}
    assert not {*DEEDS} & set(NOT_RECORDED)


def test_a_new_moderating_action_is_found() -> None:
    source = 'def ban(actor):\n    require(actor, "case.decide")\n    drop()\n'
    curated = "def split(actor, thread):\n    _require_curator(actor, thread)\n"
    assert actions_in(source + curated) == {"ban", "split"}


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
        "curating_actions.empty_version",
    ]
