"""The scripts of a page share one scope: a name declared by two would stop the second one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import forum

STATIC = Path(forum.__file__).parent / "static"
DECLARED = re.compile(r"^(?:const|let|var|class|(?:async )?function\*?) +([\w$]+)", re.MULTILINE)


def declared_twice(scripts: Iterable[str]) -> list[str]:
    """The names that more than one of these scripts declares at its top."""
    counts = Counter(name for script in scripts for name in set(DECLARED.findall(script)))
    return sorted(name for name, scripts_with in counts.items() if scripts_with > 1)


def test_no_two_scripts_declare_the_same_name() -> None:
    scripts = [path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.js"))]
    assert len(scripts) > 1
    assert declared_twice(scripts) == []


def test_name_declared_by_two_is_found() -> None:
    one, other = "const written = 1;\nlet alone = 2;", "function told() {}\nconst written = 3;"
    assert declared_twice([one, other]) == ["written"]
