"""What holds for every repair of every rule, on drafts put together at random."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accessibility.check import review
from forum.review import Draft, Finding, Repair
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
words = st.sampled_from(WORDS)
phrases = st.lists(words, min_size=1, max_size=5).map(" ".join)
links = st.builds(
    "[{}]({}{})".format,
    st.one_of(st.just(""), st.just(" "), phrases, st.just("![](/p.png)"), st.just(f"![]({OWN})")),
    st.sampled_from(["/a", "/a_b*c", "#", "https://example.org/x?y=1&z=[2]"]),
    TITLES,
)
pictures = st.builds(
    "![{}]({}{}){}".format,
    st.one_of(st.just(""), st.just(" "), phrases, st.just("&nbsp;"), st.just("![](/files/a)")),
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
    st.one_of(phrases, links, pictures, st.just("**so"), st.just("x**")), min_size=1, max_size=4
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


blocks = st.one_of(paragraphs, headings, tables(), st.just("```\n[](/a) DO NOT TOUCH\n```"))
nested = st.one_of(blocks, blocks.map(_quoted), blocks.map(_listed))
drafts = st.lists(nested, min_size=1, max_size=6).map("\n\n".join)

examples = settings(max_examples=300, derandomize=True, deadline=None, database=None)


def counted(source: str) -> Counter[str]:
    """How often each rule finds something."""
    return Counter(finding.rule for finding in review(Draft(source)))


def repairs(source: str) -> list[tuple[Finding, Repair]]:
    return [(f, f.repair) for f in review(Draft(source)) if f.repair]


@examples
@given(drafts)
def test_repair_changes_only_its_span_and_ends_its_finding(source: str) -> None:
    for finding, repair in repairs(source):
        after = repair.apply(source)
        end = repair.span.start + len(repair.replacement)
        assert after[: repair.span.start] == source[: repair.span.start]
        assert after[end:] == source[repair.span.end :]
        assert counted(after)[finding.rule] < counted(source)[finding.rule]


@examples
@given(drafts)
def test_repair_brings_no_finding_of_another_rule(source: str) -> None:
    before = counted(source)
    for finding, repair in repairs(source):
        after = counted(repair.apply(source))
        assert after - before == Counter()
        assert (before - after).keys() == {finding.rule}


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
    for finding in review(Draft(source)):
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
        assert counted(after)[finding.rule] < counted(source)[finding.rule]
