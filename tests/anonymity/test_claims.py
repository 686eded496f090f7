"""``docs/anonymity.md`` names a test for each claim, and each of them is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "anonymity.md").read_text("utf-8")
FOLDERS = ("tests", "plugins/forum_anonymous_questions/tests")


def claims(page: str) -> dict[int, list[str]]:
    """The names of the tests behind each numbered claim."""
    found = {}
    for line in page.splitlines():
        if numbered := re.match(r"\| (\d+) \|", line):
            found[int(numbered[1])] = re.findall(r"`(test_\w+)`", line)
    return found


def known_tests() -> set[str]:
    """The names of all tests that there are."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("test_*.py")]
    # What every plugin is asked stands in a class.
    paths.append(ROOT / "forum" / "testing" / "conformance.py")
    return {
        node.name
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def faults(page: str) -> list[str]:
    """Claims without a test, and names of tests that are not there."""
    known = known_tests()
    named = re.findall(r"`(test_\w+)`", page)
    alone = [f"claim {number} has no test" for number, names in claims(page).items() if not names]
    return alone + [f"there is no {name}" for name in named if name not in known]


def test_every_claim_has_a_test_that_is_there() -> None:
    assert list(claims(PAGE)) == list(range(1, len(claims(PAGE)) + 1))
    assert len(claims(PAGE)) > 10
    assert faults(PAGE) == []


def test_claims_without_a_test_are_found() -> None:
    lost = "\n| 98 | Nobody sees the sea. | |\n| 99 | Fish are mute. | `test_fish_are_mute` |\n"
    assert faults(PAGE + lost) == ["claim 98 has no test", "there is no test_fish_are_mute"]
