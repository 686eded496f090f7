"""Pictures: which need a decision, what the repairs make of them, what is left alone."""

from __future__ import annotations

import pytest

from forum.accessibility.check import review
from forum.review import Draft, Severity

OWN = "/files/" + "0a" * 32 + ".png"


def found(source: str) -> list[tuple[str, str]]:
    """The rules that find something in ``source``, and the source after each one's repair."""
    return [(f.rule, f.repair.apply(source) if f.repair else "") for f in review(Draft(source))]


@pytest.mark.parametrize(
    ("source", "repaired"),
    [
        (f"![]({OWN})", f"![]({OWN}){{decorative}}"),
        (f"![ ]({OWN} 'A title')", f"![ ]({OWN} 'A title'){{decorative}}"),
        (f"![&nbsp;]({OWN})", f"![&nbsp;]({OWN}){{decorative}}"),
        (f"![\u200b]({OWN}) and on", f"![\u200b]({OWN}){{decorative}} and on"),
        (f"![]({OWN}){{lang=fr}}", f"![]({OWN}){{decorative}}{{lang=fr}}"),
        (f"![]({OWN}){{x}}", f"![]({OWN}){{decorative}}{{x}}"),
        (f"> - ![]({OWN})", f"> - ![]({OWN}){{decorative}}"),
        (
            f"| a | b |\n|-|-|\n| ![]({OWN}) | c |",
            f"| a | b |\n|-|-|\n| ![]({OWN}){{decorative}} | c |",
        ),
        (f"![][p]\n\n[p]: {OWN}", f"![][p]{{decorative}}\n\n[p]: {OWN}"),
        (f"[![]({OWN}) Guide](/g)", f"[![]({OWN}){{decorative}} Guide](/g)"),
        (f"[![]({OWN})](/g 'Guide')", f"[![]({OWN}){{decorative}}](/g 'Guide')"),
    ],
)
def test_picture_without_decision_is_found_and_marked(source: str, repaired: str) -> None:
    assert found(source) == [("picture-undecided", repaired)]
    assert found(repaired) == []


@pytest.mark.parametrize(
    ("source", "repaired"),
    [
        (f"![a]({OWN}){{decorative}}", f"![a]({OWN})"),
        (f"![a]({OWN}){{ decorative }}!", f"![a]({OWN})!"),
        (f"![a]({OWN}){{lang=fr decorative}}", f"![a]({OWN}){{lang=fr}}"),
        (f"![a]({OWN}){{lang=fr}}{{decorative}}", f"![a]({OWN}){{lang=fr}}"),
    ],
)
def test_picture_with_words_and_mark_keeps_its_words(source: str, repaired: str) -> None:
    assert found(source) == [("picture-both", repaired)]
    assert found(repaired) == []


@pytest.mark.parametrize(
    "source",
    [
        f"![Bowl]({OWN})",
        f"![]({OWN}){{decorative}}",
        f"![`x`]({OWN})",
        f"`![]({OWN})`",
        f"```\n![]({OWN})\n```",
        "![](https://example.org/x.png)",
        "![](/p.png)",
        f"\\![]({OWN} [x](/y)",
    ],
)
def test_other_pictures_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_picture_that_is_all_a_link_has_is_one_finding_without_repair() -> None:
    assert found(f"[![]({OWN})](/guide)") == [("link-empty", "")]


def test_only_the_missing_decision_stands_in_the_way() -> None:
    both = review(Draft(f"![]({OWN}) ![a]({OWN}){{decorative}}"))
    assert [f.severity for f in both] == [Severity.BLOCK, Severity.HINT]
