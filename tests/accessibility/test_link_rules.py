"""Links: long addresses, files, the same twice, and titles of pages of this forum."""

from __future__ import annotations

import pytest

from forum.accessibility.addresses import file_type, is_long_address, recording, shortened
from forum.accessibility.check import review
from forum.review import Draft, Severity

LONG = "https://example.org/minutes/2026/11/27/last-meeting"
TITLES = {
    "/t/7": "How we name kilns",
    "/t/7/3": "How we name kilns #3",
    "https://forum.example/t/8?page=2&x=1#post-of-the-day": "Glazes | all [of] them",
    "/t/9": "here",
}


def found(source: str) -> list[tuple[str, str]]:
    """The rules that find something in ``source``, and the source after each one's repair."""
    findings = review(Draft(source, titles=TITLES))
    return [(f.rule, f.repair.apply(source) if f.repair else "") for f in findings]


# Long addresses


@pytest.mark.parametrize(
    ("source", "after"),
    [
        (LONG, f"[example.org/minutes/2026/11/27/last-meeting]({LONG})"),
        (f"See <{LONG}>.", f"See [example.org/minutes/2026/11/27/last-meeting]({LONG})."),
        (f"({LONG}?a=1&b=2)", f"([example.org/minutes/2026/11/27/last-meeting…]({LONG}?a=1&b=2))"),
        (f"{LONG}?c&copy;d", f"[example.org/minutes/2026/11/27/last-meeting…]({LONG}?c\\&copy;d)"),
        (f"[{LONG}](/m 'x')", "[example.org/minutes/2026/11/27/last-meeting](/m 'x')"),
        (f"{LONG}/f.pdf", f"[example.org/minutes/2026/11/27/last-meeting/f.pdf]({LONG}/f.pdf)"),
        (
            f"{LONG}/of-all-members/minutes.pdf",
            "[example.org/minutes/2026/11/27/last-meeting/of-all-members… (PDF)]"
            f"({LONG}/of-all-members/minutes.pdf)",
        ),
        (
            "https://example.org/Stra%C3%9Fe_und_Gleis_(Berlin)",
            "[example.org/Stra%C3%9Fe\\_und\\_Gleis\\_(Berlin)]"
            "(https://example.org/Stra%C3%9Fe_und_Gleis_(Berlin))",
        ),
        (
            "https://forum.example/t/8?page=2&x=1#post-of-the-day",
            "[Glazes \\| all \\[of\\] them](https://forum.example/t/8?page=2&x=1#post-of-the-day)",
        ),
        (
            "https://www.example.org/watch?v=AbCdEfGhIjK 1",
            "[example.org/watch…](https://www.example.org/watch?v=AbCdEfGhIjK) 1",
        ),
        ("https://more.info/#" + "a" * 60, ""),
    ],
)
def test_long_address_gets_words_and_still_leads_there(source: str, after: str) -> None:
    assert found(source) == [("link-address", after)]
    assert not after or found(after) == []


@pytest.mark.parametrize(
    "source",
    [
        "https://example.org/minutes",
        "https://www.example.org/wiki/Injective_metric_space#Grant's",
        f"[Minutes]({LONG})",
        f"[Minutes: {LONG}]({LONG})",
        f"`{LONG}`",
        f"> {LONG}",
        f"[![Minutes](/p.png)]({LONG})",
        "ada@a-rather-long-name-of-a-host.example.org",
    ],
)
def test_short_addresses_words_code_and_quotes_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_footnotes_are_the_author_s_own_words() -> None:
    source = f"So it is.[^1]\n\n[^1]: {LONG}\n"
    after = f"So it is.[^1]\n\n[^1]: [example.org/minutes/2026/11/27/last-meeting]({LONG})\n"
    assert found(source) == [("link-address", after)]
    assert found("So it is.^[The [plan](/a.pdf)]") == [
        ("link-file", "So it is.^[The [plan (PDF)](/a.pdf)]")
    ]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://www.example.org/a/", "example.org/a"),
        ("https://ada:secret@example.org/a?b#c", "example.org/a…"),
        ("https://example.org/" + "long-" * 12 + "end", "example.org/" + "long-" * 8 + "long…"),
        ("https://" + "a" * 80, "a" * 59 + "…"),
        ("http://[x", "[x"),
    ],
)
def test_shortened_address_ends_at_a_word_and_keeps_no_secret(address: str, words: str) -> None:
    assert shortened(address) == words
    assert not is_long_address(shortened(address))


