"""What the checks of the pages found, gathered for the accessibility statement.

The tests of the pages hand each result to ``note``, which writes it down when the environment names a
file. ``script/accessibility`` runs those tests so, and then this module, which puts the results into
``forum/web/measurements.json``. Pages that did not come up keep the results they had.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

from forum import __version__
from forum.testing.markup import JAR
from forum.web.measurements import FILE

# Without FORUM_ before it, since such names are settings, and taken out of tests.
VARIABLE = "ACCESSIBILITY_RESULTS"
_LONGEST = 80


def note(check: str, page: str, found: Sequence[str], looks: Sequence[str], **tools: str) -> None:
    """Write down what a check (``axe`` or ``nu``) found on a page, given by its endpoint.

    Args:
        looks: the colours, the width and the language in which it was looked at, as far as known.
        tools: versions of what was used.
    """
    if name := os.environ.get(VARIABLE):
        fact = {"check": check, "page": page, "found": list(found), "tools": tools}
        fact["looks"] = list(looks)
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(fact) + "\n")


def axe_version() -> str:
    """The version of axe-core with which pages are looked at."""
    return AXE_SCRIPT.partition("axe v")[2].split()[0]


def nu_version() -> str:
    """The version of the Nu Html Checker."""
    package = JAR.parents[2] / "package.json"
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])


def gathered(facts: Iterable[dict[str, Any]], *, on: str) -> dict[str, Any]:
    """One run with its pages, as they stand in the file; the run's number is 0.

    Args:
        on: the day, as ``2026-01-31``.
    """
    run = {"on": on, "version": __version__, "axe": "", "chromium": "", "nu": ""}
    pages: dict[str, dict[str, Any]] = {}
    for fact in facts:
        page = pages.setdefault(
            fact["page"], {"run": 0, "axe": 0, "nu": 0, "looks": {}, "found": []}
        )
        page[fact["check"]] += 1
        for look in fact["looks"]:
            page["looks"][look] = page["looks"].get(look, 0) + 1
        said = {f"{fact['check']}: {line[:_LONGEST]}" for line in fact["found"]}
        page["found"] = sorted({*page["found"], *said})
        run |= fact["tools"]
    return {"runs": [run], "pages": pages}


def merged(old: dict[str, Any], new: dict[str, Any], covered: set[str]) -> dict[str, Any]:
    """The new results, and the old ones of pages that are still covered and did not come up."""
    pages = {
        name: page | {"run": page["run"] + 1}
        for name, page in old["pages"].items()
        if name in covered and name not in new["pages"]
    } | new["pages"]
    runs = [*new["runs"], *old["runs"]]
    # Two runs of one day and version with the same tools are one.
    used = {json.dumps(runs[page["run"]]): runs[page["run"]] for page in pages.values()}
    kept = sorted(used.values(), key=runs.index)
    return {
        "runs": kept,
        "pages": {
            name: pages[name] | {"run": kept.index(runs[pages[name]["run"]])}
            for name in sorted(pages)
        },
    }


def as_written(facts: dict[str, Any]) -> str:
    """The file's text: a line for each page, so that a difference can be read."""
    parts = [f'  "{name}": {json.dumps(value)}' for name, value in facts.items() if name != "pages"]
    lines = [f'    "{name}": {json.dumps(page)}' for name, page in facts["pages"].items()]
    return "{\n" + ",\n".join(parts) + ',\n  "pages": {\n' + ",\n".join(lines) + "\n  }\n}\n"


def main(results: Path) -> None:
    """Put the results that stand in a file, one a line, into what the statement is made from."""
    from tests.browser.test_statement import COVERED, FRAME

    new = gathered(
        map(json.loads, results.read_text(encoding="utf-8").splitlines()),
        on=datetime.now(UTC).date().isoformat(),
    )
    old = (
        json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"runs": [], "pages": {}}
    )
    FILE.write_text(as_written({**FRAME, **merged(old, new, COVERED)}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
