"""Headings, lists and structure: what is found, what is left alone, what the repairs make of it."""

from __future__ import annotations

import pytest

from forum.accessibility.check import review
from forum.review import Draft, Severity

OWN = "/files/" + "0a" * 32 + ".png"


def found(source: str, language: str = "en") -> list[tuple[str, str]]:
    return [(finding.rule, finding.text) for finding in review(Draft(source, language))]


def rules(source: str) -> list[str]:
    return [rule for rule, _ in found(source)]


def repaired(source: str, language: str = "en") -> str | None:
    """The source after the repair of its only finding; ``None`` where there is no repair."""
    (finding,) = review(Draft(source, language))
    return finding.repair.apply(source) if finding.repair else None


# Headings


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("## \n\nx", "\n\nx"),
        ("x\n### ###\ny", "x\n\ny"),
        ("# &nbsp;", ""),
        ("- ##\n  x", "- \n  x"),
        (f"## ![]({OWN}){{decorative}}", None),
    ],
)
def test_heading_without_words_is_found_and_removed(source: str, after: str | None) -> None:
    assert rules(source) == ["heading-empty"]
    assert repaired(source) == after


def test_undecided_picture_in_a_heading_is_one_finding() -> None:
    assert rules(f"## ![]({OWN})") == ["picture-undecided"]


def test_heading_without_words_is_no_step_between_two_others() -> None:
    assert sorted(rules("# a\n## \n### b")) == ["heading-empty", "heading-skipped"]


@pytest.mark.parametrize(
    "source",
    [
        "x\n\n**Night shift**\n\ny",
        "x\n\n**Night shift**  \ny",
        "x\n\n__Night *shift*:__\n\n- y",
        "x\n\n***Night shift***\n\ny",
        "**Early**\n\nx\n\n**Late**\n\ny",
        "# a\n\n**Night shift**\n\n> y",
    ],
)
def test_line_in_bold_above_something_looks_like_a_heading(source: str) -> None:
    assert set(rules(source)) == {"heading-bold"}


@pytest.mark.parametrize(
    "source",
    [
        "x\n\n**Night shift**",
        "x\n\n**Do not touch it!**\n\ny",
        "x\n\n**So there are two kinds of them here:**\n\n- y\n- z",
        "x\n\n**Night** shift\n\ny",
        "x\n\n**Night** **shift**\n\ny",
        "x\n\n*Night **shift***\n\ny",
        "x\n\n**Night** *and* **shift**\n\ny",
        "x\n\n**Night shift**\ny",
        "x\n\n**Night shift**\n\n**Early shift**",
        "x\n\n**Night shift**\n\n## y",
        "x\n\n**`code`**\n\ny",
        "x\n\n**12**\n\ny",
        "- **Night shift**\n\n  y",
        "> **Night shift**\n>\n> y",
        "**Not possible**\n\nHowever, you can ask.",
        f"x\n\n**{'word ' * 12}end**\n\ny",
    ],
)
def test_bold_that_stresses_is_left_alone(source: str) -> None:
    assert rules(source) == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("x\n\n**a b**\n\ny", "x\n\n## a b\n\ny"),
        ("x\n\n***a b***\n\ny", "x\n\n## *a b*\n\ny"),
        ("x\n\n**a b**  \ny", "x\n\n## a b\n\ny"),
        ("x\n\n**a b**\\\ny", "x\n\n## a b\n\ny"),
        ("x\n\n**a**\n\ny\n\n### z", "x\n\n### a\n\ny\n\n### z"),
        ("## t\n\n**a**\n\ny", "## t\n\n### a\n\ny"),
        ("## t\n\n### u\n\n**a**\n\ny", "## t\n\n### u\n\n### a\n\ny"),
        ("###### t\n\n**a**\n\ny", "###### t\n\n###### a\n\ny"),
        ("x\n\n**C #**\n\ny", None),
        ("x\n\n**NIGHT SHIFT**\n\ny", None),
    ],
)
def test_bold_line_becomes_a_heading_of_the_level_that_fits(source: str, after: str | None) -> None:
    assert repaired(source) == after
    assert after is None or rules(after) == []


def test_bold_lines_one_after_the_other_become_headings_beside_each_other() -> None:
    source = "## t\n\n**a**\n\nx\n\n**b**\n\ny\n\n**c**\n\nz"
    while open_findings := review(Draft(source)):
        assert open_findings[0].repair
        source = open_findings[0].repair.apply(source)
    assert source == "## t\n\n### a\n\nx\n\n### b\n\ny\n\n### c\n\nz"


