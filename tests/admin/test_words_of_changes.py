"""The log of changes has words for every kind of change that is noted in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from forum.admin.change_queries import KINDS
from forum.testing.catalogues import PACKAGE


def kinds_noted(source: str) -> Iterator[str]:
    """The kinds that a module names when it notes a change."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note_change":
            kind = node.args[1]
            if isinstance(kind, ast.Constant):
                yield str(kind.value)


def test_every_kind_of_change_has_words() -> None:
    modules = PACKAGE.rglob("*.py")
    noted = {kind for module in modules for kind in kinds_noted(module.read_text("utf-8"))}
    assert len(noted) > 10
    assert noted - set(KINDS) == set()


@pytest.mark.parametrize("source", ['note_change(actor, "planted.kind", after={})'])
def test_kind_without_words_is_found(source: str) -> None:
    assert set(kinds_noted(source)) - set(KINDS) == {"planted.kind"}