# Files


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("[Handbook](/h.pdf)", "[Handbook (PDF)](/h.pdf)"),
        ("[**Plan**](/p.XLSX 'x')", "[**Plan** (Excel)](/p.XLSX 'x')"),
        ("[Plan]\n\n[plan]: /p.docx?v=2", "[Plan (Word)][Plan]\n\n[plan]: /p.docx?v=2"),
        ("[![Cover](/c.png)](/b.epub)", "[![Cover](/c.png) (EPUB)](/b.epub)"),
    ],
)
def test_link_to_a_file_is_asked_for_its_type(source: str, after: str) -> None:
    assert found(source) == [("link-file", after)]
    assert found(after) == []


@pytest.mark.parametrize(
    "source",
    [
        "[Handbook (PDF)](/h.pdf)",
        "[handbook.pdf](/h.pdf)",
        "[Handbook](/h.pdf) (PDF, 2 MB)",
        "the PDF of the [handbook](/h.pdf)",
        "[Handbook](/h.pdf 'PDF')",
        "[Plan (docx)](/p.docx)",
        "https://example.org/h.pdf",
        "[Handbook](https://example.org/blob/main/h.pdf)",
        "[Handbook](https://example.org/wiki/File:H.pdf)",
        "[Handbook](https://www.dropbox.com/s/abc123/h.pdf)",
        "[Handbook](https://www.dropbox.com/scl/fi/abc123/h.pdf?rlkey=def&dl=0)",
        "[Handbook](https://example.pdf)",
        "[Handbook](/h.html)",
        "[Kiln](/k.jpg)",
        "> [Handbook](/h.pdf)",
    ],
)
def test_type_that_is_said_pages_and_quotes_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_type_said_for_another_link_does_not_count() -> None:
    source = "[Handbook](/h.pdf) [Norms (PDF)](/n.pdf)"
    assert found(source) == [("link-file", "[Handbook (PDF)](/h.pdf) [Norms (PDF)](/n.pdf)")]


def test_vague_or_empty_link_to_a_file_is_one_finding_whose_repair_says_the_type() -> None:
    assert found("[here](/h.pdf 'Norms')") == [("link-vague", "[Norms (PDF)](/h.pdf)")]
    assert found("[](/h.pdf 'Norms')") == [("link-empty", "[Norms (PDF)](/h.pdf)")]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://example.org/a.pdf#page=3", "PDF"),
        ("/a.tar.gz", "TAR"),
        ("/a.ODT", "OpenDocument"),
        ("mailto:ada@example.pdf", ""),
        ("http://[x/a.pdf", ""),
        ("https://www.dropbox.com/s/abc123/a.pdf?dl=1", "PDF"),
        ("https://dropbox.com/s/abc123/a.pdf?rlkey=def&raw=1", "PDF"),
        ("https://dropbox.com.example.org/s/abc123/a.pdf", "PDF"),
        ("/pdf", ""),
    ],
)
def test_type_is_told_by_the_end_of_the_path(address: str, kind: str) -> None:
    assert file_type(address) == kind


