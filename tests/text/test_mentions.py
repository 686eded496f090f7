"""``@handle`` becomes a link where it names somebody, and stays text everywhere else."""

from __future__ import annotations

import re

import pytest

from forum.text.markdown import parse
from forum.text.mentions import handles_in
from forum.text.pipeline import html_of, mentioned_in

KNOWN = {"ada": 1, "bo.b": 2, "c-d_e": 3}


def linked(source: str) -> list[tuple[str, str]]:
    """The links to members: address and words."""
    html = html_of(source, post_id=1, mentions=KNOWN)
    return re.findall(r'<a href="(/members/\d+)" rel="nofollow ugc noopener">(.*?)</a>', html)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Ask @ada.", [("/members/1", "@ada")]),
        ("@ADA and (@Bo.B), @c-d_e!", [(f"/members/{n}", w) for n, w in
                                      [(1, "@ADA"), (2, "@Bo.B"), (3, "@c-d_e")]]),
        ("*@ada* _@ada_ **@ada** __@ada__", [("/members/1", "@ada")] * 4),
        ("> @ada\n\n- @ada\n\n# @ada\n\n| @ada |\n|---|", [("/members/1", "@ada")] * 4),
        ("[@ada]{lang=fr} says[^1]\n\n[^1]: @bo.b", [("/members/1", "@ada"),
                                                    ("/members/2", "@bo.b")]),
        ("@ada's glaze, @ada-", [("/members/1", "@ada")] * 2),
    ],
)  # fmt: skip
def test_handle_of_a_member_leads_to_them(source: str, expected: list[tuple[str, str]]) -> None:
    assert linked(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "`@ada`",
        "```\n@ada\n```",
        "    @ada",
        "[ask @ada](https://example.org/)",
        "![with @ada](https://example.org/x.png)",
        "https://example.org/@ada",
        "<mailto:x@ada>",
        "mail to kiln@ada, x_@ada, kiln.@ada",
        "@ada@example.org",
        "@adam, @adaö, @ada-ö",
        r"\@ada",
        "@@ada",
        "@" + "ada" * 20,
        "\N{FULLWIDTH COMMERCIAL AT}ada @ ada",
        "@cy, whom nobody knows",
    ],
)
def test_what_only_looks_like_a_mention_stays_text(source: str) -> None:
    assert (linked(source), mentioned_in(source, KNOWN)) == ([], frozenset())


def test_what_is_quoted_speaks_to_nobody() -> None:
    assert mentioned_in("> @ada said\n\n@bo.b, is it so?\n\n> > @c-d_e", KNOWN) == {2}


def test_letters_that_fold_into_others_are_no_handles() -> None:
    assert handles_in("@\u212ailn @\u017fam @kiln") == {"kiln"}


def test_mention_knows_where_it_stands() -> None:
    source = "Hello @ada, *well*."
    children = parse(source, {"mentions": KNOWN})[1].children or []
    spans = [(token.type, token.meta["span"]) for token in children[:5]]
    assert spans == [
        ("text", (0, 6)),
        ("link_open", (6, 10)),
        ("text", (6, 10)),
        ("link_close", (10, 10)),
        ("text", (10, 12)),
    ]
