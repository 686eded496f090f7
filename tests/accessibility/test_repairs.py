"""What holds for every repair of every rule, on drafts put together at random."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forum.accessibility.acronyms import EXAMPLE
from forum.accessibility.check import review
from forum.accessibility.registry import Mends, Rule
from forum.accessibility.rules import RULES
from forum.review import Draft, Finding, Repair, Span
from forum.text.markdown import normalize

WORDS = (
    "here",
    "Click here",
    "READ",
    "PLEASE NOW",
    "straße",
    "ÉTÉ",
    "a\\*b",
    "&amp;",
    "HTML",
    "tea",
)
TITLES = st.sampled_from(
    [
        "",
        ' "Norms"',
        ' "OUR NORMS AND RULES"',
        " 'x [y] \\\\* | z'",
        ' "click here"',
        " (in *brackets*)",
    ]
)
OWN = "/files/" + "0a" * 32 + ".png"
LONG = "https://example.org/minutes/of-the-last-meeting-of-all"
KNOWN = {
    "/t/7": "How *we* name [kilns] | all",
    "/t/8/3": "PLEASE READ THIS FIRST #3",
    LONG: "Minutes",
    "https://example.org/t/9?page=2": "here",
}
ADDRESSES = st.sampled_from(
    [
        "/a",
        "/a_b*c",
        "#",
        "https://example.org/x?y=1&z=[2]",
        "/t/7",
        "/t/8/3",
        LONG,
        LONG + "-and-so-on-up-to-the-end-of-the-year.pdf?a=(b",
        "/x.pdf",
        "/x.mp4",
        "https://youtu.be/abc",
    ]
)
ALTERNATIVES = st.sampled_from(
    [
        "IMG_2041.jpg",
        "Picture 3",
        "Picture of a tea",
        "an image of HTML",
        "Screenshot of tea",
        "tea " * 70,
        "here",
        "tea",
        "???",
    ]
)
words = st.sampled_from(WORDS)
phrases = st.lists(words, min_size=1, max_size=5).map(" ".join)
links = st.builds(
    "[{}]({}{})".format,
    st.one_of(
        st.just(""),
        st.just(" "),
        phrases,
        st.just("![](/p.png)"),
        st.just(f"![]({OWN})"),
        st.builds("![{}]({}) {}".format, ALTERNATIVES, st.just(OWN), st.sampled_from(["", *WORDS])),
        st.just("tea (PDF)"),
        st.just(LONG + "_x"),
    ),
    ADDRESSES,
    TITLES,
)
bare = st.sampled_from(
    [LONG, f"<{LONG}/(a>", LONG + "?a=1&copy;b", "https://a.org", LONG + "/x.pdf"]
)
twice = st.builds("{}{}{}".format, links, st.sampled_from([" ", "", ", ", "\n", " **x** "]), links)
pictures = st.builds(
    "![{}]({}{}){}".format,
    st.one_of(
        st.just(""),
        st.just(" "),
        phrases,
        ALTERNATIVES,
        st.just("&nbsp;"),
        st.just("![](/files/a)"),
    ),
    st.sampled_from([OWN, "/files/a_b*c", "/p.png", "<https://example.org/x y.png>"]),
    TITLES,
    st.sampled_from(
        [
            "",
            "",
            "{decorative}",
            "{lang=fr}",
            "{ lang=fr decorative }",
            "{x}",
            "{lang=fr}{decorative}",
        ]
    ),
)
lines = st.lists(
    st.one_of(phrases, links, twice, bare, pictures, st.just("**so"), st.just("x**")),
    min_size=1,
    max_size=4,
)
paragraphs = lines.map(" ".join)
headings = st.builds("{} {}".format, st.integers(1, 6).map("#".__mul__), phrases)
cells = st.one_of(st.just(""), st.just(" "), words, st.just("a \\| b"), links)
rows = st.lists(cells, min_size=1, max_size=4).map(lambda row: f"| {' | '.join(row)} |")


@st.composite
def tables(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 4))
    header = "|" + draw(st.sampled_from([" |", " &nbsp; |", " x |"])) * width
    body = draw(st.lists(rows, max_size=3))
    return "\n".join([header, "|" + "-|" * width, *body])


def _quoted(block: str) -> str:
    return "\n".join(f"> {line}" for line in block.split("\n"))


def _listed(block: str) -> str:
    return "- " + block.replace("\n", "\n  ")


def _noted(block: str, label: int) -> str:
    return f"So.[^{label}]\n\n[^{label}]: " + block.replace("\n", "\n    ")


examples_of_rules = st.sampled_from([text for rule in RULES for text in (rule.bad, rule.good)])
blocks = st.one_of(
    paragraphs,
    headings,
    tables(),
    examples_of_rules,
    st.just("```\n[](/a) DO NOT TOUCH\n```"),
)
labels = st.integers(1, 10**6)
nested = st.one_of(
    blocks, blocks.map(_quoted), blocks.map(_listed), st.builds(_noted, blocks, labels)
)
PROSE = "The key hangs beside the door. Whoever comes last turns the light off."
LINES = (
    "• a",
    "•b c",
    "1\\) x",
    "2\\) y",
    "\\- q",
    "plain words",
    "**Bold line**",
    "**NIGHT**",
    "##",
    "## NIGHT SHIFT",
    "# h",
    "    code",
    f"    {PROSE}",
    f"\\> {PROSE}",
    f"» {PROSE}",
    "- item",
    "> quoted",
    " /\\_/\\",
    "( o.o )",
    " > ^ <",
    "| a | b |",
    "|---|---|",
    "| | |",
    "```",
    "{lang=fr}",
    "[here](/b)",
    "*a",
    "b*",
    "• # x",
    "",
)
tangles = st.lists(
    st.builds(
        "".join, st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\n", "\n\n", "\\\n"]))
    ),
    min_size=1,
    max_size=9,
).map("".join)
drafts = st.lists(nested, min_size=1, max_size=6).map("\n\n".join)
languages = st.sampled_from(["en", "en", "fr", "de"])

examples = settings(max_examples=50, derandomize=True, deadline=None, database=None)


def findings(source: str, language: str = "en") -> list[Finding]:
    return review(Draft(source, language, KNOWN, EXAMPLE))


def counted(found: list[Finding]) -> Counter[str]:
    """How often each rule finds something."""
    return Counter(finding.rule for finding in found)


def repairs(source: str, language: str = "en") -> list[tuple[Finding, Repair]]:
    return [(f, f.repair) for f in findings(source, language) if f.repair]


def outside(found: list[Finding], span: Span, moved: int = 0) -> Counter[tuple[str, str, int]]:
    """What is found before ``span``, and after it less the characters it was ``moved`` by."""
    before = [(f.rule, f.text, f.span.start) for f in found if f.span and f.span.end < span.start]
    after = [
        (f.rule, f.text, f.span.start - moved) for f in found if f.span and f.span.start > span.end
    ]
    return Counter([*before, *after])


def assert_is_sound(source: str, finding: Finding, language: str = "en") -> None:
    """The repair of ``finding`` ends it, changes none elsewhere, and has nothing more to do."""
    before, repair = findings(source, language), finding.repair
    assert repair
    assert repair.replacement != repair.span.of(source)
    after = findings(repair.apply(source), language)
    made = Span(repair.span.start, repair.span.start + len(repair.replacement))
    assert outside(
        after, made, len(repair.replacement) - (repair.span.end - repair.span.start)
    ) == (outside(before, repair.span))
    assert counted(after)[finding.rule] < counted(before)[finding.rule]
    assert counted(after) - counted(before) == Counter()


@examples
@given(drafts, languages)
@example("[](/a)[READ PLEASE NOW](/a)", "en")
@example("READ PLEASE NOW<https://example.org/minutes/2026/11/27/last-meeting>", "en")
def test_repair_ends_its_finding_and_changes_none_elsewhere(source: str, language: str) -> None:
    for finding, _ in repairs(source, language):
        assert_is_sound(source, finding, language)


@examples
@given(tangles)
@example("{lang=fr}\\\n• a\n")
@example("🎉 x\n🎉\\> some words that go on for long\n")
@example("🎉🎉🎉🎉READ PLEASE NOW")
@example("ABC's {lang=german}")
@example("[](/a)(ABC) [](/a)🎉𝓕𝓪𝓷𝓬𝔂")
def test_repair_of_tangled_lines_ends_its_finding_and_changes_none_elsewhere(source: str) -> None:
    for finding, _ in repairs(source):
        assert_is_sound(source, finding)


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.mends is not Mends.NOTHING], ids=lambda rule: rule.id
)
@settings(max_examples=4, derandomize=True, deadline=None, database=None)
@given(st.lists(nested, max_size=2), st.lists(nested, max_size=2))
def test_repair_of_each_rule_is_sound_among_other_blocks(
    rule: Rule, before: list[str], after: list[str]
) -> None:
    source = "\n\n".join([*before, rule.bad, *after])
    mended = [finding for finding, _ in repairs(source) if finding.rule == rule.id]
    for finding in mended:
        assert_is_sound(source, finding)


@pytest.mark.parametrize(
    "replacement",
    ["[](/a)", "[ ](/b)", "[here](/a)", "READ THIS FIRST", "```", "[b](/c)\n\n[](/a)"],
)
def test_repair_that_is_not_sound_is_noticed(replacement: str) -> None:
    source = "[](/a)\n\nOne more paragraph with [here](/b)."
    empty, _ = findings(source)
    repair = Repair(Span(0, 6), replacement, "")
    with pytest.raises(AssertionError):
        assert_is_sound(source, replace(empty, repair=repair))


@examples
@given(drafts)
def test_repairs_one_after_the_other_come_to_an_end(source: str) -> None:
    for _ in range(100):
        if not (open_repairs := repairs(source)):
            break
        source = open_repairs[0][1].apply(source)
    assert repairs(source) == []


@examples
@given(drafts)
def test_finding_quotes_a_place_inside_the_draft(source: str) -> None:
    for finding in review(Draft(source, titles=KNOWN)):
        assert finding.span is not None
        assert 0 <= finding.span.start < finding.span.end <= len(source)


@examples
@given(st.text(st.characters(codec=None), max_size=60))
def test_review_takes_any_text(source: str) -> None:
    findings = review(Draft(source, language=source[:5]))
    assert all(f.span and f.span.end <= len(normalize(source)) for f in findings)


@examples
@given(st.text("[]()|-#>*_`\\!&;: \n\t\r\0AIabÀ\u200b1.", max_size=80))
def test_review_takes_any_tangle_of_marks(source: str) -> None:
    source = normalize(source)
    for finding, repair in repairs(source):
        after = repair.apply(source)
        assert counted(findings(after))[finding.rule] < counted(findings(source))[finding.rule]