# The same twice


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("[Setup](/g) [guide](/g)", "[Setup guide](/g)"),
        ("x [Set](/g)[up](/g) y", "x [Setup](/g) y"),
        ("[Setup][g]\n[*guide*](/g)\n\n[g]: /g", "[Setup\n*guide*][g]\n\n[g]: /g"),
        ("[![Kiln](/k.png)](/g) [guide](/g)", "[![Kiln](/k.png) guide](/g)"),
        ("[Setup](/g) [Setup](/g).", "[Setup](/g)."),
        ("[**Setup**][g] [Setup](/g)\n\n[g]: /g", "[**Setup**][g]\n\n[g]: /g"),
        ("[![Kiln](/k.png)](/g) [Kiln](/g)", "[![Kiln](/k.png) Kiln](/g)"),
        ("[Setup](/g), [guide](/g)", ""),
        ("[Setup](/g 'a') [guide](/g)", ""),
        ("[Setup](/g) [guide](/g){lang=fr}", ""),
        ("**[Setup](/g)** [guide](/g)", ""),
        ("<https://a.org> [guide](https://a.org)", ""),
    ],
)
def test_neighbours_to_one_place_become_one_link_where_only_space_parts_them(
    source: str, after: str
) -> None:
    assert found(source) == [("link-twice", after)]
    assert not after or found(after) == []


@pytest.mark.parametrize(
    "source",
    [
        "[Setup](/g) [guide](/h)",
        "[Setup](/g) and [guide](/g)",
        "[Setup](/g)\n\n[guide](/g)",
        "- [Setup](/g)\n- [guide](/g)",
        "| [Setup](/g) | [guide](/g) |\n|-|-|\n| a | b |",
        "> [Setup](/g) [guide](/g)",
    ],
)
def test_links_apart_and_to_other_places_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_links_that_need_words_first_are_not_merged() -> None:
    assert found("[here](/g) [guide](/g)") == [("link-vague", ""), ("link-twice", "")]
    assert found("[read](/g) [more](/g)")[-1] == ("link-twice", "")


# Words beside links


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("[](/a)[READ PLEASE NOW](/b)", "[/a](/a) [READ PLEASE NOW](/b)"),
        ("[READ PLEASE NOW](/b)[](/a 'T')", "[READ PLEASE NOW](/b) [T](/a)"),
        ("x[](/a)y", "x [/a](/a) y"),
        ("([](/a)).", "([/a](/a))."),
        ("[](/a)🎉yes", "[/a](/a) 🎉yes"),
        ("yes🎉[](/a 'T')", "yes🎉 [T](/a)"),
        ("See:[](/a), or not", "See: [/a](/a), or not"),
        ("**[](/a)**", "**[/a](/a)**"),
        ("**x[](/a)**[y](/b)", ""),
        ("[x](/b)*[](/a)*", ""),
        (
            f"<{LONG}>READ PLEASE NOW",
            f"[example.org/minutes/2026/11/27/last-meeting]({LONG}) READ PLEASE NOW",
        ),
    ],
)
def test_words_of_a_link_that_had_none_do_not_run_into_those_beside_it(
    source: str, after: str
) -> None:
    assert found(source)[0][1] == after


# The same words


def test_same_words_for_two_places_are_found_at_the_later_one() -> None:
    source = "A [Guide](/a), the *[guide ](/b)*, [**Guide**](/a/) and [Guide](/b)"
    (finding,) = review(Draft(source))
    assert (finding.rule, finding.span and finding.span.of(source)) == ("link-same-words", "guide ")
    assert finding.severity is Severity.HINT


@pytest.mark.parametrize(
    "source",
    [
        "[Guide](/a) or [Guides](/b)",
        "[Guide](/a)\n\n> [Guide](/b)",
        "[Guide](/a), so: [Guide](/a)",
        "<https://a.org/> <https://a.org/..>",
        '["May"](/a) [(May)](/b)',
    ],
)
def test_other_words_quotes_and_the_same_place_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_vague_words_for_two_places_are_found_as_vague_only() -> None:
    assert found("[here](/a) and [here](/b)") == [("link-vague", ""), ("link-vague", "")]


