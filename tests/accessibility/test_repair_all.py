"""All safe repairs in one step: what they change, what they leave, and that they end."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accessibility.acronyms import EXAMPLE
from forum.accessibility.check import review
from forum.accessibility.registry import Fault, Mends, Rule, rule
from forum.accessibility.repair_all import repair_all
from forum.accessibility.rules import RULES
from forum.review import Draft, Repair, Severity, Span

OWN = "/files/" + "0a" * 32 + ".png"
SAFE = {rule.id for rule in RULES if rule.mends is Mends.SAFELY}
blocks = st.one_of(
    st.sampled_from([text for rule in RULES for text in (rule.bad, rule.good)]),
    st.sampled_from(["# a\n#### b\n##### c", "a\n=\n\n- ### b", "> #### theirs", "some words"]),
)
drafts = st.lists(blocks, min_size=1, max_size=8).map("\n\n".join)
examples = settings(max_examples=30, derandomize=True, deadline=None, database=None)


def test_safe_repairs_are_made_together_and_named() -> None:
    source = f"## a\r\n#### b\r\n\r\n![x]({OWN}){{decorative}}\r\n\r\n## c\r\n##### d"
    after, applied = repair_all(Draft(source))
    assert after == f"## a\n### b\n\n![x]({OWN})\n\n## c\n### d"
    assert Counter(finding.rule for finding in applied) == {
        "picture-both": 1,
        "heading-skipped": 2,
    }


def test_what_needs_a_look_is_left_to_the_author() -> None:
    source = f"![]({OWN})\n\n| | |\n|-|-|\n| a | b |\n| c | d |\n\nPLEASE READ THIS FIRST"
    assert repair_all(Draft(source)) == (source, ())


def test_repairs_inside_each_other_are_all_made() -> None:
    after, applied = repair_all(Draft("# a\n### b\n##### c\n###### d"))
    assert after == "# a\n## b\n### c\n#### d"
    assert len(applied) >= 1
    assert review(Draft(after, glossary=EXAMPLE)) == []


@examples
@given(drafts)
def test_no_safe_repair_is_left_and_doing_it_again_changes_nothing(source: str) -> None:
    after, applied = repair_all(Draft(source))
    left = review(Draft(after, glossary=EXAMPLE))
    assert [f.rule for f in left if f.repair and f.rule in SAFE] == []
    assert repair_all(Draft(after)) == (after, ())
    assert {finding.rule for finding in applied} <= SAFE
    assert bool(applied) == (after != source)


@examples
@given(drafts)
def test_nothing_new_is_found_afterwards(source: str) -> None:
    after, _ = repair_all(Draft(source))
    new = Counter(f.rule for f in review(Draft(after, glossary=EXAMPLE)))
    assert new - Counter(f.rule for f in review(Draft(source, glossary=EXAMPLE))) == Counter()


def endless(mends: Mends) -> Rule:
    """A rule whose repair writes what it finds once more."""

    @rule(
        "test-endless",
        wcag="",
        severity=Severity.HINT,
        message="",
        help="",
        bad="",
        good="",
        mends=mends,
    )
    def check(document):  # type: ignore[no-untyped-def]
        for at, char in enumerate(document.source):
            if char == "!":
                yield Fault(Span(at, at + 1), "!", Repair(Span(at, at + 1), "!!", ""))

    return check


def test_repair_that_does_not_help_is_not_made() -> None:
    assert repair_all(Draft("a!b"), [endless(Mends.SAFELY)]) == ("a!b", ())


def test_text_too_tangled_to_be_parsed_stays_as_it_is() -> None:
    tangled = "# a\n### b\n" + "[" * 30_000
    assert repair_all(Draft(tangled)).source == tangled
