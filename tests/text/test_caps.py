"""The limits on a text, and that a text at each of them is quick."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from forum.errors import Invalid
from forum.testing.pace import cpu_seconds
from forum.text import caps
from forum.text.pipeline import html_of
from forum.text.sanitize import sanitize


def filled(unit: str, head: str = "", size: int = caps.MAX_BYTES) -> str:
    """``head`` and then ``unit`` again and again, ``size`` characters in all."""
    times = (size - len(head)) // len(unit) + 1
    return (head + unit * times)[:size]


def cells(rows: int, columns: int) -> str:
    head = "|" + "a|" * columns + "\n|" + "-|" * columns + "\n"
    return head + "x\n" * (rows - 1)


LIMITS: dict[str, tuple[int, Callable[[int], str]]] = {
    "bytes of text": (caps.MAX_BYTES, lambda n: "é" * (n // 2) + "e" * (n % 2)),
    "lines": (caps.MAX_LINES, lambda n: "a" + "\n" * (n - 1)),
    "links and pictures": (
        caps.MAX_LINKS,
        lambda n: "[a](/b) ![c](/files/1) " * (n // 2) + "](" * (n % 2),
    ),
    "footnote references": (caps.MAX_FOOTNOTES, lambda n: "a[^1] " * n + "\n\n[^1]: b"),
    "table cells": (caps.MAX_CELLS, lambda n: cells(n // 10, 10) if n % 10 == 0 else cells(n, 1)),
    "square brackets without a partner": (caps.MAX_UNMATCHED, lambda n: "a [b\n" * n),
    "quotes and lists inside each other": (caps.MAX_DEPTH, lambda n: "> " * n + "a"),
}


@pytest.mark.parametrize("what", LIMITS)
def test_text_at_a_limit_passes_and_over_it_is_told_the_limit_and_its_size(what: str) -> None:
    limit, build = LIMITS[what]
    caps.check(build(limit))
    with pytest.raises(Invalid) as refused:
        caps.check(build(limit + 1))
    assert refused.value.field == "source"
    expected = f"There may be {limit:,} {what}; this text has {limit + 1:,}."
    assert refused.value.message.startswith(expected)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a\n\x00", "Line 2 has a control character (U+0000), which cannot be shown. Take it out."),
        ("a\x1bb", "Line 1 has a control character (U+001B), which cannot be shown. Take it out."),
        ("a\ud800", "The text has characters that are only halves. Take them out."),
    ],
)
def test_characters_that_cannot_be_shown_are_refused(source: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        caps.check(source)
    assert refused.value.message == message


@pytest.mark.parametrize(
    "source",
    [
        "",
        "a\tb\nc",
        "* * * " * 20,
        "- - - " * 20,
        "9. a\n10. b\n" * 100,
        "- a\n- b\n" * 100,
        "\n\n".join("  " * n + "- a" for n in range(15)) + "\n\nb\n\n" + "- a\n" * 30,
        "[a] " * 600,
        "a || b | c\n" * 2000,
        "\\[" * 600,
        "[a]: /b\n\n[a] " * 50,
    ],
)
def test_ordinary_texts_are_not_mistaken_for_costly_ones(source: str) -> None:
    caps.check(source)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("[a]: /b\n\n" + "[a] " * 200, "links and pictures"),
        ("a\n" + "[a]: /b\n" * 201, "links and pictures"),
        ("<https://e.org> " * 201, "links and pictures"),
        ("<a@e.org> " * 201, "links and pictures"),
        ("https://e.org " * 201, "links and pictures"),
        ("^[a] " * 101, "footnote references"),
        ("> |a|b|\n> |-|-|\n" + "> x\n" * 1001, "table cells"),
        ("]" * 501, "square brackets without a partner"),
        ("- [[[\n- ]]]\n" * 100, "square brackets without a partner"),
        ("".join("  " * n + "- a\n" for n in range(21)), "quotes and lists inside each other"),
        ("- " * 21 + "a", "quotes and lists inside each other"),
        ("> - 1. + * " * 5 + "a", "quotes and lists inside each other"),
    ],
)
def test_other_ways_to_a_costly_text_are_counted(source: str, what: str) -> None:
    with pytest.raises(Invalid, match=what):
        caps.check(source)


HTML_LIMITS: dict[str, tuple[int, Callable[[int], str]]] = {
    "bytes of HTML": (caps.MAX_HTML_BYTES, lambda n: "a" * n),
    "HTML tags": (caps.MAX_HTML_TAGS, lambda n: "<p>" * n),
    "signs such as & and >": (caps.MAX_HTML_SIGNS, lambda n: "&" * n),
    "elements inside each other": (caps.MAX_HTML_DEPTH, lambda n: "<b></i>" * n),
}


@pytest.mark.parametrize("what", HTML_LIMITS)
def test_html_at_a_limit_passes_and_over_it_is_told_the_limit_and_its_size(what: str) -> None:
    limit, build = HTML_LIMITS[what]
    caps.check_html(build(limit))
    with pytest.raises(Invalid) as refused:
        caps.check_html(build(limit + 1))
    expected = f"There may be {limit:,} {what}; this text has {limit + 1:,}."
    assert refused.value.message.startswith(expected)


@pytest.mark.parametrize(
    "html",
    [
        "<" * 1_000_000,
        "<div>" * 50_000,
        "<b></i>" * 4_000,
        "<table><td>" * 4_000,
        "&" * 200_000,
        "\xa0" * 100_000,
        ">" * 200_000,
        "<p>" + "".join(f"<em lang=a{n}>" for n in range(99)) + "<p>x" * 9_000,
    ],
)
def test_html_that_would_stall_a_sanitiser_is_refused_at_once(html: str) -> None:
    def refused() -> None:
        with pytest.raises(Invalid, match="There may be"):
            caps.check_html(html)

    assert cpu_seconds(refused, enough=0.5) < 0.5


# The slowest of some 150 shapes tried; what a later limit stops says so within the second, too.
COSTLY = {
    "prose": filled("The quick brown fox jumps over *the* lazy `dog`, and so on.\n\n"),
    "short lines": filled("aaaaaa\n"),
    "lazy lines in quotes": filled("bbbbbb\n", "> " * 19 + "a\n"),
    "lines in lists": filled("bbbbbb\n", "".join("  " * n + "- a\n" for n in range(19))),
    "links": filled("word ", "[a *b*](/c) ![d](/files/1) " * 100),
    "footnotes": filled("word ", "a[^1] " * 100 + "\n\n[^1]: b\n\n"),
    "cells": cells(200, 10),
    "wide table": cells(2, 1000),
    "brackets": filled("word *x* `y` & ", "a [b\n\n" * 500),
    "closing brackets": filled("[a] ", "] " * 500),
    "emphasis": filled("*a* "),
    "strong emphasis": filled("***a** b* "),
    "crossed emphasis": filled("*a_ "),
    "code": filled("`a``b"),
    "references": filled("&#"),
    "less than": filled("<"),
    "ampersands": filled("&"),
    "list items": filled("- aaaa\n"),
    "headings": filled("# aaaa\n"),
    "fences": filled("```a\n```\n"),
    "quotes": filled("> " * 19 + "a\n"),
    "languages": filled("[a]{lang=fr} "),
    "unfinished links": filled("b", "[a](" * 199),
    "pictures in pictures": filled("a *b* ", "![" * 19)[: -19 * 11] + "](/files/1)" * 19,
    "brackets in code": filled("[`]`"),
    "brackets in brackets": "[" * 15_000 + "a" + "]" * 15_000,
}


def render_or_refuse(source: str) -> None:
    with suppress(Invalid):
        html_of(source, post_id=1)


@pytest.mark.parametrize(
    "what",
    [pytest.param(w, marks=[pytest.mark.full] * (n % 4 > 0)) for n, w in enumerate(COSTLY)],
)
def test_costliest_text_within_a_limit_takes_less_than_a_second(what: str) -> None:
    assert cpu_seconds(lambda: render_or_refuse(COSTLY[what]), enough=1) < 1


def clean_checked(html: str) -> None:
    caps.check_html(html)
    sanitize(html)


@pytest.mark.parametrize(
    "html", ["<hr>" * 9_999 + "&" * 40_000, "<p><em>x</em>" * 3_333, "<li>" * 9_999]
)
def test_costliest_html_within_the_limits_takes_less_than_two_seconds(html: str) -> None:
    assert cpu_seconds(lambda: clean_checked(html), enough=2) < 2