def test_heading_over_120_characters_is_long() -> None:
    assert rules(f"## {'a' * 120}") == []
    assert found(f"## {'a' * 121}") == [("heading-long", "a" * 121)]
    assert rules(f"> ## {'a' * 121}") == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("## NIGHT SHIFT", "## Night shift"),
        ("# INSTALLATION", "# Installation"),
        ("## 2. NIGHT *SHIFT* (HTML)", "## 2. Night *shift* (HTML)"),
        ("HOW TO\n=====", "How to\n====="),
    ],
)
def test_short_heading_in_capitals_becomes_a_sentence(source: str, after: str) -> None:
    assert rules(source) == ["heading-capitals"]
    assert repaired(source) == after
    assert repaired(source, "de") is None


@pytest.mark.parametrize(
    "source",
    ["## HTML", "## README", "## FAQ", "## TL;DR", "## EDIT", "## `DO IT`", "## 2024", "## 日本"],
)
def test_heading_of_acronyms_and_names_is_left_alone(source: str) -> None:
    assert rules(source) == []


def test_heading_that_is_a_run_of_capitals_is_one_finding() -> None:
    assert rules("## HOW TO GET THERE") == ["capitals-run"]


@pytest.mark.parametrize("source", ["## ???", "# ...", "## —", "## \ue004", "## $$"])
def test_heading_of_signs_alone_says_nothing(source: str) -> None:
    assert rules(source) == ["heading-marks"]


@pytest.mark.parametrize("source", ["## 🎉", "## C++", "## 7", "## ☎", "> ## ?"])
def test_heading_of_emoji_or_letters_says_something(source: str) -> None:
    assert rules(source) == []


# Lists


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("• a\n• b", "- a\n- b"),
        ("Bring:\\\n• a  \n• b\\\nThanks", "Bring:\n\n- a\n- b\n\nThanks"),
        ("•a\n\n•\u00a0b", "- a\n\n- b"),
        ("&bull; a\n&bull; b", "- a\n- b"),
        ("\\- a\\\n\\- b\\\n\\- c", "- a\n- b\n- c"),
        ("1\\) a\n\n2\\) b", "1. a\n\n2. b"),
        ("So:\n(1) a\n(2) b\nand on", "So:\n\n1. a\n2. b\nand on"),
        ("• a\ngoes on\n• b", "- a\ngoes on\n- b"),
        ("- x\\\n  • a\\\n  • b", "- x\n\n  - a\n  - b"),
        ("1. • a\n   • b", "1. - a\n   - b"),
        ("  • a\n• b", "  - a\n  - b"),
        ("• [a](/a)\n• *b*", "- [a](/a)\n- *b*"),
        ("• # a\n• b", None),
        ("• a\n• 1. b", None),
        ("• a\n\n  • b", None),
        ("• a\n\n• b\n\n    code", None),
        ("• a\n• b\n\n- c", None),
        ("x\\\n**1.** a\\\n**2.** b", None),
        ("{lang=fr}\nx\n• a\n• b", None),
    ],
)
def test_typed_list_becomes_a_real_one_where_its_words_stay_what_they_are(
    source: str, after: str | None
) -> None:
    assert rules(source) == ["list-typed"]
    assert repaired(source) == after
    assert after is None or rules(after) == []


@pytest.mark.parametrize(
    "source",
    [
        "• a",
        "• a and\nb",
        "\\- a\\\n\\- b",
        "– Hello.\n– And you?",
        "– Hello.\n\n– And you?\n\n– “Fine!”, he said.",
        "2\\) b\n\n3\\) c",
        "1\\) a\n\n3\\) c",
        "a • b • c",
        "1\\) a, 2\\) b",
        "- a\n- b\n\n1. c\n2. d",
        "> • a\n> • b",
        "`• a`\n`• b`",
        "3.5 kg\n4.5 kg",
        "*• a\n• b*",
        "• a\n\nx\n\n• b",
    ],
)
def test_lines_that_are_no_typed_list_are_left_alone(source: str) -> None:
    assert rules(source) == []


# Structure


