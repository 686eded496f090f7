"""Each rule on what it must find, on what it must leave alone, and what its repair makes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forum.accessibility.acronyms import EXAMPLE
from forum.accessibility.check import review
from forum.accessibility.registry import Mends, Rule
from forum.accessibility.rules import RULES
from forum.review import Draft, Finding, Review, Severity, Span


def found(source: str, language: str = "en") -> list[tuple[str, str]]:
    return [
        (finding.rule, finding.text)
        for finding in review(Draft(source, language, glossary=EXAMPLE))
    ]


def repaired(source: str, language: str = "en") -> str | None:
    """The source after the repair of its only finding; ``None`` where there is no repair."""
    (finding,) = review(Draft(source, language, glossary=EXAMPLE))
    return finding.repair.apply(source) if finding.repair else None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_finds_its_bad_example_and_nothing_in_its_good_one(rule: Rule) -> None:
    assert [name for name, _ in found(rule.bad)] == [rule.id]
    assert found(rule.good) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_repair_of_the_bad_example_leaves_no_finding(rule: Rule) -> None:
    after = repaired(rule.bad)
    assert (after is None) == (rule.mends is Mends.NOTHING)
    assert after is None or found(after) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_speaks_in_one_plain_sentence_and_helps_with_an_example(rule: Rule) -> None:
    assert rule.message.endswith(".")
    assert rule.message.count(". ") == 0
    assert "instead of" in rule.help.lower() or "and not" in rule.help


def test_finding_carries_all_that_its_rule_knows() -> None:
    (finding,) = review(Draft("See [](https://example.org/a)!"))
    rule = next(rule for rule in RULES if rule.id == "link-empty")
    assert finding == Finding(
        rule="link-empty",
        severity=Severity.BLOCK,
        span=Span(4, 29),
        text="[](https://example.org/a)",
        message=rule.message,
        help=rule.help,
        wcag="2.4.4",
        act=("c487ae",),
        repair=finding.repair,
    )


def test_rule_ids_are_unique_and_named_after_their_family() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if not re.fullmatch(r"[a-z]+(-[a-z]+)+", i)] == []


def test_finding_can_be_kept_by_its_words_when_the_draft_changes_elsewhere() -> None:
    (before,) = review(Draft("[here](/a)"))
    after = Review.of(review(Draft("More words before.\n\n[here](/a)")))
    assert after.by_fingerprint(before.fingerprint) is not None


# Links without words


@pytest.mark.parametrize(
    "source",
    ["[](/a)", "[ ](/a)", "[&nbsp;](/a)", "[\u200b](/a)", "[``  ``](/a)", "[![](/p.png)](/a)"],
)
def test_link_that_shows_nothing_is_found(source: str) -> None:
    assert [rule for rule, _ in found(source)] == ["link-empty"]


@pytest.mark.parametrize(
    "source",
    [
        "[Guide](/a)",
        "[🔗](/a)",
        "[`x`](/a)",
        "[![Guide](/p.png)](/a)",
        '[![](/p.png)](/a "Guide")',
        "<https://example.org>",
        "https://example.org",
        "`[](/a)`",
        "\\[](/a)",
        "[](javascript:alert)",
    ],
)
def test_link_with_a_name_is_not_empty(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("[](https://example.org/a_b)", "[https://example.org/a\\_b](https://example.org/a_b)"),
        ("x [ ](/a) y", "x [/a](/a) y"),
        ("x [](#) y", "x  y"),
        ("x [](# 'Guide') y", "x  y"),
        ('[](/a "The [old] guide")', "[The \\[old\\] guide](/a)"),
        ("[](</a b> 'Guide')", "[Guide](</a b>)"),
        ("[![](/p.png)](/a)", None),
    ],
)
def test_empty_link_gets_its_title_or_its_address_as_words(source: str, after: str | None) -> None:
    assert repaired(source) == after


# Vague links


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Click here!"),
        ("en", "**here**"),
        ("en", "» Read more …"),
        ("en", "this link"),
        ("en", "Learn more (opens in a new tab)"),
        ("de", "hier [öffnet in neuem Fenster]"),
        ("en", "Download"),
        ("en", "that"),
        ("en", "Here’s another"),
        ("de", "Klicken Sie hier"),
        ("de", "mehr"),
        ("fr", "En savoir plus"),
        ("fr", "plus d’informations"),
        ("es", "haz clic aquí"),
        ("es", "Más"),
        ("it", "clicca qui"),
        ("it", "altro"),
        ("nl", "Lees meer"),
        ("nl", "meer"),
        ("pt", "Saiba mais"),
        ("sv", "Läs mer"),
        ("sv", "la\u0308s mer"),
        ("no", "les mer"),
        ("pl", "kliknij tutaj"),
        ("ru", "здесь"),
        ("ja", "こちら"),
        ("ar", "اضغط هنا"),
    ],
)
def test_vague_words_are_found_whatever_their_case_marks_and_emphasis(
    language: str, words: str
) -> None:
    assert [rule for rule, _ in found(f"[{words}](/a)", language)] == ["link-vague"]


def test_vague_words_of_another_language_are_found_too() -> None:
    assert found("[haz clic aquí](/a)", "de") == [("link-vague", "haz clic aquí")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "More on tokens"),
        ("en", "Here be dragons"),
        ("en", "Link Layer Discovery"),
        ("en", "Read more about the norms"),
        ("de", "Meer"),
        ("fr", "Mer"),
        ("en", "→"),
        ("en", "PDF"),
        ("en", "Download the handbook"),
        ("en", "How to open a new window"),
    ],
)
def test_words_that_name_something_are_left_alone(language: str, words: str) -> None:
    assert found(f"[{words}](/a)", language) == []


def test_vague_words_in_code_are_no_link() -> None:
    assert found("`[here](/a)`\n\n```\n[here](/a)\n```\n\n    [here](/a)") == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ('See [here](/a "Norms").', "See [Norms](/a)."),
        ("See [here](/a 'x \\* y').", "See [x \\* y](/a)."),
        ('[here][n]\n\n[n]: /a "Norms"', '[Norms][n]\n\n[n]: /a "Norms"'),
        ('[here]\n\n[here]: /a "Norms"', '[Norms][here]\n\n[here]: /a "Norms"'),
        (
            "[More info] on tea\n\n[more info]: /a",
            "[More info on tea][More info]\n\n[more info]: /a",
        ),
        ('[here](/a "click here")', None),
        ("[Read more](/a) about the norms.", "[Read more about the norms](/a)."),
        ("[Click here](/a) for our guide!", "[Click here for our guide](/a)!"),
        ("[Read more](/a) about it.", None),
        ("[Here](/a) for once I agree.", None),
        ("[Read more](/a) about `tokens`.", None),
        ("[![here](/p.png)](/a 'Norms')", None),
    ],
)
def test_vague_link_takes_a_name_only_from_its_title_or_the_words_it_invites_to(
    source: str, after: str | None
) -> None:
    assert repaired(source) == after


# Headings


@pytest.mark.parametrize(
    "source",
    [
        "### a\n#### b\n### c\n## d",
        "# a\n## b\n### c\n# d",
        "###### a",
        "a\n=\n\nb\n-",
        "# a\n```\n#### b\n```",
        "# a\n\n> #### quoted",
        "",
    ],
)
def test_headings_without_holes_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_holes_are_measured_from_the_heading_before() -> None:
    source = "## a\n#### b\n#### c\n## d\n##### e"
    assert found(source) == [("heading-skipped", "b"), ("heading-skipped", "e")]


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("## a\n#### b\nx\n#### c\n##### d\n## e", "## a\n### b\nx\n### c\n#### d\n## e"),
        ("# a\n#### b\n### c\n# d", "# a\n## b\n## c\n# d"),
        ("a\n=\n\n- ### b #", "a\n=\n\n- ## b #"),
        ("# a\n   ####   b\n\nc\n-", "# a\n   ##   b\n\nc\n-"),
    ],
)
def test_repair_lifts_the_whole_section_and_keeps_its_order(source: str, after: str) -> None:
    assert repaired(source) == after


# Capitals


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Well, DO NOT FEED the trolls", "DO NOT FEED"),
        ("# INSTALLATION AND USE", "INSTALLATION AND USE"),
        ("ABSOLUTELY UNACCEPTABLE", "ABSOLUTELY UNACCEPTABLE"),
        ("so **VERY\nVERY** LATE", "VERY VERY LATE"),
        ("[READ THIS FIRST](/a)", "READ THIS FIRST"),
        ("READ 👏 THIS👏 FIRST 🎉", "READ 👏 THIS👏 FIRST"),
        ("ЭТО ОЧЕНЬ ВАЖНО", "ЭТО ОЧЕНЬ ВАЖНО"),
        ("|a|b|\n|-|-|\n|MIND THE GAP|c|", "MIND THE GAP"),
    ],
)
def test_capitals_are_found_across_lines_and_emphasis(source: str, words: str) -> None:
    assert found(source) == [("capitals-run", words)]


@pytest.mark.parametrize(
    "source",
    [
        "We use HTML, CSS, SVG and PDF over HTTPS",
        "HTML CSS SVG PDF NVDA JAWS WCAG ARIA",
        "Allow READ, WRITE, EXECUTE and DELETE",
        "STOP IT now",
        "SELECT NAME FROM USERS, and one column is NOT NULL PRIMARY KEY",
        "There are GET HEAD POST PUT and DELETE",
        "Chapters XII XIII XIV and XV",
        "Use MAX_OPEN_FILES and /DEV/NULL and X11R6",
        "`DO NOT TOUCH THIS`",
        "https://a.org/DO-NOT-TOUCH-THIS-PAGE",
        "[guide](/DO/NOT/TOUCH)",
        "> PLEASE READ THIS FIRST",
        "DO NOT `x` TOUCH IT",
        "Ever I A O said",
        "OG: 1.098 FG: 1.014 ABV: 11.2% IBU: 27",
        "これは日本語です とても 大事な 文",
        "هذا مهم جدا للجميع",
        "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎠᏂᏴᏫᏯ ᎢᎩᏁᎵᏍᏗ",
    ],
)
def test_acronyms_names_code_quotes_and_scripts_without_case_are_left_alone(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("language", "source", "after"),
    [
        ("en", "PLEASE READ. THIS MATTERS", "Please read. This matters"),
        ("en", "But I THINK I'M LATE ON MONDAY", "But I think I'm late on Monday"),
        ("en", "SEND A PDF OR HTML-BASED FILE", "Send a PDF or HTML-based file"),
        ("en", "DO **NOT EAT &amp; DRINK** \\* HERE", "Do **not eat &amp; drink** \\* here"),
        ("en", "See [HOW WE NAME KILNS](/a)", "See [How we name kilns](/a)"),
        ("en", "THE IRISH AND SCOTTISH ALE", "The Irish and Scottish ale"),
        ("en", "BE THERE ON TIME (OT)", "Be there on time (OT)"),
        ("en", "LOUIS XIV WAS KING HERE", "Louis XIV was king here"),
        ("fr", "ÉTÉ À L’ÉCOLE DES FÉES", "Été à l’école des fées"),
        ("el", "ΟΔΟΣ ΜΕΓΑΛΗ ΟΔΟΣ", "Οδος μεγαλη οδος"),
        ("tr", "IŞIK İLE ILIK SU", "Işık ile ılık su"),
        ("en", "İSTANBUL VE İZMİR GÜZEL", "İstanbul ve izmir güzel"),
        ("hr", "ǄEP JE VELIK", "ǅep je velik"),
        ("ru", "ЭТО И ЕСТЬ ПРАВДА", "Это и есть правда"),
        ("de", "BITTE ZUERST LESEN", None),
    ],
)
def test_capitals_become_a_sentence_in_each_language(
    language: str, source: str, after: str | None
) -> None:
    assert repaired(source, language) == after


def test_acronyms_of_the_community_are_no_capitals_and_stay_what_they_are() -> None:
    glossary = (("ABBA", "a"), ("KILO", "b"), ("OPUS", "c"))
    assert review(Draft("(ABBA KILO OPUS) a b c", glossary=glossary)) == []
    for source, after in [
        ("ASK KILO-BASED ABBA NOW, a b", "Ask KILO-based ABBA now, a b"),
        ("## KILO GUIDE\n\nb", "## KILO guide\n\nb"),
        ("𝐀𝐒𝐊 𝐀𝐁𝐁𝐀 𝐀𝐍𝐃 𝐆𝐎, a", "Ask ABBA and go, a"),
    ]:
        (finding,) = review(Draft(source, glossary=glossary))
        assert finding.repair
        assert finding.repair.apply(source) == after


def test_every_rule_has_its_section_in_the_documentation() -> None:
    page = Path(__file__).parents[2] / "docs" / "accessibility-checker.md"
    titles = re.findall(r"^## `(.+?)`", page.read_text("utf-8"), re.MULTILINE)
    assert titles == [rule.id for rule in RULES]


def test_documentation_says_of_each_rule_whether_it_has_a_repair_and_a_safe_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "accessibility-checker.md"
    sections = page.read_text("utf-8").split("\n## `")[1:]
    says = {
        section.partition("`")[0]: Mends.SAFELY
        if "\n**Repair, safe:**" in section
        else Mends.ON_REQUEST
        if "\n**Repair:**" in section
        else Mends.NOTHING
        for section in sections
    }
    assert says == {rule.id: rule.mends for rule in RULES}
