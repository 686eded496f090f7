"""What the renderer makes of a post, seen after sanitising, as readers get it."""

from __future__ import annotations

import pytest

from forum.text.pipeline import html_of
from tests.text.reading import elements, text

REL = 'rel="nofollow ugc noopener"'


def rendered(source: str, post_id: int = 7) -> str:
    return html_of(source, post_id=post_id).strip()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# a\n## b\n###### c", ["h3", "h4", "h6"]),
        ("### a\n#### b\n### c", ["h3", "h4", "h3"]),
        ("## a\n#### b", ["h3", "h5"]),
        ("#### b\n# a", ["h6", "h3"]),
        ("a\n=\n\nb\n-", ["h3", "h4"]),
    ],
)
def test_headings_begin_below_those_of_the_page_and_keep_their_distance(
    source: str, expected: list[str]
) -> None:
    assert [element.tag for element in elements(rendered(source))] == expected


def test_own_picture_is_shown_with_its_alternative() -> None:
    expected = '<p><img alt="a b" loading="lazy" src="/files/1/x.png" title="t"></p>'
    assert rendered('![a *b*](/files/1/x.png "t")') == expected


def test_decorative_picture_has_an_empty_alternative() -> None:
    expected = '<p><img alt="" loading="lazy" src="/files/1/x.png"></p>'
    assert rendered("![](/files/1/x.png){decorative}") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("![a *b*](https://e.org/x.png)", ("https://e.org/x.png", "a b")),
        ("![](https://e.org/x.png)", ("https://e.org/x.png", "picture")),
        ("![a](/t/1)", ("/t/1", "a")),
        ("![a](/files/../logout)", ("/files/../logout", "a")),
        ("![a](/files/%2e%2e/logout)", ("/files/%2e%2e/logout", "a")),
        ("[![a](https://e.org/x.png)](/b)", ("/b", "a")),
    ],
)
def test_picture_from_elsewhere_is_a_link(source: str, expected: tuple[str, str]) -> None:
    html = rendered(source)
    links = [element.get("href") for element in elements(html) if element.tag == "a"]
    assert (links, text(html)) == ([expected[0]], expected[1])
    assert "<img" not in html


def test_links_are_marked_as_written_by_users() -> None:
    assert rendered("[a](/b)") == f'<p><a href="/b" {REL}>a</a></p>'


def test_link_to_nowhere_is_not_one() -> None:
    assert [element.get("href") for element in elements(rendered("[a]()"))] == [None, None]


def test_table_stands_in_a_group_named_after_its_columns_and_reached_by_keyboard() -> None:
    html = rendered("| a *b* | c\\|d |\n|--|--|\n| e | f |")
    group = elements(html)[0]
    assert group.tag == "div"
    assert dict(group.attrib) == {
        "aria-label": "a b, c|d",
        "class": "table-region",
        "role": "group",
        "tabindex": "0",
    }
    assert [element.tag for element in group] == ["table"]


def test_table_without_column_names_is_called_table() -> None:
    assert elements(rendered("| | |\n|--|--|\n| e | f |"))[0].get("aria-label") == "Table"


def test_column_alignment_is_a_class() -> None:
    html = rendered("|a|b|c|d|\n|:-|:-:|-:|--|\n|1|2|3|4|")
    cells = [element for element in elements(html) if element.tag in ("th", "td")]
    assert [cell.get("class") for cell in cells] == [
        *("align-left", "align-center", "align-right", None),
        *("align-left", "align-center", "align-right", None),
    ]
    assert [cell.get("scope") for cell in cells] == ["col"] * 4 + [None] * 4


def test_task_box_has_its_text_as_label_and_cannot_be_changed() -> None:
    html = rendered("- [x] a *b*\n- [ ] c")
    labels = [element for element in elements(html) if element.tag == "label"]
    assert [" ".join("".join(label.itertext()).split()) for label in labels] == ["a b", "c"]
    assert [dict(label[0].attrib) for label in labels] == [
        {"checked": "", "disabled": "", "type": "checkbox"},
        {"disabled": "", "type": "checkbox"},
    ]


FOOTNOTES = "a[^x] b[^x] c^[d]\n\n[^x]: e"


def ids(html: str) -> list[str]:
    return [element.attrib["id"] for element in elements(html) if "id" in element.attrib]


def test_footnotes_and_their_references_lead_to_each_other() -> None:
    html = rendered(FOOTNOTES)
    targets = [element.attrib["href"][1:] for element in elements(html) if element.tag == "a"]
    assert ids(html) == ["fnref-7-1", "fnref-7-1-2", "fnref-7-2", "fn-7-1", "fn-7-2"]
    assert targets == ["fn-7-1", "fn-7-1", "fn-7-2", "fnref-7-1", "fnref-7-1-2", "fnref-7-2"]


def test_ids_of_two_posts_on_a_page_differ() -> None:
    assert set(ids(rendered(FOOTNOTES, 11))) & set(ids(rendered(FOOTNOTES, 1))) == set()


def test_way_back_from_a_footnote_has_a_name() -> None:
    links = [element for element in elements(rendered(FOOTNOTES)) if element.tag == "a"]
    assert [link.get("aria-label") for link in links[3:]] == [
        "Back to reference 1",
        "Back to reference 1-2",
        "Back to reference 2",
    ]


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("python", "language-python"),
        ("c++ {1}", "language-c++"),
        ("", None),
        ('"><script>', None),
        ("x" * 50, None),
    ],
)
def test_code_block_says_its_language(info: str, expected: str | None) -> None:
    html = rendered(f"```{info}\na < b & c\n```")
    code = elements(html)[1]
    assert (code.tag, code.get("class"), code.text) == ("code", expected, "a < b & c\n")


def test_language_of_words_and_blocks_is_kept() -> None:
    html = rendered("{lang=de}\nGuten *Tag*, [bonjour]{lang=fr} ![a](/files/1){lang=it}")
    assert [(e.tag, e.get("lang")) for e in elements(html)] == [
        ("p", "de"),
        ("em", None),
        ("span", "fr"),
        ("img", "it"),
    ]


def test_html_is_shown_as_text() -> None:
    source = "<b onclick='x'>a</b> <!-- b -->"
    html = rendered(source)
    assert (text(html), [element.tag for element in elements(html)]) == (source, ["p"])
