"""A quotation is valid Markdown that shows what was quoted, no deeper and no longer than it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from forum.text.markdown import normalize
from forum.text.pipeline import html_of
from forum.text.quotes import MOST_QUOTED, quotation
from tests.text.reading import rows

SAID = "[Ada wrote in #3](/t/1/3):"


def quoted(source: str) -> str:
    """The quotation without its first line and the signs before each line."""
    first, *lines = quotation(normalize(source), SAID).splitlines()
    assert first == f"> {SAID}"
    assert all(line == ">" or line.startswith("> ") for line in lines)
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines).strip("\n")


@pytest.mark.parametrize(
    "source",
    [
        "One paragraph.",
        "One.\n\nTwo,\nin two lines.",
        "```python\nif a > b:\n\n    return\n```",
        "    indented code",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "- one\n- two\n\n  more\n\n1. three",
        "![A cracked bowl](/files/a.png)\n\n![](/files/b.png){decorative}",
        "{lang=fr}\nBonjour.",
        "## Heading\n\nText\n\n***\n\nMore",
        "> [Bo wrote in #2](/t/1/2):\n>\n> Slowly.\n\nNo, fast.",
        "See the [guide].\n\n[guide]: https://example.org/guide",
    ],
)
def test_short_text_is_quoted_as_it_is(source: str) -> None:
    assert quoted(source) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("\n\nText.\n\n\n\nMore.\n\n", "Text.\n\nMore."),
        ("\tcode", "    code"),
        ("Said[^1] and ^[aside] so.\n\n[^1]: By whom.\n    And when.\n\nMore.", "Said and  so.\n\nMore."),
        ("`[^1]` in code[^1]\n\n```\n[^1]: no\n```\n\n[^1]: note", "`[^1]` in code\n\n```\n[^1]: no\n```"),
        ("> one\n> > two\n> > > three\n>\n> four", "> one\n>\n>\n> four"),
        ("- > one\n  > > two\n\nAfter.", "- > one\n  >\n\nAfter."),
        ("> > only the inner\n\nAfter.", ">\n\nAfter."),
        ("[^1]: only a note", ""),
        ("```\nnever closed", "```\nnever closed"),
        ("[unused]: https://example.org/\n\nText.", "Text."),
    ],
)  # fmt: skip
def test_what_does_not_belong_into_a_quotation_is_left_out(source: str, expected: str) -> None:
    assert quoted(source) == expected


def test_long_text_is_cut_between_blocks() -> None:
    paragraph = ("word " * 200).strip()
    assert quoted(f"{paragraph}\n\n{paragraph}\n\n{paragraph}") == (
        f"{paragraph}\n\n{paragraph}\n\n…"
    )


def test_names_of_links_survive_a_cut() -> None:
    paragraph = ("word " * 390).strip()
    source = f"See [guide].\n\n{paragraph}\n\n{paragraph}\n\n[guide]: /a\n[other]: /b"
    assert quoted(source) == f"See [guide].\n\n{paragraph}\n\n…\n\n[guide]: /a"


def test_long_first_block_is_cut_inside() -> None:
    line, code = "word " * 600, "x = 1  # and so on\n" * 300
    assert quoted(line) == f"{('word ' * 400).strip()}\n\n…"
    fenced = quoted(f"~~~\n{code}~~~")
    assert fenced.endswith("x = 1  # and so on\n~~~\n\n…")
    assert MOST_QUOTED - 50 < len(fenced) < MOST_QUOTED + 200
    rows_ = "| a |\n|---|\n" + "| b |\n" * 1000
    assert "<td>b</td></tr>\n</tbody>\n</table></div>\n<p>…</p>" in html_of(
        quotation(rows_, SAID), post_id=1
    ).replace("\n</tr>", "</tr>")
    assert len(quoted("x" * 5_000)) == MOST_QUOTED + 3


def test_published_examples_show_the_same_when_quoted(corpora: Path) -> None:
    sample = [row["markdown"] for row in rows(corpora, "markdown_examples.jsonl")][::3]
    texts = [text for text in map(normalize, sample) if _is_plain(text)]
    assert len(texts) > 300
    assert [text for text in texts if _shown_quoted(text) != _shown(text)] == []


def _is_plain(text: str) -> bool:
    """Whether nothing of it is to be left out."""
    left_out = any(sign in text for sign in ("[^", "^[", ">"))
    return not left_out and len(text) < MOST_QUOTED and _shown(text) != ""


def _shown(text: str) -> str:
    return html_of(text, post_id=1).strip()


def _shown_quoted(text: str) -> str:
    """The HTML inside of the quotation, whose end is where the quoter's own words begin."""
    html = html_of(quotation(text, "Said:") + "\nMine.", post_id=1)
    start, end = "<blockquote>\n<p>Said:</p>\n", "\n</blockquote>\n<p>Mine.</p>\n"
    return html.removeprefix(start).removesuffix(end).strip()
