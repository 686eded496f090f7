"""What anybody can do to the forum: its public actions and those of its plugins, and which of them ran."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

from forum.plugin_host.manifest import read_manifest

ROOT = Path(__file__).resolve().parent.parent.parent


def public_actions(root: Path = ROOT) -> set[str]:
    """The names of all functions in modules of actions that begin with an actor. Of a plugin with a door
    all that are public: nobody is known there, so no action has an actor.

    Args:
        root: where the forum and its plugins lie.
    """
    found = set()
    for path in [*(root / "forum").rglob("*actions.py"), *(root / "plugins").rglob("*actions.py")]:
        module, is_behind_door = module_of(path, root), _has_door(path.parent)
        for node in _public_functions(path):
            if is_behind_door or _begins_with_actor(node):
                found.add(f"{module}.{node.name}")
    return found


def _public_functions(path: Path) -> list[ast.FunctionDef]:
    functions = (
        n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.FunctionDef)
    )
    return [function for function in functions if not function.name.startswith("_")]


def _has_door(folder: Path) -> bool:
    manifest = folder / "plugin.toml"
    return manifest.is_file() and bool(read_manifest(folder).door)


def _begins_with_actor(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "actor"


def module_of(path: Path, root: Path = ROOT) -> str:
    """The module that a file of the forum's or a plugin's is, empty for any other."""
    for place in (root / "plugins", root):
        if path.is_relative_to(place):
            return ".".join(path.relative_to(place).with_suffix("").parts)
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
