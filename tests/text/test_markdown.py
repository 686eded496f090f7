"""What the parser understands, and that each piece says where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it.token import Token

from forum.errors import Invalid
from forum.text.markdown import normalize, parse
from tests.text.reading import rows

SWAPPED = {"cmark-gfm-extensions-18", "cmark-gfm-regression-11"}
"""Five tildes in a row: markdown-it moves the odd one out of its place."""


def inline(source: str) -> Iterator[Token]:
    """All inline tokens of ``source``, those inside pictures too."""
    waiting = [child for token in parse(source) for child in token.children or []]
    while waiting:
        token = waiting.pop(0)
        yield token
        waiting.extend(token.children or [])


def places(source: str, kind: str) -> list[str]:
    """The characters of ``source`` that tokens of ``kind`` were made from."""
    found = (token.meta["span"] for token in inline(source) if token.type == kind)
    return [source[start:end] for start, end in found]


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        ('see [a *b*](/u "t") x', "link_open", ['[a *b*](/u "t")']),
        ('see [a *b*](/u "t") x', "link_close", ['](/u "t")']),
        ("see [a][b] x\n\n[b]: /u", "link_open", ["[a][b]"]),
        ("see <https://e.org> x", "link_open", ["<https://e.org>"]),
        ("see <https://e.org> x", "text", ["see ", "https://e.org", " x"]),
        ("see https://e.org/a. x", "link_open", ["https://e.org/a"]),
        ("a ![b *c*](/files/1) d", "image", ["![b *c*](/files/1)"]),
        ("a ![b *c*](/files/1) d", "em_open", ["*c*"]),
        ("***a** b*", "em_open", ["***a** b*"]),
        ("***a** b*", "strong_open", ["**a**"]),
        ("__a__ ~~b~~", "strong_open", ["__a__"]),
        ("__a__ ~~b~~", "s_open", ["~~b~~"]),
        ("a `` b ` c `` d", "code_inline", ["`` b ` c ``"]),
        ("[bonjour]{lang=fr}", "span_open", ["[bonjour]{lang=fr}"]),
        ("> - a\n>   *b\n>   c*", "em_open", ["*b\n>   c*"]),
        ("1. a\n\n   > # x [y](/z) #", "link_open", ["[y](/z)"]),
        ("> a [b](/c)\n> ===", "link_open", ["[b](/c)"]),
        ("x\\|y | *b*\n--|--\n`c\\|d` | [e\\|f](/g)", "link_open", ["[e\\|f](/g)"]),
        ("x\\|y | *b*\n--|--\n`c\\|d` | [e\\|f](/g)", "code_inline", ["`c\\|d`"]),
        ("> | a | b |\n> |---|---|\n> | c | *d* |", "em_open", ["*d*"]),
        ("a[^1]\n\n[^1]: b *c*\n\n    *d*", "em_open", ["*c*", "*d*"]),
        ("a^[b *c*] d", "em_open", ["*c*"]),
        ("- [x] a", "task_box", ["[x]"]),
        ("a  \nb", "hardbreak", ["  \n"]),
        ("\ta\n\n\t*b*", "em_open", []),
        ("-\t*b*", "em_open", ["*b*"]),
    ],
)
def test_inline_tokens_say_where_they_stand(source: str, kind: str, expected: list[str]) -> None:
    assert sorted(places(source, kind)) == sorted(expected)


def misplaced(row: dict[str, Any]) -> list[str]:
    """Tokens whose place in the source does not begin with their mark, or is not their text."""
    source = normalize(row["markdown"])
    return [f"{row['id']}: {token}" for token in inline(source) if not is_placed(token, source)]


def is_placed(token: Token, source: str) -> bool:
    start, end = token.meta["span"]
    written = source[start:end]
    marks = {"em_open": "*_", "strong_open": "*_", "s_open": "~", "link_open": "[<h"}
    marks |= {"code_inline": "`", "image": "!"}
    if token.type == "text":
        return written == token.content or any(sign in written for sign in "\\&")
    return (
        written[:1] != "" and written[0] in marks.get(token.type, written[0])
    ) or token.nesting < 0


def test_places_are_right_in_a_sample_of_the_published_examples(corpora: Path) -> None:
    sample = rows(corpora, "markdown_examples.jsonl")[::10]
    assert len(sample) == 140
    assert [found for row in sample for found in misplaced(row)] == []


@pytest.mark.full
def test_places_are_right_in_all_published_examples(corpora: Path) -> None:
    whole = [r for r in rows(corpora, "markdown_examples.jsonl") if r["id"] not in SWAPPED]
    assert [found for row in whole for found in misplaced(row)] == []


def test_source_is_normalised_to_newlines_without_nul() -> None:
    assert normalize("a\r\nb\rc\n\0") == "a\nb\nc\n\ufffd"


@pytest.mark.parametrize(
    "address",
    ["https://e.org/a", "http://e.org", "mailto:a@e.org", "/t/1", "/", "#p3", "HTTPS://E.ORG"],
)
def test_addresses_of_the_web_of_mail_and_of_this_site_become_links(address: str) -> None:
    assert len(places(f"[a]({address})", "link_open")) == 1


@pytest.mark.parametrize(
    "address",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "ftp://e.org",
        ),
        *("//e.org", "page.html", "https:e.org", "https://", "file:///etc", "blob:x"),
    ],
)
def test_other_addresses_stay_text(address: str) -> None:
    assert places(f"[a]({address})", "link_open") == []


@pytest.mark.parametrize(
    ("source", "linked"),
    [
        ("https://e.org", "https://e.org"),
        ("(see https://e.org/a_(b)).", "https://e.org/a_(b)"),
        ("https://e.org/?a=1&b=2!", "https://e.org/?a=1&b=2"),
        ("*https://e.org*", "https://e.org"),
        ("xhttps://e.org", None),
        ("https://", None),
        ("www.e.org", None),
        ("a@e.org", None),
        ("`https://e.org`", None),
    ],
)
def test_bare_addresses_with_a_scheme_become_links(source: str, linked: str | None) -> None:
    assert places(source, "link_open") == ([linked] if linked else [])


def attributes(source: str) -> dict[str, dict[str, Any]]:
    """Attributes by type of token, where there are any beside the address."""
    tokens = [*parse(source), *inline(source)]
    return {
        token.type: {
            name: token.attrs[name] for name in ("decorative", "lang") if name in token.attrs
        }
        for token in tokens
        if {"decorative", "lang"} & set(token.attrs)
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("![](/files/1){decorative}", {"image": {"decorative": ""}}),
        ("![a](/files/1){lang=fr}", {"image": {"lang": "fr"}}),
        ("![](/files/1){decorative lang=fr}", {"image": {"decorative": "", "lang": "fr"}}),
        ("[a](/b){lang=pt-BR}", {"link_open": {"lang": "pt-BR"}}),
        ('[a]{lang="zh-Hant"}', {"span_open": {"lang": "zh-Hant"}}),
        ("{lang=fr}\nBonjour", {"paragraph_open": {"lang": "fr"}}),
        ("{lang=fr}\n> Bonjour", {"blockquote_open": {"lang": "fr"}}),
        ("- {lang=fr}\n  Bonjour", {"paragraph_open": {"lang": "fr"}}),
        ("{lang=fr}", {}),
        ("{lang=fr}\n\nBonjour", {}),
        ("[a](/b){decorative}", {}),
        ("[a]{lang=<x>}", {}),
        ("![a](/files/1){onclick=x}", {}),
        ("![a](/files/1){style=x lang=fr}", {}),
        ("`a`{lang=fr}", {}),
    ],
)
def test_only_decorative_and_lang_are_attributes(
    source: str, expected: dict[str, dict[str, str]]
) -> None:
    assert attributes(source) == expected


@pytest.mark.parametrize("source", ["a {b} c", "![a](/files/1){b}", "{lang=fr}", "[a]{b=c}"])
def test_other_braces_stay_text(source: str) -> None:
    braces = source[source.index("{") :]
    assert braces in "".join(token.content for token in inline(source))


def test_raw_html_is_text() -> None:
    source = "<b onclick=x>a</b>\n\n<script>\nalert(1)\n</script>"
    kinds = {token.type for token in inline(source)}
    assert kinds == {"text", "softbreak"}


@pytest.mark.parametrize(
    ("source", "boxes"),
    [
        ("- [x] a\n- [ ] b\n- [X] https://e.org", [True, False, True]),
        ("1. [ ] a\n\n   b", [False]),
        ("- [x](/a) b", []),
        ("- [ ]", []),
        ("[ ] a", []),
        ("- a [x] b", []),
    ],
)
def test_task_boxes(source: str, boxes: list[bool]) -> None:
    found = [token.meta["checked"] for token in inline(source) if token.type == "task_box"]
    assert found == boxes


def test_pictures_inside_pictures_are_refused_beyond_a_depth() -> None:
    with pytest.raises(Invalid, match="more than 5 deep"):
        parse("![" * 9 + "a" + "](/files/1)" * 9)


def test_brackets_that_the_scan_cannot_see_are_refused_by_the_parser() -> None:
    with pytest.raises(Invalid, match="square brackets without a partner"):
        parse("[`]`" * 8000)
