"""What the rules for HTML rest on: names, roles, styles, colours and the grid of a table."""

from __future__ import annotations

import pytest

from forum.accessibility.html.aria import is_valid
from forum.accessibility.html.colours import font_size, is_large, paint_of
from forum.accessibility.html.names import is_exposed, is_seen, name_of, text_of
from forum.accessibility.html.roles import role_of
from forum.accessibility.html.styles import style_of
from forum.accessibility.html.tables import assigned_headers
from forum.accessibility.html.tree import Element, Page
from forum.accessibility.language_tags import is_language


def at(html: str) -> tuple[Page, Element]:
    """The page and its element with the id ``x``."""
    page = Page(html)
    return page, page.by_id["x"]


NAMES = {
    '<a id="x" href="/g">Setup <b>guide</b></a>': "Setup guide",
    '<a id="x" href="/g"><img alt="Guide" src="/g.png"> 2</a>': "Guide 2",
    '<a id="x" href="/g" aria-label="Guide">here</a>': "Guide",
    '<a id="x" href="/g" aria-labelledby="n m">here</a><p id="n" hidden>Our</p><p id="m">guide</p>': (
        "Our guide"
    ),
    '<a id="x" href="/g" aria-labelledby="gone">here</a>': "here",
    '<a id="x" href="/g" title="Guide"></a>': "Guide",
    '<a id="x" href="/g"><span aria-hidden="true">→</span></a>': "",
    '<a id="x" href="/g"><svg><title>Guide</title></svg></a>': "Guide",
    '<img id="x" alt="" src="/g.png">': "",
    '<p id="x">Words are no name of a paragraph</p>': "",
    '<input id="x"><label for="x">Year</label>': "Year",
    '<label>Year <input id="x"></label>': "Year",
    '<input type="submit" id="x">': "submit",
    '<table id="x"><caption>Shifts</caption><tr><td>1</table>': "Shifts",
}


@pytest.mark.parametrize("html", NAMES)
def test_name_is_what_a_screen_reader_says(html: str) -> None:
    assert name_of(*at(html)) == NAMES[html]


ROLES = {
    '<img id="x" alt="" src="/a.png">': "presentation",
    '<img id="x" alt="" tabindex="0" src="/a.png">': "img",
    '<p id="x" role="none">': "none",
    '<p id="x" role="none" aria-live="polite">': "paragraph",
    '<p id="x" role="lisst note">': "note",
    '<a id="x">no address</a>': "generic",
    '<a id="x" href="/g">address</a>': "link",
    '<table><tr><th id="x">A<td>1</table>': "rowheader",
    '<table><tr><th id="x">A<th>B</table>': "columnheader",
    '<table role="none"><tr><td id="x">1</table>': "",
    '<input id="x" type="checkbox">': "checkbox",
    '<section id="x">': "generic",
    '<section id="x" aria-label="News">': "region",
}


@pytest.mark.parametrize("html", ROLES)
def test_role_is_the_given_one_where_it_counts(html: str) -> None:
    assert role_of(at(html)[1]) == ROLES[html]


def test_hidden_words_are_neither_seen_nor_heard() -> None:
    _page, element = at(
        '<p id="x">One <b style="display: none">two</b><i hidden>three</i> four</p>'
    )
    assert text_of(element) == "One four"
    hidden = [
        '<p style="visibility: hidden"><b id="x">a</b></p>',
        '<p aria-hidden="true"><b id="x">a</b></p>',
        '<div role="button"><b id="x">a</b></div>',
    ]
    assert [is_exposed(at(html)[1]) for html in hidden] == [False, False, False]
    away = [
        '<p id="x" style="text-indent: -9999px">',
        '<p style="position: absolute; left: -999em"><b id="x">',
        '<p id="x" style="left: -999em">',
    ]
    assert [is_seen(at(html)[1]) for html in away] == [False, False, True]


def test_important_declaration_wins_and_strange_ones_do_not_disturb() -> None:
    written = (
        "COLOR : Red !important; color: blue; background: url(a;b:c) ;; x; : y; /* z: 1; */ w:1"
    )
    assert style_of(written) == {"color": "red!important", "background": "url(a;b:c)", "w": "1"}


CONTRASTS = {
    '<p id="x" style="color: #aaa">': 2.32,
    '<p id="x" style="color: rgba(0, 0, 0, .3)">': 2.12,
    '<div style="background: #777"><p id="x" style="color: white">': 4.48,
    '<p id="x" style="color: #333; background: linear-gradient(to right, #fff, #00f)">': 12.63,
    '<font color="#aaaaaa" id="x">': 2.32,
    '<p id="x" style="color: #000; background: #777; text-shadow: black 0 0 2px">': 1.9,
    '<p style="opacity: 50%"><b id="x">': 3.95,
}


@pytest.mark.parametrize("html", CONTRASTS)
def test_contrast_is_that_of_the_words_with_what_is_behind(html: str) -> None:
    paint = paint_of(at(html)[1])
    assert paint is not None
    assert round(paint.contrast, 2) == CONTRASTS[html]


@pytest.mark.parametrize(
    "style", ["background: url(a.png)", "color: var(--c)", "filter: invert(1)"]
)
def test_contrast_with_what_cannot_be_seen_is_not_judged(style: str) -> None:
    assert paint_of(at(f'<p style="{style}"><b id="x">a')[1]) is None


def test_large_letters_are_told_in_every_unit() -> None:
    sizes = {
        '<p id="x" style="font-size: 18pt">': (24.0, True),
        '<p id="x" style="font-size: 150%">': (24.0, True),
        '<div style="font-size: 2em"><p id="x" style="font-size: .5em">': (16.0, False),
        '<b id="x" style="font-size: 14pt">': (18.67, True),
        '<h2 id="x">': (24.0, True),
        '<p id="x" style="font-size: nonsense">': (16.0, False),
    }
    found = {html: at(html)[1] for html in sizes}
    assert {h: (round(font_size(e), 2), is_large(e)) for h, e in found.items()} == sizes


def test_cells_have_the_headers_of_their_row_and_column() -> None:
    page, cell = at(
        "<table><tr><td><th>Early<th colspan=2>Late</tr>"
        '<tr><th>Mon<td>Ada<td>Eve<td id="x">Kim</tr><tr><th>Tue<td>a<td>b<td>c</table>'
    )
    assert [text_of(header) for header in assigned_headers(page, cell)] == ["Mon", "Late"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("aria-live", "polite", "loud"),
        ("aria-level", "2", "0"),
        ("aria-rowcount", "-1", "-2"),
        ("aria-setsize", "+3", "3.5"),
        ("aria-valuenow", "-1.5e3", "half"),
        ("aria-relevant", "additions text", "additions words"),
        ("aria-activedescendant", "a", "a b"),
        ("aria-checked", "MIXED", "yes"),
        ("aria-hidden", "", "no"),
    ],
)
def test_value_has_the_type_of_its_attribute(name: str, good: str, bad: str) -> None:
    assert (is_valid(name, good), is_valid(name, bad)) == (True, False)


def test_languages_are_those_that_are_registered() -> None:
    right, wrong = ["en", "pt-BR", "zh-Hant-TW", "gsw"], ["english", "xyq", " en", "en_US", "", "i"]
    assert [tag for tag in right if not is_language(tag)] == []
    assert [tag for tag in wrong if is_language(tag)] == []
