"""What the tests of the pages found when they ran last: the facts of the accessibility statement.

``measurements.json`` is written by ``script/accessibility`` from the results of the tests, never by hand. A
test fails when it is not about the pages that the tests cover.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measurements.json")


@dataclass(frozen=True, slots=True)
class Run:
    """Tests that ran together: when, of which version of the forum, and with what."""

    on: date
    version: str
    axe: str
    chromium: str
    nu: str


@dataclass(frozen=True, slots=True)
class MeasuredPage:
    """How often one kind of page was looked at; ``found`` names the checks' own words for faults.

    ``axe`` counts what a browser showed, ``nu`` the sources that were read, and ``looks`` how often it
    was shown in which colours, width and language.
    """

    run: Run
    axe: int
    nu: int
    looks: dict[str, int]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measurements:
    """All that was measured. ``pages`` and ``files`` are endpoints; files are no pages.

    ``languages`` are BCP 47 tags; that in ``made_up`` stands for a language nobody speaks, written
    from right to left. ``not_in_posts`` are rules that were not judged inside members' own words.
    """

    pages: dict[str, MeasuredPage]
    files: frozenset[str]
    runs: tuple[Run, ...]
    theme: str
    modes: tuple[str, ...]
    widths: tuple[int, ...]
    languages: tuple[str, ...]
    made_up: str
    not_in_posts: tuple[str, ...]

    def times(self, look: str) -> int:
        """How often pages were shown in these colours, this width, or this language."""
        return sum(page.looks.get(look, 0) for page in self.pages.values())

    @property
    def found(self) -> dict[str, tuple[str, ...]]:
        """The pages with faults."""
        return {name: page.found for name, page in self.pages.items() if page.found}


@cache
def measurements() -> Measurements:
    """The facts, read once for each process."""
    return measurements_from(json.loads(FILE.read_text(encoding="utf-8")))


def measurements_from(facts: dict[str, Any]) -> Measurements:
    """The facts out of what stands in the file."""
    runs = tuple(Run(date.fromisoformat(run.pop("on")), **run) for run in _copies(facts["runs"]))
    return Measurements(
        pages={
            name: MeasuredPage(
                runs[page["run"]], page["axe"], page["nu"], page["looks"], tuple(page["found"])
            )
            for name, page in facts["pages"].items()
        },
        files=frozenset(facts["files"]),
        runs=runs,
        theme=facts["theme"],
        made_up=facts["made_up"],
        **{name: tuple(facts[name]) for name in ("modes", "widths", "languages", "not_in_posts")},
    )


def _copies(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]
