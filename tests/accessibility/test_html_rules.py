"""Each rule for HTML finds what it is for, leaves alone what is right, and says where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accessibility.html.aria import ATTRIBUTES, GLOBAL, ROLES
from forum.accessibility.html.check import review_html
from forum.accessibility.html.registry import HtmlRule
from forum.accessibility.html.rules import HTML_RULES
from forum.accessibility.html.tree import Page
from forum.accessibility.rules import RULES
from forum.errors import Invalid
from forum.review import Severity
from forum.testing.pace import cpu_seconds
from forum.text.caps import MAX_REVIEWED_TAGS, check_html


def rules_of(html: str, language: str = "en") -> list[str]:
    """The rules that are named for ``html``, whether of what stays or of what goes."""
    review = review_html(html, language)
    return [finding.rule for finding in review.findings] + [gone.rule for gone in review.removed]


def test_html_with_more_tags_than_a_second_allows_is_told_the_limit() -> None:
    assert review_html("<hr>" * MAX_REVIEWED_TAGS).removed == ()
    with pytest.raises(Invalid, match="There may be 3,000 HTML tags; this text has 3,001"):
        review_html("<hr>" * (MAX_REVIEWED_TAGS + 1))


@pytest.mark.parametrize("rule", HTML_RULES, ids=[rule.id for rule in HTML_RULES])
def test_rule_finds_its_bad_example_and_not_the_good_one(rule: HtmlRule) -> None:
    assert rule.id in rules_of(rule.bad)
    assert rule.id not in rules_of(rule.good)


def test_every_rule_has_its_line_in_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "accessibility-checker.md"
    lines = page.read_text("utf-8").splitlines()
    told = [line.split("`")[1] for line in lines if line.startswith("| `") and line.count("|") > 7]
    assert told == [rule.id for rule in HTML_RULES]


def test_rule_for_both_serves_the_same_and_weighs_no_more_in_html() -> None:
    of_markdown = {rule.id: rule for rule in RULES}
    pairs = [(of_markdown[rule.id], rule) for rule in HTML_RULES if rule.id in of_markdown]
    assert len(pairs) > 10
    for one, other in pairs:
        assert (one.wcag, one.act) == (other.wcag, other.act), one.id
    weights = {one.id: (one.severity.value, other.severity.value) for one, other in pairs}
    assert {rule: both for rule, both in weights.items() if len(set(both)) > 1} == {
        "heading-bold": ("warn", "hint"),
        "table-header-empty": ("warn", "hint"),
    }


def test_acronyms_of_the_community_are_known_in_html_too() -> None:
    glossary = (("KILO", "Kilns in one"),)
    said = review_html("<p>ASK THE KILO</p>", glossary=glossary).findings
    assert [(finding.rule, finding.text) for finding in said] == [("acronym-unexplained", "KILO")]


def test_rules_have_names_of_their_own() -> None:
    names = [rule.id for rule in HTML_RULES]
    assert len(names) == len(set(names))


def test_finding_says_which_tag_it_is_about() -> None:
    html = '<p>Größe &amp; so</p>\r\n<p><img src="/files/kiln.png"> and <a href="/g">here</a></p>'
    findings = review_html(html).findings
    assert [(f.rule, f.span and f.span.of(html), f.text, f.repair) for f in findings] == [
        ("link-vague", '<a href="/g">', "here", None),
        ("picture-undecided", '<img src="/files/kiln.png">', '<img src="/files/kiln.png">', None),
    ]


def test_what_goes_is_named_as_it_was_written() -> None:
    html = '<p aria-lable="x">One</p><div role="lisst">Two</div><marquee>Three</marquee>'
    removed = review_html(html).removed
    assert [(gone.rule, gone.act, gone.what) for gone in removed] == [
        ("text-moves", (), "<marquee>"),
        ("aria-unknown", ("5f99a7",), '<p aria-lable="x">'),
        ("role-unknown", ("674b10",), '<div role="lisst">'),
    ]


def test_fault_that_a_post_keeps_is_found_and_not_said_to_be_gone() -> None:
    kept = review_html('<p lang="xyq">Words</p>')
    gone = review_html('<p lang="english language">Words</p>')
    assert [f.rule for f in kept.findings] == ["language-unknown"]
    assert ([f.rule for f in gone.findings], [r.rule for r in gone.removed]) == (
        [],
        ["language-unknown"],
    )


def test_right_markup_that_goes_is_not_named() -> None:
    html = (
        '<div role="tablist"><button role="tab" aria-selected="true">One</button></div>'
        '<p id="a" aria-live="polite" style="color: #222; line-height: 1.1">Two</p>'
        '<video controls src="/v.mp4"><track kind="captions" src="/v.vtt"></video>'
    )
    assert review_html(html).removed == ()


def test_name_that_goes_is_a_hint_about_what_remains() -> None:
    review = review_html('<p><img src="/files/kiln.png" aria-label="Kiln with its door open"></p>')
    assert [(f.rule, f.severity, f.span) for f in review.findings] == [
        ("picture-undecided", Severity.HINT, None)
    ]


def test_words_around_a_link_say_where_it_leads() -> None:
    [alone] = review_html('<p><a href="/a">More</a></p>').findings
    [explained] = review_html('<p>Tokens of the night: <a href="/a">More</a></p>').findings
    assert (alone.act, explained.act) == (("aizyf1", "5effbb"), ("aizyf1",))


def test_language_of_the_text_decides_about_vague_words() -> None:
    html = '<p><a href="/a">Meer</a></p>'
    assert (rules_of(html, "de"), rules_of(html, "nl")) == ([], ["link-vague"])
    assert rules_of(f'<div lang="nl">{html}</div>', "de") == ["link-vague"]


def test_tables_of_roles_name_only_attributes_and_roles_that_there_are() -> None:
    named = {role for known in ROLES.values() for role in known.context | known.owned}
    attributes = {name for known in ROLES.values() for name in known.supported}
    assert (named - set(ROLES), attributes - set(ATTRIBUTES), GLOBAL - set(ATTRIBUTES)) == (
        set(),
        set(),
        set(),
    )


CHAIN = "".join(f'<b id="a{n}" aria-owns="a{n + 1}"></b>' for n in range(2500))
HOSTILE = {
    "headers": "<table><tr>" + "<th>x" * 4000,
    "data": "<table><tr><th>" + "<td>x" * 4000,
    "spans": '<table><tr><td colspan="1000" rowspan="1000">x' * 45,
    "chain": CHAIN + '<a href="/x" aria-labelledby="a0"></a>',
    "one long name": f'<p id="a">{"word " * 20_000}</p>' + '<a href="/x" aria-labelledby="a"></a>' * 1500,
    "labels in circles": '<a href="/x" id="a" aria-labelledby="a b"></a><b id="b" aria-owns="a"></b>' * 999,
    "vague links": "<p>" + '<a href="/x">here</a> ' * 3000,
    "bold paragraphs": "<p><b>x</b></p><p>y</p>" * 1600,
    "styles": '<p style="color:#777;font-size:.9em">x</p>' * 4000,
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [n if n in ("headers", "chain") else pytest.param(n, marks=pytest.mark.full) for n in HOSTILE],
)
def test_rules_stay_quick_on_hostile_html(name: str) -> None:
    check_html(HOSTILE[name])
    page = Page(HOSTILE[name])
    check = lambda: [list(rule.check(page)) for rule in HTML_RULES]  # noqa: E731
    assert cpu_seconds(check, enough=2) < 2


_TAGS = st.sampled_from(
    [
        "p",
        "a",
        "img",
        "h2",
        "h4",
        "table",
        "tr",
        "td",
        "th",
        "ul",
        "li",
        "div",
        "span",
        "b",
        "svg",
        "iframe",
        "details",
        "summary",
        "label",
        "input",
    ]
)
_ATTRIBUTES = st.sampled_from(
    (
        'role="list"', 'role="group"', 'role="none"', 'aria-owns="a b"', 'aria-labelledby="a"',
        'id="a"', 'id="b"', 'style="color:#777;font-size:.5em"', 'href="/x"', 'alt=""', "tabindex=0",
        'colspan="3"', 'rowspan="2"', 'headers="a"', 'lang="qq"', "aria-hidden=true", 'for="a"',
        'style="line-height:1!important"', 'title="T"', "hidden", 'srcdoc="<a href=/>x</a>"',
    )
)  # fmt: skip
_PIECES = st.one_of(
    st.tuples(_TAGS, st.lists(_ATTRIBUTES, max_size=3)).map(lambda t: f"<{t[0]} {' '.join(t[1])}>"),
    _TAGS.map(lambda tag: f"</{tag}>"),
    st.sampled_from(["More", "&amp;", " ", "Ä", "<", '"', "\r\n", "<!-- x -->"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join))
def test_any_html_is_reviewed_and_every_place_lies_in_it(html: str) -> None:
    review = review_html(html)
    spans = [f.span for f in review.findings if f.span] + [gone.span for gone in review.removed]
    assert all(0 <= span.start <= span.end <= len(html) for span in spans)
    own = [f.span for f in review.findings if f.span and f.rule in {r.id for r in HTML_RULES}]
    assert all(span.of(html)[:1] in ("<", "") for span in own)