def test_paragraph_over_200_words_is_a_wall() -> None:
    assert rules("word " * 200) == []
    (finding,) = review(Draft("word " * 201))
    assert (finding.rule, finding.severity) == ("structure-wall", Severity.HINT)
    assert rules("字" * 400) == []
    assert rules("字" * 402) == ["structure-wall"]
    assert rules("> " + "word " * 300) == []
    assert rules("$" + "x " * 300 + "$ is long") == []


CAT = " /\\_/\\\n( o.o )\n > ^ <"
FENCED_CAT = f"The drawing shows: …\n\n```text\n{CAT}\n```"


@pytest.mark.parametrize(
    ("source", "after"),
    [
        (CAT, FENCED_CAT),
        (f"Look:\n{CAT}\nNice.", f"Look:\n\n{FENCED_CAT}\n\nNice."),
        (f"Look:\n\n{CAT}\n\nNice.", f"Look:\n\n{FENCED_CAT}\n\nNice."),
        (f"{CAT}\n    so", None),
    ],
)
def test_drawing_goes_into_a_block_of_code_below_a_sentence_to_be_finished(
    source: str, after: str | None
) -> None:
    assert rules(source) == ["structure-drawing"]
    assert repaired(source) == after
    assert after is None or rules(after) == []


def test_sentence_to_be_finished_is_in_the_language_of_the_draft() -> None:
    assert (repaired(CAT, "de-AT") or "").startswith("Die Zeichnung zeigt: …\n\n```text\n")


@pytest.mark.parametrize(
    "source",
    [
        f"```\n{CAT}\n```",
        "    /\\\n   /__\\\n".replace("   ", "     "),
        "| a | b |\n|---|---|\n| c | d |",
        "x = (a + b)\ny = (c - d)\nz = [1, 2]",
        "$$\\frac{a}{b} = |x|$$\n$$|y| = \\|z\\|$$\n$$--/--$$",
        "---\n\n***\n\n___",
        ":-)\n:-/\n;-)",
        "/usr/bin/ls\n/usr/bin/cat\n/usr/bin/tac",
        "> a\n> b\n> c",
        "1. ...\n2. ...\n3. ...",
        "…\n...\n…",
    ],
)
def test_what_only_has_many_signs_is_no_drawing(source: str) -> None:
    assert "structure-drawing" not in rules(source)


SAID = "The key hangs beside the door. Whoever comes last turns the light off."


@pytest.mark.parametrize(
    ("source", "after"),
    [
        (f"x:\n\n    {SAID}", f"x:\n\n> {SAID}"),
        (f"x:\n\n    {SAID}\n\n      {SAID}\ny", f"x:\n\n> {SAID}\n>\n> {SAID}\n\ny"),
        (f"x:\n\n\t{SAID}", f"x:\n\n> {SAID}"),
        (f"x:\n\n    {SAID} https://example.org says so.", None),
        (f"\\> {SAID}", f"> {SAID}"),
        (f"&gt; {SAID}\n&gt; {SAID}", f"> {SAID}\n> {SAID}"),
        (f"» {SAID}\nMore.", f"> {SAID}\nMore."),
        (f"\\> {SAID}\n\\> So it is.", f"> {SAID}\n> So it is."),
        (f"- › {SAID}", f"- > {SAID}"),
        (f"- a\n\n      {SAID}", None),
    ],
)
def test_text_set_apart_like_a_quotation_becomes_one(source: str, after: str | None) -> None:
    assert rules(source) == ["structure-quote"]
    assert repaired(source) == after
    assert after is None or rules(after) == []


@pytest.mark.parametrize(
    "source",
    [
        "x:\n\n    for key in keys: turn(key) and then go on until there is no one left.",
        "x:\n\n    Error: cannot open file /dev/null because there is no such file in here.",
        "x:\n\n    The key hangs beside the door.",
        "x:\n\n    Ada Lovelace, Grace Hopper, Alan Turing, Edsger Dijkstra, Donald Knuth, Barbara Liskov.",
        f"```\n{SAID}\n```",
        "\\> 5 of them",
        "\\>>> print the whole of it to the screen",
        "»Whoever comes last turns the light off«, she said.",
        "[» Read the whole of it over there today](/a)",
        f"\\> {SAID}\\\nMore.",
        f"> › {SAID}",
    ],
)
def test_code_and_signs_with_another_meaning_are_no_quotation(source: str) -> None:
    assert "structure-quote" not in rules(source)
