"""What anybody can do to the forum: its public actions and those of its plugins, and which of them ran."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parent.parent.parent
# At the door nobody is known, so no action there has an actor.
OF_ASKERS = "forum_anonymous_questions.actions"
ASKING = {"ask", "clarify", "thank", "withdraw", "choose_answer", "give_tickets", "ticket_back"}


def public_actions() -> set[str]:
    """The names of all functions in modules of actions that begin with an actor, and of what askers do."""
    found = {f"{OF_ASKERS}.{name}" for name in ASKING}
    for path in [*(ROOT / "forum").rglob("*actions.py"), *(ROOT / "plugins").rglob("*actions.py")]:
        module = module_of(path)
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and _begins_with_actor(node):
                found.add(f"{module}.{node.name}")
    return found


def _begins_with_actor(node: ast.FunctionDef) -> bool:
    first = node.args.args[0].arg if node.args.args else ""
    return first == "actor" and not node.name.startswith("_")


def module_of(path: Path) -> str:
    """The module that a file of the forum's or a plugin's is, empty for any other."""
    for root in (ROOT / "plugins", ROOT):
        if path.is_relative_to(root):
            return ".".join(path.relative_to(root).with_suffix("").parts)
    return ""


@contextmanager
def noting_actions() -> Iterator[set[str]]:
    """The public actions that were begun meanwhile."""
    known, found = public_actions(), set[str]()
    names: dict[CodeType, str] = {}

    def begun(frame: FrameType, event: str, _value: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code not in names:
            name = f"{module_of(Path(code.co_filename))}.{code.co_qualname}"
            names[code] = name if name in known else ""
        if names[code]:
            found.add(names[code])

    sys.setprofile(begun)
    try:
        yield found
    finally:
        sys.setprofile(None)
