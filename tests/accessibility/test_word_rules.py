"""Letters, emoji, colours and acronyms: what is found, what is left alone, what repairs make of it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accessibility.check import review
from forum.accessibility.emoji import EMOJI
from forum.accessibility.lettering import plain, posing_letters
from forum.review import Draft
from forum.text.markdown import normalize

GLOSSARY = (
    ("ABC", "Always Be Calm"),
    ("XYZ", "Extra [young] *Zebras*"),
    ("API", "Acme's Public ABC"),
    ("APIC", "A Pint In Cold"),
    ("LOUD", "ALWAYS WRITE LIKE THIS"),
    ("WEB", "see https://example.org"),
)


def found(source: str, language: str = "en") -> list[tuple[str, str]]:
    return [(f.rule, f.text) for f in review(Draft(source, language, glossary=GLOSSARY))]


def repaired(source: str, language: str = "en") -> str | None:
    (finding,) = review(Draft(source, language, glossary=GLOSSARY))
    return finding.repair.apply(source) if finding.repair else None


# Letters


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("our 𝓕𝓪𝓷𝓬𝔂 𝔀𝓸𝓻𝓴𝓼𝓱𝓸𝓹!", "our Fancy workshop!"),
        ("𝗢𝘂𝗿 **𝗻𝗲𝘄** 𝗿𝘂𝗹𝗲𝘀", "Our **new** rules"),
        ("Ⓗⓔⓛⓛⓞ there", "Hello there"),
        ("🅷🅴🅻🅻🅾 there", "HELLO there"),
        ("🄷🄴🄻🄻🄾 there", "HELLO there"),
        ("𝟏. 𝐓𝐡𝐢𝐧𝐠𝐬 𝐭𝐨 𝐝𝐨", "𝟏. Things to do"),
        ("ᴛʜɪs ɪs sᴍᴀʟʟ", "this is small"),
        ("so ˢᵐᵃˡˡ", "so small"),
        ("𝐀𝐍𝐃 𝐀𝐋𝐋 𝐎𝐅 𝐔𝐒 𝐂𝐎𝐌𝐄", "And all of us come"),
        ("𝐓𝐨 𝐛𝐞 𝐨𝐫 𝐧𝐨𝐭", "To be or not"),
        ("ask @𝓐𝓭𝓮𝓵𝓪", None),
        ("𝐡𝐭𝐭𝐩𝐬𝐞://example.org", None),
        ("ｈｔｔｐ://ｐａｇｅ.example.org", None),
        ("set {𝐰𝐨𝐫𝐝𝐬}", None),
    ],
)
def test_fancy_words_become_plain_ones(source: str, after: str | None) -> None:
    assert repaired(source) == after


@pytest.mark.parametrize(
    "source",
    [
        "where 𝑥 ∈ ℝ and 𝑓(𝑥) = 𝑎𝑥² + 𝑏𝑥",
        "𝑑𝑥 𝑑𝑦 𝑑𝑧 and 𝐱𝐲𝐳",
        "これはＷｉｎｄｏｗｓです",
        "Ⓐ Ⓑ Ⓒ",
        "the 1ˢᵗ and the 2ⁿᵈ, CO₂, m²",
        "/ˈhɪstəɹi/ and /ʜɪɴ/",
        "🅰️ and 🅱️",
        "`𝓕𝓪𝓷𝓬𝔂`",
        "> 𝓕𝓪𝓷𝓬𝔂 words",
        "Ελληνικά και русский",
    ],
)
def test_mathematics_phonetics_and_wide_scripts_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_capitals_that_cannot_become_small_ones_stay_fancy() -> None:
    assert repaired("𝐃𝐀𝐒 𝐈𝐒𝐓 𝐀𝐋𝐋𝐄𝐒 𝐍𝐄𝐔", "de") is None


def test_vague_link_in_fancy_letters_is_vague() -> None:
    assert ("link-vague", "𝐡𝐞𝐫𝐞") in found("[𝐡𝐞𝐫𝐞](/a)")


# Emoji


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("🎉🎉🎉🎉 We made it", "We made it 🎉"),
        ("We 🎉 🎉 🎊 🎊 **made it**", "We **made it** 🎉🎊"),
        ("**We 🎉🎉🎉🎉 made it**", "**We made it** 🎉"),
        ("We made it 🎉🎉🎉🎉", "We made it 🎉"),
        ("We 🎉🎉🎉🎉 made it 😀😀", "We made it 😀🎉"),
        ("We🎉🎉🎉🎉, all", "We, all 🎉"),
        ("[🎉🎉🎉🎉](/a) now", "[🎉](/a) now"),
        ("🎉🎉🎉🎉 - now", "🎉 - now"),
        ("We 🎉🎉🎉🎉 use `code`", "We 🎉 use `code`"),
        ("👩‍🚀👩🏽‍🚀👨‍👩‍👧‍👦👍🏿🎈 Go", "Go 👩‍🚀👩🏽‍🚀👨‍👩‍👧‍👦"),
        ("✅✅✅✅ Done", "✅ Done"),
        ("✅❌⚠️❓ Done", None),
        ("⭐⭐⭐⭐⭐⭐⭐ of ten", None),
        ("🟩🟩🟥🟩 was my day", None),
        ("Hi ⭐ all 🎉 how 🚀 are 🔥 you 👋 today 🙏 my 💪 friend", None),
        ("🎉**🎉🎉**🎉", None),
        ("|a|b|\n|-|-|\n|🎉🎉🎉🎉 c|d|\n|e|f|", "|a|b|\n|-|-|\n|c 🎉|d|\n|e|f|"),
        (
            "Hi 😀 all 🎉 how 🚀 are 🔥 you 👋 today 🙏 my 💪 friend",
            "Hi all how are you today my friend 😀🎉🚀",
        ),
        ("Hi 😀 all 🎉 how\n\n🚀 are 🔥 you 👋 [🙏](/a) my 💪 friend", None),
        ("Hi ✅ all 🎉 how 🚀 are 🔥 you 👋 today 🙏 my 💪 friend", None),
    ],
)
def test_too_many_emoji_become_a_few_at_the_end(source: str, after: str | None) -> None:
    assert repaired(source) == after


@pytest.mark.parametrize(
    "source",
    [
        "We made it 🎉🎉🎉",
        "🇩🇪 🇫🇷 🇪🇸 🇮🇹 🇵🇱 are welcome",
        "`🎉🎉🎉🎉🎉`",
        "> 🎉🎉🎉🎉🎉 said Ada",
        "★★★★☆ ©©©© ™ ↔ ✓",
        "⭐⭐⭐⭐⭐ for this kiln, ⭐⭐⭐⭐☆ for that one",
        "| a | b |\n|-|-|\n" + "| ✅ | ❌ |\n" * 9,
        "- ✅ one\n- ❌ two\n- ✅ three",
        "Six 😀 of 🎉 them 🚀 in 🔥 few 👋 words 🙏",
        "word " * 70 + "😀 " + "word 🎉 " * 7,
    ],
)
def test_a_few_emoji_flags_and_signs_are_left_alone(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("👉 a\n👉 b", "- a\n- b"),
        ("So:\n🚀 **a** b\n🔒 c\n✨ d\nAnd on", "So:\n- **a** b 🚀\n- c 🔒\n- d ✨\n\nAnd on"),
        ("✅ a\\\n✅ b  \n✅ c", "- a ✅\n- b ✅\n- c ✅"),
        ("👉 a\n\n👉 b\n\nEnd", "- a\n\n- b\n\nEnd"),
        ("👉 a **b\n👉 c** d", None),
        ("👉 1. a\n👉 2. b", None),
        ("- 👉 a\n  👉 b", None),
        ("- x\n\n  👉 a\n  👉 b", "- x\n\n  - a\n  - b"),
        ("👉 a 😀\n🔒 b 😀\n👉 c", "- a 😀👉\n- b 😀🔒\n- c 👉"),
    ],
)
def test_lines_that_begin_with_emoji_become_a_list(source: str, after: str | None) -> None:
    assert repaired(source) == after


@pytest.mark.parametrize(
    "source",
    [
        "- 👉 a\n- 👉 b\n- 👉 c",
        "👉 a\n\nwords\n\n👉 b",
        "🚀 a\n🔒 b",
        "# 🚀 a\n# 🔒 b\n# ✨ c",
        "🚀 a\n\n🔒 b\n\n✨ c",
        "\n\n".join(["👉 " + "word " * 40] * 3),
        "| 👉 a | x |\n|-|-|\n| 👉 b | y |\n| 👉 c | z |",
        "👉\n👉",
        "> 👉 a\n> 👉 b",
        "👉 a\n\n```\nx\n```\n\n👉 b",
    ],
)
def test_emoji_in_lists_headings_and_apart_are_no_bullets(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("Great👍but late", "Great 👍 but late"),
        ("please👏read👏this👏now", "please read this now 👏"),
        ("a c🍕ffee", None),
        ("I❤️NY", None),
        ("gr👀vy", None),
        ("при👋вет", "при 👋 вет"),
    ],
)
def test_emoji_in_a_word_stands_beside_it(source: str, after: str | None) -> None:
    assert repaired(source) == after


@pytest.mark.parametrize("source", ["a 3️⃣D film", "你好👋世界", "well 👍 done", "ok👍", "Acme™s"])
def test_emoji_between_or_behind_words_are_left_alone(source: str) -> None:
    assert found(source) == []


# Colour and place


@pytest.mark.parametrize(
    ("language", "source", "words"),
    [
        ("en", "Press the red button.", "red button"),
        ("en", "Then click on the little green arrow\nbelow", "little green arrow"),
        ("en", "See the box on the right.", "box on the right"),
        ("en-GB", "Fields in red are required", "Fields in red"),
        ("de", "Klicke auf den roten Knopf.", "roten Knopf"),
        ("de", "Nutze das Menü oben links.", "Menü oben links"),
        ("de", "Bitte beachte rot markierte Felder!", "rot markierte Felder"),
        ("fr", "Cliquez sur le bouton rouge.", "bouton rouge"),
        ("fr", "Voir l’encadré à droite", "encadré à droite"),
        ("es", "Haz clic en el botón verde.", "botón verde"),
        ("it", "Premi il pulsante rosso", "pulsante rosso"),
        ("nl", "Klik op de groene knop", "groene knop"),
        ("pt", "Clique no botão verde", "botão verde"),
    ],
)
def test_what_only_eyes_find_is_noticed(language: str, source: str, words: str) -> None:
    assert found(source, language) == [("senses-alone", words)]


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("en", "Press the red button labelled Stop."),
        ("en", "Press the red “Stop” button, or the red button “Stop”."),
        ("en", "Press the red button (Stop)."),
        ("en", "Press the red button **Stop**."),
        ("en", "He loved the red button on her coat."),
        ("en", "Choose the right button for the job."),
        ("en", "Use the Red Hat box."),
        ("en", "Click on the Send icon on the right."),
        ("en", "Paint the line in red."),
        ("en", "See the grey area between both, and check the black box of the plane."),
        ("en", "`Press the red button`"),
        ("en", "> Press the red button"),
        ("en", "Use the column on the left of the equation."),
        ("de", "Press the red button"),
        ("ja", "赤いボタンを押してください"),
    ],
)
def test_what_has_a_name_or_is_no_page_is_left_alone(language: str, source: str) -> None:
    assert found(source, language) == []


def test_passage_is_read_in_the_language_it_is_marked_with() -> None:
    assert found("{lang=de}\nKlicke auf den roten Knopf.") == [("senses-alone", "roten Knopf")]


# Acronyms


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("Ask the ABC. The ABC knows.", "Ask the ABC (Always Be Calm). The ABC knows."),
        ("# ABC\n\nABC", "# ABC (Always Be Calm)\n\nABC"),
        ("Several ABCs", "Several ABCs (Always Be Calm)"),
        ("**ABC** now", "**ABC (Always Be Calm)** now"),
        ("The XYZ", "The XYZ (Extra \\[young\\] \\*Zebras\\*)"),
        ("One APIC", "One APIC (A Pint In Cold)"),
        ("An API", "An API (Acme's Public ABC)"),
        ("The ABC's rule", "The ABC's (Always Be Calm) rule"),
        ("ABC (2)", "ABC (Always Be Calm) (2)"),
        ("(ABC)", "(ABC (Always Be Calm))"),
        ("A LOUD one", None),
        ("A WEB one", None),
    ],
)
def test_acronym_is_explained_at_its_first_use(source: str, after: str | None) -> None:
    assert repaired(source) == after


@pytest.mark.parametrize(
    "source",
    [
        "Always be\ncalm is our ABC.",
        "The ABC (*Always* Be Calm)",
        "abc Abc ABCD AABC ABC-7 x.ABC ABC/DEF @ABC ABC@example.org",
        "`ABC` https://example.org/ABC",
        "> ABC",
        "An API is Acme's Public ABC.",
        "Our ABC (that we all stay calm) holds. The ABC is old.",
        "That we all stay calm (ABC) holds. The ABC is old.",
    ],
)
def test_explained_and_other_words_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_each_acronym_is_found_once_and_only_with_a_glossary() -> None:
    source = "ABC and XYZ, ABC and XYZ"
    assert found(source) == [("acronym-unexplained", "ABC"), ("acronym-unexplained", "XYZ")]
    assert review(Draft(source)) == []


# Properties


EMOJI_PIECES = ["🎉", "🎉🎉🎉🎉", "👍🏽", "✅", "1️⃣", "🇩🇪", "👩‍🚀", "❤️"]
LETTER_PIECES = ["𝓕𝓪𝓷𝓬𝔂", "𝐀𝐍𝐃", "ⓞⓝⓔ", "ʜᴇʀᴇ", "𝟏", "word", "Great", "c", "ABC"]
PROSE_PIECES = ["An API", "press the red button", " ", " ", "\n", "\n\n", "&amp;", *".:@="]
MARKUP_PIECES = ["**", "*", "[", "](/a)", "- ", "1. ", "# ", "> ", "| ", "`x`", "{lang=de}", "[^1]"]
pieces = st.sampled_from([*EMOJI_PIECES, *LETTER_PIECES, *PROSE_PIECES, *MARKUP_PIECES, "\\"])
drafts = st.lists(pieces, min_size=1, max_size=14).map("".join).map(normalize)
OWN = {"letters-fancy", "emoji-flood", "emoji-bullets", "emoji-in-word", "acronym-unexplained"}


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(drafts)
def test_repair_ends_its_finding_and_brings_no_other(source: str) -> None:
    before = review(Draft(source, glossary=GLOSSARY))
    for finding in before:
        if finding.repair and finding.rule in OWN:
            after = review(Draft(finding.repair.apply(source), glossary=GLOSSARY))
            rules, left = (Counter(f.rule for f in each) for each in (before, after))
            assert left[finding.rule] < rules[finding.rule]
            assert left - rules == Counter()


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_plain_letters_are_as_many_and_are_not_found(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)
    assert posing_letters(plain(text)) == []


@pytest.mark.parametrize("emoji", ["👨‍👩‍👧‍👦", "👍🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇩🇪", "1️⃣", "❤️", "🏳️‍🌈", "⭐"])
def test_emoji_of_several_characters_is_one(emoji: str) -> None:
    assert EMOJI.findall(emoji) == [emoji]