def test_no_repair_makes_two_places_share_their_words() -> None:
    one, two = (
        "https://example.org/watch/1?v=AbCdEfGhIjK",
        "https://example.org/watch/1?v=LmNoPqRsTuV",
    )
    mended = found(f"[here](/a 'Guide') [Guide](/b)\n\n[example.org/watch/1](/c) {one} {two}#b")
    assert [repair for rule, repair in mended if rule == "link-vague"] == [""]
    cut = [repair for rule, repair in mended if rule == "link-address"]
    assert f"[example.org/watch/1?v=AbCdEfGhIjK]({one})" in cut[0]
    assert f"[example.org/watch/1?v=LmNoPqRsTuV#b]({two}#b)" in cut[1]


def test_type_of_a_file_and_letters_that_pose_as_others_make_no_name_different() -> None:
    assert [r for r, _ in found("[Plan](/a.pdf) and [Plan (PDF)](/b.pdf)")][-1] == "link-same-words"
    assert [r for r, _ in found("[Plan](/a) and [Plan (PDF)](/a.pdf)")] == []
    assert "link-same-words" in [r for r, _ in found("[Plan](/a) and [𝗣𝗹𝗮𝗻](/b)")]


# Titles of pages here


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("See [here](/t/7).", "See [How we name kilns](/t/7)."),
        ("[this][k]\n\n[k]: /t/7/3", "[How we name kilns #3][k]\n\n[k]: /t/7/3"),
        ("[here](/t/7 'Names')", "[Names](/t/7)"),
        ("[here](/t/9)", ""),
        ("[here](/t/10)", ""),
        ("[![here](/p.png)](/t/7)", ""),
    ],
)
def test_vague_link_to_a_page_here_gets_its_title(source: str, after: str) -> None:
    assert found(source) == [("link-vague", after)]


def test_empty_link_to_a_page_here_gets_its_title() -> None:
    assert found("[](/t/7)") == [("link-empty", "[How we name kilns](/t/7)")]


# Recordings


@pytest.mark.parametrize(
    "source",
    [
        "[Centring](https://youtu.be/abc)",
        "[Centring](https://www.youtube.com/watch?x=1&v=abc)",
        "[Centring](https://vimeo.com/123456)",
        "[Centring](/c.webm)",
        "[Centring](/c.mp3)",
        "![Centring](/p.png) and [the talk](https://soundcloud.com/ada/centring)",
        "With captions:\n\nNo.\n\n[Centring](/c.mp4)",
    ],
)
def test_recording_is_asked_for_captions_or_a_transcript(source: str) -> None:
    assert found(source) == [("media-captions", "")]
    assert [f.severity for f in review(Draft(source))] == [Severity.HINT]


@pytest.mark.parametrize(
    "source",
    [
        "[Centring (with captions)](/c.mp4)",
        "[Centring](/c.mp4 'mit Untertiteln')",
        "[Centring](/c.mp4) has no subtitles, sorry.",
        "[Centring](/c.mp4)\n\nThe [transcript](/c.txt) is here, too.",
        "Avec sous-titres :\n\n- [Centring](/c.mp4)",
        "[Centring, CC](/c.mp4)",
        "[録音](/c.mp3)（文字起こしあり）",
        "> [Centring](/c.mp4)",
        "[Our channel](https://www.youtube.com/@example)",
        "[A list](https://www.youtube.com/playlist?list=abc)",
        "[Front page](https://youtu.be/)",
        "[A page about a file](https://example.org/wiki/File:C.webm)",
    ],
)
def test_recordings_that_say_so_quotes_and_other_pages_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_the_same_recording_twice_in_a_paragraph_is_asked_once() -> None:
    assert [rule for rule, _ in found("[A](/c.mp4), really, [b](/c.mp4)")] == ["media-captions"]


def test_what_is_only_heard_is_told_from_what_is_seen() -> None:
    assert (recording("/a.mp4"), recording("/a.ogg"), recording("/a")) == ("video", "audio", "")
