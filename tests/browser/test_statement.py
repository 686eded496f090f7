"""The accessibility statement is about the pages, looks and languages that are tested here."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from forum.testing.axe import AUTHORS_OWN
from forum.web.measurements import FILE, Measurements, measurements, measurements_from
from tests.browser.results import as_written, gathered, merged
from tests.browser.test_pages import FILES, LANGUAGES, MODES, SAMPLES, SCREENS
from tests.browser.test_pages import LANGUAGE as MADE_UP

COUNTS = Counter(sample.endpoint for sample in SAMPLES)
COVERED = set(COUNTS)
# What all results have in common.
FRAME = {
    "theme": "default",
    "modes": list(MODES),
    "widths": [screen["width"] for screen in SCREENS.values()],
    "languages": list(LANGUAGES),
    "made_up": MADE_UP,
    "not_in_posts": sorted(AUTHORS_OWN),
    "files": sorted(FILES),
}
AGAIN = "Run script/accessibility (-k NAME for new pages alone), and commit forum/web/measurements.json."


def differences(facts: Measurements) -> list[str]:
    """Where the statement says something else than the tests of the pages measure."""
    found = [f"{name} was not looked at" for name in COUNTS.keys() - facts.pages.keys()]
    found += [f"{name} is not tested any more" for name in facts.pages.keys() - COUNTS.keys()]
    found += [
        f"{name} has {COUNTS[name]} samples, and was looked at {page.axe} and {page.nu} times"
        for name, page in facts.pages.items()
        if min(page.axe, page.nu) < COUNTS[name]
    ]
    expected = measurements_from({**FRAME, "runs": [], "pages": {}})
    found += [
        f"{name} is not as in the tests"
        for name in FRAME
        if getattr(facts, name) != getattr(expected, name)
    ]
    return sorted(found)


def test_statement_is_about_what_the_tests_cover() -> None:
    assert differences(measurements()) == [], AGAIN


def test_statement_says_of_each_look_how_often_it_was_looked_at() -> None:
    facts = measurements()
    shown = sum(page.axe for page in facts.pages.values())
    for looks in (facts.modes, map(str, facts.widths), facts.languages):
        times = [facts.times(look) for look in looks]
        assert (sum(times), min(times) > 0) == (shown, True)


def planted(change: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return facts | change


def noticed(change: dict[str, Any]) -> list[str]:
    """What is noticed of a planted change, and was not there without it."""
    before = differences(measurements())
    return [line for line in differences(measurements_from(planted(change))) if line not in before]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"modes": ["light"]}, "modes is not as in the tests"),
        ({"languages": ["en", "de"]}, "languages is not as in the tests"),
        ({"theme": "other"}, "theme is not as in the tests"),
    ],
)
def test_statement_about_other_looks_is_noticed(change: dict[str, Any], named: str) -> None:
    assert noticed(change) == [named]


def test_statement_about_other_pages_is_noticed() -> None:
    pages = planted({})["pages"]
    page, appearance = pages.pop("web.about"), pages["web.appearance"]
    pages |= {"web.gone": page, "web.appearance": appearance | {"axe": 0, "nu": 0}}
    assert noticed({"pages": pages}) == [
        "web.about was not looked at",
        "web.appearance has 1 samples, and was looked at 0 and 0 times",
        "web.gone is not tested any more",
    ]


def test_results_are_counted_and_faults_kept() -> None:
    facts = [
        {"check": "axe", "page": "a", "found": [], "tools": {"axe": "4", "chromium": "1"}},
        {"check": "axe", "page": "a", "found": ["image-alt"], "tools": {"axe": "4"}},
        {"check": "nu", "page": "a", "found": ["x" * 200], "tools": {"nu": "26"}},
        {"check": "nu", "page": "b", "found": [], "tools": {}},
    ]
    looks = (["dark", "320", "en"], ["dark", "1280", "de"], [], [])
    facts = [fact | {"looks": each} for fact, each in zip(facts, looks, strict=True)]
    new = gathered(facts, on="2026-01-31")
    (run,) = new["runs"]
    assert {**run, "version": ""} == {
        "on": "2026-01-31",
        "version": "",
        "axe": "4",
        "chromium": "1",
        "nu": "26",
    }
    assert new["pages"] == {
        "a": {
            "run": 0,
            "axe": 2,
            "nu": 1,
            "looks": {"dark": 2, "320": 1, "en": 1, "1280": 1, "de": 1},
            "found": ["axe: image-alt", "nu: " + "x" * 80],
        },
        "b": {"run": 0, "axe": 0, "nu": 1, "looks": {}, "found": []},
    }


def test_pages_that_did_not_come_up_keep_their_results_and_their_day() -> None:
    old = {
        "runs": [{"on": "2026-01-02"}, {"on": "2026-01-01"}],
        "pages": {"kept": {"run": 1}, "again": {"run": 0}, "gone": {"run": 0}},
    }
    new = {"runs": [{"on": "2026-01-03"}], "pages": {"again": {"run": 0}}}
    found = merged(old, new, {"kept", "again"})
    assert found == {
        "runs": [{"on": "2026-01-03"}, {"on": "2026-01-01"}],
        "pages": {"again": {"run": 0}, "kept": {"run": 1}},
    }
    assert json.loads(as_written({"theme": "default", **found})) == {"theme": "default", **found}
