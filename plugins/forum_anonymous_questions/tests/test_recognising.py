"""What in a draft may tell who wrote it: found in words, quickly, and kept nowhere."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from forum.db import rows
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.recognising import (
    ENOUGH_POSTS,
    MOST_FOUND,
    Kind,
    Recognised,
    Usage,
    candidates,
    recognised,
)
from forum_anonymous_questions.recognising_queries import members_named_in, usage_in

USED = "the glaze cracked near some rim when we fired it again in our kiln last week"


def found(source: str, **facts: object) -> dict[Kind, list[str]]:
    """What is found, by kind."""
    kinds: dict[Kind, list[str]] = {}
    for one in recognised(source, **facts):  # type: ignore[arg-type]
        kinds.setdefault(one.kind, []).append(one.words)
    return kinds


def test_names_dates_projects_and_addresses_are_found_where_they_stand() -> None:
    source = (
        "Last Tuesday Olga Brandt told Jonas and @mira of it.\n"
        "On 28 November, 2026-11-29 and 3.12.2026 at 14:30 the KilnMaster of GX-4 and ACME_2 failed.\n"
        "Ask fred@example.org, see https://example.org/kiln?x=1, /var/log/kiln.log and notes.xlsx.\n"
    )
    assert found(source, members=["Olga", "Olga Brandt"]) == {
        Kind.NAME: ["Olga Brandt", "Jonas", "@mira"],
        Kind.ADDRESS: [
            "fred@example.org",
            "https://example.org/kiln?x=1",
            "/var/log/kiln.log",
            "notes.xlsx",
        ],
        Kind.DATE: ["Tuesday", "28 November", "2026-11-29", "3.12.2026", "14:30"],
        Kind.PROJECT: ["KilnMaster", "GX-4", "ACME_2"],
    }


def test_each_thing_is_named_once_with_its_first_line_and_how_often() -> None:
    looked = recognised("One kiln.\nThe KilnMaster.\nA KilnMaster.", title="Ask Jonas")
    assert looked == [
        Recognised(Kind.NAME, "Jonas", 0),
        Recognised(Kind.PROJECT, "KilnMaster", 2, 2),
    ]


def test_words_that_begin_a_sentence_or_a_line_are_no_names() -> None:
    sentences = "Glaze runs. It does! “Why” is it so?\n\n"
    source = f"{sentences}- First this\n- Then that\n\n> Quoted\n\n1. One\n\n| Cell |\n"
    assert found(source) == {}


@pytest.mark.parametrize(
    ("language", "source", "dates"),
    [
        ("de", "Am Dienstag, dem 3. März 2026, brach der Ofen um 14:30 Uhr.", 3),
        ("fr", "Le four est cassé depuis mardi 3 mars 2026.", 2),
        ("xx-nonsense", "It broke on Tuesday.", 1),
    ],
)
def test_days_are_found_in_the_language_of_the_text(language: str, source: str, dates: int) -> None:
    assert len(found(source, language=language)[Kind.DATE]) == dates


def test_loud_words_are_no_abbreviations() -> None:
    assert found("PLEASE READ THIS. The KLN and the GZX failed.") == {Kind.PROJECT: ["KLN", "GZX"]}


def test_german_nouns_are_no_names_unless_nobody_else_uses_them() -> None:
    source = "Mein Ofen hat einen Riss, sagt Jonas."
    assert found(source, language="de") == {}
    usage = Usage.of(["mein Ofen hat einen Riss"] * ENOUGH_POSTS)
    assert found(source, language="de", usage=usage) == {Kind.NAME: ["Jonas"]}


def test_words_that_few_posts_use_are_rare_and_rare_neighbours_one_phrase() -> None:
    usage = Usage.of([USED] * ENOUGH_POSTS + ["hypercalcareous"])
    source = "the hypercalcareous slipware glaze cracked again near our biscuitware"
    assert found(source, usage=usage) == {Kind.RARE: ["hypercalcareous slipware", "biscuitware"]}
    # With few posts nobody can tell what is rare.
    assert found(source, usage=Usage.of([USED] * 3)) == {}


def test_list_has_an_end_and_hostile_texts_take_no_time() -> None:
    assert len(recognised(" ".join(f"Ab{n}Cd" for n in range(1_000)))) == MOST_FOUND
    hostile = (
        "A",
        "a-",
        "Aa",
        "1.1.",
        "a_",
        "/a",
        "a1",
        "x@",
        "A-",
        ". ",
        "a.a",
        "é",
        "a@a.",
        "Ab ",
        # What nearly is one, until its last letter.
        "A" * 40 + "é",
        "A1" * 20 + "é",
        "A-" * 20 + "é",
        "Aa" * 20 + "é",
        "aA" * 20 + "_é ",
        "a_" * 20 + "é@",
    )
    for piece in hostile:
        source = piece * (32_000 // len(piece))
        start = time.process_time()
        recognised(source, members=["Olga Brandt"] * 100, usage=Usage(ENOUGH_POSTS))
        assert time.process_time() - start < 1, piece


def test_draft_is_compared_with_members_and_with_what_all_can_read(forum: PluginForum) -> None:
    forum.make.member("Olga Brandt")
    forum.make.member("100% Kiln_")
    thread = forum.make.thread(source="Dampers everywhere. Dampers!", title="Open to all")
    forum.make.reply(thread, source="Dampers again.")
    others = forum.make.category("Others")
    forum.make.thread(category=others, source="Secretware and dampers.")
    with forum.app.test_request_context():
        assert members_named_in("Brandt asked Mira, and Olga Brandt did not.") == {
            "Olga Brandt",
            "Olga",
            "Brandt",
        }
        assert members_named_in("nobody") == set()
        [category] = rows(text("SELECT category_id FROM threads WHERE title = 'Open to all'"))
        usage = usage_in([category.category_id])
    used = [word in usage.common for word in ("dampers", "secretware")]
    assert (usage.posts, used) == (2, [True, False])
    assert usage_in([]) == Usage()


def test_candidates_are_few_words_with_capitals() -> None:
    assert candidates("The kiln of Olga-Marie and of O") == ["The", "Olga-Marie"]
    assert (
        len(candidates(" ".join(f"Name{chr(97 + n % 26)}{'x' * (n // 26)}" for n in range(500))))
        == 100
    )
