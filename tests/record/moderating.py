"""Finds the functions that ask for what moderators may, however many others they call for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import forum
from forum.permissions import PERMISSIONS

ROOT = Path(str(forum.__file__)).parent
# All others, also those to come, are for whoever moderates, helps or edits what others wrote.
OF_EVERYBODY = {
    *("thread.see", "thread.start", "thread.reply", "post.edit_own", "post.flag"),
    "community.manage",
}
MODERATING = {*PERMISSIONS} - OF_EVERYBODY
Name = tuple[str, str]


class Functions:
    """Functions of some modules, by module and name, and what each calls.

    Args:
        sources: the text of each module. Those whose name ends with ``rules`` may also ask softly, with
            ``allowed``.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self._asking: set[Name] = set()
        self._calls: dict[Name, set[Name]] = {}
        for module, source in sources.items():
            tree = ast.parse(source)
            known = _names_in(module, tree)
            for function in tree.body:
                if isinstance(function, ast.FunctionDef):
                    self._read(module, function, known)

    def _read(self, module: str, function: ast.FunctionDef, known: dict[str, Name]) -> None:
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        name = module, function.name
        self._calls[name] = {
            known[called] for call in calls if (called := ast.unparse(call.func)) in known
        }
        words = {"require", "allowed"} if module.endswith("rules") else {"require"}
        if any(
            ast.unparse(call.func) in words and MODERATING & {*_permissions_in(call, module, known)}
            for call in calls
        ):
            self._asking.add(name)

    def that_ask(self) -> set[Name]:
        """Those that ask for something moderating, themselves or through others."""
        found = {*self._asking}
        while more := {n for n, calls in self._calls.items() if n not in found and calls & found}:
            found |= more
        return found


def _names_in(module: str, tree: ast.Module) -> dict[str, Name]:
    """What names of functions mean in a module."""
    own = {f.name: (module, f.name) for f in tree.body if isinstance(f, ast.FunctionDef)}
    brought: dict[str, Name] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                brought[alias.asname or alias.name] = node.module, alias.name
    # What is called as ``deeds.note_newest`` was imported as a module.
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            origin = brought.get(node.value.id)
            if origin is not None:
                name = f"{node.value.id}.{node.attr}"
                brought[name] = f"{origin[0]}.{origin[1]}", node.attr
    return brought | own


def _permissions_in(call: ast.Call, module: str, known: dict[str, Name]) -> Iterator[str]:
    for argument in call.args:
        if isinstance(argument, ast.Constant):
            yield str(argument.value)
        elif isinstance(argument, ast.Name):
            origin, name = known.get(argument.id, (module, argument.id))
            yield str(getattr(import_module(origin), name, ""))


def sources_of_the_forum() -> dict[str, str]:
    """All modules of actions and rules."""
    files = [f for f in ROOT.glob("*/*.py") if f.stem.endswith(("actions", "rules"))]
    return {f"forum.{f.parent.name}.{f.stem}": f.read_text("utf-8") for f in files}


def moderating_actions(sources: dict[str, str]) -> set[str]:
    """The public functions of actions that ask for what moderators may."""
    return {
        f"{module.rpartition('.')[2]}.{name}"
        for module, name in Functions(sources).that_ask()
        if module.endswith("actions") and not name.startswith("_")
    }
