"""From source to HTML: what is kept, what is refused, what hostile input can do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from forum.errors import Invalid
from forum.testing.pace import cpu_seconds
from forum.text.allowed import is_link
from forum.text.markdown import normalize
from forum.text.pipeline import excerpt_of, html_of
from tests.text.reading import dom, elements, rows, text

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
STRUCTURE = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "hr",
    "li",
    "ol",
    "pre",
    "strong",
    "ul",
    *HEADINGS,
}

DIFFERENT = {
    # HTML is text here, so its signs show and what stands in it is Markdown.
    *(f"commonmark-{number}" for number in (21, 201, 308, 309, 491, 494, 524, 536)),
    # Bare addresses are links here.
    *(f"commonmark-{number}" for number in (602, 608, 611)),
}


def comparable(row: dict[str, Any]) -> bool:
    """A CommonMark example without HTML of its own, whose addresses a post may link to."""
    if row["source"] != "commonmark" or row["section"] in ("HTML blocks", "Raw HTML"):
        return False
    addresses = [
        e.get("href", e.get("src")) for e in elements(row["html"]) if e.tag in ("a", "img")
    ]
    return row["id"] not in DIFFERENT and all(is_link(address or "") for address in addresses)


Piece = tuple[str, str]


def outline(html: str) -> list[Piece]:
    """The text, links, code, lists, quotes and headings of ``html``, in order.

    Headings lose their level and pictures become links, as they do in posts.
    """
    pieces: list[Piece] = []
    for kind, value in walk(dom(html)):
        if kind == "text" and pieces and pieces[-1][0] == "text":
            pieces[-1] = ("text", pieces[-1][1] + value)
        else:
            pieces.append((kind, value))
    shown = [(kind, " ".join(value.split())) for kind, value in pieces]
    return [(kind, value) for kind, value in shown if kind != "text" or value]


def walk(element: Element) -> Iterator[Piece]:
    tag = "heading" if element.tag in HEADINGS else element.tag
    if element.tag in STRUCTURE:
        yield tag, element.get("href") or ""
    if tag == "img":
        yield from [
            ("a", element.attrib["src"]),
            ("text", element.get("alt") or "picture"),
            ("/a", ""),
        ]
    yield "text", element.text or ""
    for child in element:
        yield from walk(child)
        yield "text", child.tail or ""
    if element.tag in STRUCTURE:
        yield "/" + tag, ""


def changed(examples: list[dict[str, Any]]) -> list[str]:
    """Examples that do not say in a post what they say in the specification."""
    return [
        row["id"]
        for row in examples
        if outline(html_of(normalize(row["markdown"]), post_id=1)) != outline(row["html"])
    ]


def test_sample_of_commonmark_examples_keeps_text_links_code_and_lists(corpora: Path) -> None:
    sample = [row for row in rows(corpora, "markdown_examples.jsonl") if comparable(row)][::5]
    assert len(sample) == 108
    assert changed(sample) == []


@pytest.mark.full
def test_all_commonmark_examples_keep_text_links_code_and_lists(corpora: Path) -> None:
    whole = [row for row in rows(corpora, "markdown_examples.jsonl") if comparable(row)]
    assert len(whole) == 538
    assert changed(whole) == []


def document(row: dict[str, Any]) -> str:
    """The whole text of a pathological example; four of them are described in words."""
    described = {
        "patho-14": lambda: "".join("  " * n + "* a\n" for n in range(500)),
        "patho-16": lambda: "".join("e" + "`" * n for n in range(1, 2500)),
        "patho-23": lambda: "".join(f"[x{n}]: /url\n\n[x{n}]\n\n" for n in range(25_000)),
        "patho-25": lambda: "".join(f"[{n}]: u\n" for n in range(1, 80_000)) + "[0] " * 5000,
    }
    if row["id"] in described:
        return described[row["id"]]()
    return "".join(part * times for part, times in row["parts"])


def answer(source: str) -> str:
    """What an author of ``source`` is told."""
    try:
        html_of(source, post_id=1)
    except Invalid as refused:
        return refused.message
    return "rendered"


def limit(message: str) -> str:
    """The message without the size found and the advice."""
    return message.partition(";")[0]


TOO_LONG = "There may be 32,768 bytes of text"
SHORT = {
    "patho-11": "rendered",
    "patho-15": "rendered",
    "patho-26": "Line 3 has a control character (U+000B), which cannot be shown. Take it out.",
}


def test_pathological_texts_are_refused_with_the_limit_or_rendered(corpora: Path) -> None:
    whole = rows(corpora, "markdown_pathological.jsonl")
    answers = {row["id"]: limit(answer(normalize(document(row)))) for row in whole}
    assert answers == {name: SHORT.get(name, TOO_LONG) for name in answers}


def slow(examples: list[dict[str, Any]]) -> list[str]:
    """Examples that take a second or more, whole or cut to the longest text allowed."""
    texts = [(row["id"], normalize(document(row))) for row in examples]
    cut = [(name, source[: 32 * 1024]) for name, source in texts]
    return [
        name for name, source in texts + cut if cpu_seconds(partial(answer, source), enough=1) >= 1
    ]


def test_sample_of_pathological_texts_takes_less_than_a_second_each(corpora: Path) -> None:
    assert slow(rows(corpora, "markdown_pathological.jsonl")[::5]) == []


@pytest.mark.full
def test_all_pathological_texts_take_less_than_a_second_each(corpora: Path) -> None:
    assert slow(rows(corpora, "markdown_pathological.jsonl")) == []


def test_overrides_of_the_writing_direction_are_left_out() -> None:
    html = html_of("a \u202eb\u202c &#x202d;c `\u202dd`", post_id=1)
    assert html.strip() == "<p>a b\u202c c <code>d</code></p>"


def test_embeddings_and_isolates_that_languages_need_are_kept() -> None:
    html = html_of("a \u202bשלום\u202c \u2067עולם\u2069", post_id=1)
    assert text(html).strip() == "a \u202bשלום\u202c \u2067עולם\u2069"


def test_very_long_word_is_rendered_whole() -> None:
    word = "x" * 10_000
    assert html_of(word, post_id=1).strip() == f"<p>{word}</p>"


def test_text_over_a_limit_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Invalid, match="32,768 bytes of text; this text has 40,000"):
        html_of("a" * 40_000, post_id=1)


def test_html_that_grew_over_a_limit_is_refused() -> None:
    with pytest.raises(Invalid, match="10,000 HTML tags"):
        html_of("*a* " * 6_000, post_id=1)


def test_marks_deep_inside_each_other_are_refused() -> None:
    with pytest.raises(Invalid, match="100 elements inside each other"):
        html_of("*" * 2_000 + "a" + "*" * 2_000, post_id=1)


@pytest.mark.parametrize(
    ("source", "length", "expected"),
    [
        ("a *b*c\n\nd", 240, "a bc d"),
        ("# a\n\n- b\n- c", 240, "a b c"),
        ("a < b &amp; c > `d<e>`", 240, "a < b & c > d<e>"),
        ("a[^1] b\n\n[^1]: note", 240, "a[1] b"),
        ("one two three", 9, "one two…"),
        ("one two", 7, "one two"),
        ("onetwothree", 6, "onetw…"),
        ("a\u202b\u2066b", 240, "ab"),
        ('[a](/b "c > d") e', 240, "a e"),
        ("", 240, ""),
    ],
)
def test_excerpt_is_the_words_on_one_line(source: str, length: int, expected: str) -> None:
    excerpt = excerpt_of(html_of(source, post_id=1), length)
    assert excerpt == expected
    assert len(excerpt) <= length
