"""A draft as rules see it: every thing in it with its place in the source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accessibility.blocks import Line
from forum.accessibility.document import (
    OBJECT,
    Document,
    Heading,
    Link,
    Row,
    Table,
)
from forum.review import Span
from forum.text.lines import is_visible


def test_headings_carry_level_place_and_marks() -> None:
    source = "- ## One *two* ##\n\nThree\n=====\n\n> # Theirs"
    assert Document.parse(source).headings == (
        Heading(2, Span(2, 17), Span(2, 4), "One two", nested=False),
        Heading(1, Span(19, 30), None, "Three", nested=False),
        Heading(1, Span(34, 42), Span(34, 35), "Theirs", nested=True),
    )


def test_links_carry_their_words_and_where_these_stand() -> None:
    source = 'a [b **c**](/d "e") <https://f.g> [![h](/i)][j]\n\n[j]: /k'
    assert Document.parse(source).links == (
        Link(Span(2, 19), Span(3, 10), "/d", "e", "b c", 0),
        Link(Span(20, 33), None, "https://f.g", "", "https://f.g", 0),
        Link(Span(34, 47), Span(35, 43), "/k", "", "h", 1),
    )


def test_tables_carry_their_rows_without_what_stands_around_them() -> None:
    source = "> | a | |\n> |-|-|\n> | `b` | ![c](/d) |\n> e"
    assert Document.parse(source).tables == (
        Table(
            Span(2, 42),
            Row(Span(2, 9), ("a", "")),
            Span(12, 17),
            (Row(Span(20, 38), ("b", f"c{OBJECT}")), Row(Span(41, 42), ("e", ""))),
        ),
    )


def test_passage_holds_prose_and_a_stand_in_for_everything_else() -> None:
    source = "- [ ] See `code`, ![a](/b)\n  and https://c.d now"
    (passage,) = Document.parse(source).passages
    assert passage.text == f"See {OBJECT}, {OBJECT}\nand {OBJECT} now"


def test_blocks_stand_side_by_side_in_what_holds_them() -> None:
    source = "a\n\n- b\n\n      c\n- #\n\n> e\n> > - f\n\n***\n\n```\ng\n```\n\nh[^1]\n\n[^1]: i\n\n|j|\n|-|"
    groups = Document.parse(source).groups
    assert [(g.holder, g.nested, [b.kind for b in g.blocks]) for g in groups] == [
        ("item", False, ["paragraph", "indented"]),
        ("item", False, ["heading"]),
        ("item", True, ["paragraph"]),
        ("quote", True, ["list"]),
        ("quote", True, ["paragraph", "quote"]),
        ("footnote", True, ["paragraph"]),
        ("post", False, ["paragraph", "list", "quote", "rule", "fence", "paragraph", "table"]),
    ]


def test_lines_of_a_paragraph_say_how_they_are_parted_and_what_reaches_across() -> None:
    source = "- **One**  \n  `two` [three\n  four](/a) **and *five***\\\n  **six**"
    document = Document.parse(source)
    ((paragraph,), _) = (group.blocks for group in document.groups)
    assert paragraph.lines == (
        Line(Span(2, 9), "One", hard=False, whole=True, bold=True),
        Line(Span(14, 26), f"{OBJECT} three", hard=True, whole=True, bold=False),
        Line(Span(29, 53), "four and five", hard=False, whole=False, bold=False),
        Line(Span(57, 64), "six", hard=True, whole=True, bold=True),
    )
    assert document.passages[paragraph.passage].text == (f"One\n{OBJECT} three\nfour and five\nsix")


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.text("ab*_[]()<>|-`~\\#>1.: \n\t\u2022", max_size=60))
def test_lines_stand_in_the_source_one_after_the_other(source: str) -> None:
    document = Document.parse(source)
    for group in document.groups:
        for block in group.blocks:
            assert 0 <= block.span.start <= block.span.end <= len(document.source)
            ends = [block.span.start, *(line.span.end for line in block.lines)]
            starts = [line.span.start for line in block.lines]
            assert all(end <= start for end, start in zip(ends, starts, strict=False))


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("a word", "word"),
        ("\\*\\* word", "word"),
        ("&amp; &lt; word", "word"),
        ("&ngE; word", "word"),
        ("&nosuch; & word", "word"),
        ("|a|\n|-|\n|x \\| word|", "word"),
        ("> x\n> *y* word", "word"),
        ("# 😀 word #", "word"),
    ],
)
def test_each_character_of_a_passage_is_found_in_the_source(source: str, word: str) -> None:
    document = Document.parse(source)
    passage = document.passages[-1]
    offsets = passage.offsets(document.source)
    start = passage.text.index(word)
    assert [document.source[at] for at in offsets[start : start + len(word)]] == list(word)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.text("ab*_&;#\\\\|` \nampltx3", max_size=60))
def test_offsets_of_prose_point_at_the_character_or_what_stands_for_it(source: str) -> None:
    document = Document.parse(source)
    for passage in document.passages:
        pairs = zip(passage.text, passage.offsets(document.source), strict=True)
        plain = [(char, document.source[at]) for char, at in pairs if at >= 0 and char.isalpha()]
        assert all(char == written or written == "&" for char, written in plain)


def test_spans_refer_to_the_normalised_source() -> None:
    document = Document.parse("a\r\n\r\n# b\0")
    assert document.source == "a\n\n# b\ufffd"
    assert [heading.span.of(document.source) for heading in document.headings] == ["# b\ufffd"]


@pytest.mark.parametrize("text", ["", " \t\n", "\u200b\u2060", "\u00a0", "\u2800", "\u3164"])
def test_text_that_shows_nothing_is_not_visible(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize("text", ["a", ".", "😀", "\ue000", "ا", "\ufffc"])
def test_text_that_shows_something_is_visible(text: str) -> None:
    assert is_visible(text)
