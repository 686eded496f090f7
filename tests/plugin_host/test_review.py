"""``review_*``: one that fails is named and missing, the others are heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from forum.clock import utcnow
from forum.db import db, row, rows, transaction
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.plugin_api import Draft, Finding, Repair, Severity, Span, hookimpl
from forum.plugin_host import PluginHost
from forum.review import Review

MakeHost = Callable[..., PluginHost]
Written = Callable[[], list[str]]
DRAFT = Draft("One two three.")


def finding(rule: str = "word-odd", severity: Severity = Severity.WARN, **parts: Any) -> Finding:
    whole = {"span": Span(0, 3), "text": "One", "message": "This is odd.", **parts}
    return Finding(rule, severity, **whole)


class Saying:
    """A reviewer that answers what it was made with."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    @hookimpl
    def review_draft(self, draft: Draft) -> Any:
        return self.answer


class Doing:
    """A reviewer that does something first."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self.deed = deed

    @hookimpl
    def review_draft(self) -> list[Finding]:
        self.deed()
        return [finding("after-deed")]


def broken_sql() -> object:
    return rows(text("SELECT nothing FROM nowhere"))


def broken_session() -> object:
    return db.session.execute(text("SELECT nothing FROM nowhere"))


def add_half_a_row() -> None:
    db.session.add(Job(name="half"))


def leave_the_process() -> None:
    raise SystemExit(3)


def reach_for_what_is_not_there() -> object:
    return None.nothing  # type: ignore[attr-defined]


def recurse() -> object:
    return recurse()


BREAKING = [broken_sql, broken_session, leave_the_process, reach_for_what_is_not_there, recurse]


def test_findings_of_all_reviewers_come_heaviest_first(inside: Flask, host_of: MakeHost) -> None:
    hint, block = finding("a-hint", Severity.HINT), finding("z-block", Severity.BLOCK)
    assert host_of(Saying([hint]), Saying([block])).review(DRAFT) == Review((block, hint), ())


def test_without_reviewers_there_are_no_findings(inside: Flask, host_of: MakeHost) -> None:
    assert host_of().review(DRAFT) == Review((), ())


def test_failing_reviewer_is_named_and_the_others_are_heard(
    inside: Flask, host_of: MakeHost
) -> None:
    before, behind = finding("before-it"), finding("behind-it")
    reviews = [
        host_of(Saying([before]), Doing(deed), Saying([behind])).review(DRAFT) for deed in BREAKING
    ]
    assert reviews == [Review((before, behind), ("second",))] * len(BREAKING)


def test_failing_reviewer_leaves_the_transaction_whole(
    inside: Flask, host_of: MakeHost, written: Written
) -> None:
    for deed in BREAKING:
        with transaction():
            enqueue("before")
            assert host_of(Doing(deed)).review(DRAFT).failed == ("first",)
            enqueue("behind")
    assert written() == ["before", "behind"] * len(BREAKING)


@pytest.mark.parametrize("deed", [broken_sql, broken_session, add_half_a_row])
def test_what_a_reviewer_does_to_the_database_outside_of_a_transaction_reaches_nobody(
    inside: Flask,
    host_of: MakeHost,
    deed: Callable[[], object],
    written: Written,
) -> None:
    assert written() == []
    host_of(Doing(deed)).review(DRAFT)
    assert written() == []
    with transaction():
        enqueue("behind")
    assert written() == ["behind"]


def test_what_a_reviewer_writes_inside_a_transaction_is_undone(
    inside: Flask, host_of: MakeHost, written: Written
) -> None:
    with transaction():
        enqueue("kept")
        review = host_of(Doing(lambda: enqueue("undone")), Doing(add_half_a_row)).review(DRAFT)
    assert review == Review((finding("after-deed"), finding("after-deed")), ())
    assert written() == ["kept"]


def test_reviewer_reads_what_the_transaction_has_written(inside: Flask, host_of: MakeHost) -> None:
    class Counting:
        @hookimpl
        def review_draft(self) -> list[Finding]:
            found = row(text("SELECT name FROM jobs"))
            return [finding(f"saw-{found.name}")] if found else []

    with transaction():
        db.session.execute(
            insert(Job),
            {"name": "fresh", "arguments": {}, "created_at": utcnow(), "run_at": utcnow()},
        )
        assert host_of(Counting()).review(DRAFT) == Review((finding("saw-fresh"),), ())


NONSENSE = {
    "nothing": None,
    "a tuple": (finding(),),
    "one finding": finding(),
    "strings": ["This is odd."],
    "a severity that is a word": [finding(severity="warn")],
    "a severity that is unknown": [finding(severity="fatal")],
    "a rule too long for its column": [finding("a" * 61)],
    "a rule with capitals": [finding("Word-Odd")],
    "a place behind the end": [finding(span=Span(0, 15))],
    "a place before the start": [finding(span=Span(-1, 3))],
    "a place turned round": [finding(span=Span(3, 0))],
    "a place in words": [finding(span=Span("a", "b"))],  # type: ignore[arg-type]
    "no text": [finding(text=None)],
    "half a character": [finding(message="\ud800")],
    "a message without end": [finding(message="a" * 2_001)],
    "help in bytes": [finding(help=b"help")],
    "a criterion that is a number": [finding(wcag=2.4)],
    "criteria in a list": [finding(act=["b20e66"])],
    "a repair behind the end": [finding(repair=Repair(Span(14, 15), "", "Remove"))],
    "a repair that floods": [finding(repair=Repair(Span(0, 3), "a" * 2_029, "Write more"))],
    "a repair that is a word": [finding(repair="two")],
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nonsense_counts_as_failure(inside: Flask, host_of: MakeHost) -> None:
    reviews = {
        kind: host_of(Saying(answer), Saying([finding()])).review(DRAFT)
        for kind, answer in NONSENSE.items()
    }
    assert reviews == dict.fromkeys(NONSENSE, Review((finding(),), ("first",)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_finding_with_all_its_parts_is_taken(inside: Flask, host_of: MakeHost) -> None:
    whole = finding(
        span=Span(14, 14),
        help="Why, and how.",
        wcag="2.4.4",
        act=("b20e66",),
        repair=Repair(Span(0, 14), "a" * 2_028, "Write more"),
    )
    assert host_of(Saying([whole, finding(span=None)])).review(DRAFT) == Review(
        (finding(span=None), whole), ()
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_thousand_hints_do_not_hide_what_blocks(inside: Flask, host_of: MakeHost) -> None:
    hints = [finding("word-odd", Severity.HINT)] * 1_000
    block = finding("word-bad", Severity.BLOCK)
    full, over = Saying([*hints[1:], block]), Saying([*hints, block])
    assert host_of(full).review(DRAFT) == Review((block, *hints[1:]), ())
    assert host_of(over).review(DRAFT) == Review((block, *hints[1:]), ("first",))
