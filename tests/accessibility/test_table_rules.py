"""Tables: which need headers, which are none, and what the repairs make of them."""

from __future__ import annotations

import pytest

from forum.accessibility.check import review
from forum.review import Draft, Severity


def found(source: str) -> list[str]:
    return [finding.rule for finding in review(Draft(source))]


def repaired(source: str) -> str | None:
    (finding,) = review(Draft(source))
    return finding.repair.apply(source) if finding.repair else None


@pytest.mark.parametrize(
    "source",
    [
        "| | Who |\n|-|-|\n| Early | Ada |",
        "| | |\n|-|-|\n| | |",
        "| | |\n|-|-|",
        "| ![Shift](/p.png) | Who |\n|-|-|\n| Early | Ada |",
        "| [![x](/p.png)](/a) | b |\n|-|-|\n| a | b |",
        "| a | |\n|-|-|\n| b | |\n| c | |d |",
        "```\n| | |\n|-|-|\n| a | b |\n| c | d |\n```",
        "> | a |\n> |-|\n> | b |",
    ],
)
def test_table_with_headers_or_without_content_is_left_alone(source: str) -> None:
    assert [rule for rule in found(source) if rule != "table-layout"] == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("| | |\n|-|:-:|\n| a | b |\n| c | d |", "| a | b |\n|-|:-:|\n| c | d |"),
        ("|&nbsp;| |\n|-|-|\n|a|b|\n|c|d|", "|a|b|\n|-|-|\n|c|d|"),
        (
            "|| |\n|-|-|\n|||\n| a |b\n| c |d\n\nend",
            "| a |b |\n|-|-|\n| c |d\n\nend",
        ),
        ("- | | |\n  |-|-|\n  | a \\| x | b\n  |c|d|", "- | a \\| x | b |\n  |-|-|\n  |c|d|"),
        ("> | | | |\n> |-|-|-|\n> a | b\n> c | d", "> | a | b |  |\n> |-|-|-|\n> c | d"),
        ("| | |\n|-|-|\n| | b |\n| c | d |", "| | b |\n|-|-|\n| c | d |"),
        ("| | |\n|-|-|\n| a | b | lost |\n| c | d |", None),
        ("| | |\n|-|-|\n| a | |\n| c | d |", None),
    ],
)
def test_first_row_with_words_becomes_the_header_unless_a_column_stays_without(
    source: str, after: str | None
) -> None:
    assert found(source) == ["table-no-header"]
    assert repaired(source) == after
    assert after is None or found(after) == []


@pytest.mark.parametrize(
    ("source", "severity"),
    [
        ("| Shift | |\n|-|-|\n| Early | Ada |", Severity.WARN),
        ("| | a | |\n|-|-|-|\n| x | y | z |", Severity.WARN),
        ("| a | &nbsp; |\n|-|-|\n| x | ![y](/z) |", Severity.WARN),
    ],
)
def test_column_without_header_among_others_is_found(source: str, severity: Severity) -> None:
    (finding,) = review(Draft(source))
    assert (finding.rule, finding.severity, finding.repair) == (
        "table-header-empty",
        severity,
        None,
    )


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("| Bring |\n|-|\n| a \\| b |\n| *c* |", "Bring\n\n- a | b\n- *c*"),
        ("||\n|-|\n|||\n| a |\n| c |\n\nend", "- a\n- c\n\nend"),
        ("| | |\n|-|-|\n| a | b |", "- a\n- b"),
        ("| a | | b |\n|-|-|-|", "- a\n- b"),
        ("x\n\n- | a |\n  |-|\n  | b |", "x\n\n- a\n\n  - b"),
        ("| a | |\n|-|-|\n| b | |", "a\n\n- b"),
        ("| a |\n|-|\n| # b |", None),
        ("| | |\n|-|-|\n| a | b | lost |", None),
    ],
)
def test_single_row_or_column_becomes_a_list(source: str, after: str | None) -> None:
    assert found(source) == ["table-layout"]
    assert repaired(source) == after
    assert after is None or found(after) == []


def test_table_of_paragraphs_is_a_hint_without_repair() -> None:
    cell = "word " * 61
    source = f"| Now | Then |\n|-|-|\n| {cell}| {cell}|\n| {cell}| short |"
    (finding,) = review(Draft(source))
    assert (finding.rule, finding.severity, finding.repair) == ("table-layout", Severity.HINT, None)


def test_some_long_cells_do_not_make_a_table_of_data_one_for_looks() -> None:
    source = f"| Shift | Notes |\n|-|-|\n| Early | {'word ' * 90}|\n| Late | none |"
    assert found(source) == []
