"""Languages: unknown tags, and sentences in another language than the post."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accessibility import languages
from forum.accessibility.check import review
from forum.accessibility.document import Document
from forum.accessibility.language_tags import is_language, tag_meant_by
from forum.accessibility.languages import other_language_of
from forum.review import Draft
from forum.text.markdown import normalize

ENGLISH = "We met in the workshop and talked about the new kiln, which is hot and is not cheap."
GERMAN = "Ich freue mich sehr darauf, euch alle bald in der Werkstatt wieder zu sehen."
MORE_GERMAN = "Das ist der Grund, warum wir uns jeden Montag hier mit allen treffen."
FRENCH = "Je voudrais savoir comment vous faites pour refroidir le four sans le casser."

needs_detector = pytest.mark.usefixtures("detector")


def found(source: str, language: str = "en") -> list[tuple[str, str]]:
    return [(f.rule, f.text) for f in review(Draft(source, language))]


def repaired(source: str, language: str = "en") -> str | None:
    (finding,) = review(Draft(source, language))
    return finding.repair.apply(source) if finding.repair else None


# Tags


@pytest.mark.parametrize(
    "tag", ["en", "pt-BR", "zh-Hant-TW", "sgn", "tw", "isv", "oma", "EN", "en-XX", "qaa", "x-mine"]
)
def test_registered_and_private_languages_are_known(tag: str) -> None:
    assert is_language(tag)


@pytest.mark.parametrize(
    "tag", ["", " ", "xx", "english", "i-lux", "gibberish-US", "#!", "en_US", "e"]
)
def test_other_words_are_no_languages(tag: str) -> None:
    assert not is_language(tag)


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("German", "de"),
        ("deutsch", "de"),
        ("en_US", "en-US"),
        ('"jp"', "ja"),
        ("Français", "fr"),
        ("Elvish", None),
        ("uk", "uk"),
    ],
)
def test_meant_language_is_understood(words: str, tag: str | None) -> None:
    assert tag_meant_by(words) == tag


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("[Guten Tag]{lang=german} all", "[Guten Tag]{lang=de} all"),
        ("[Guten Tag]{lang=de_AT} all", "[Guten Tag]{lang=de-AT} all"),
        ("[Guten Tag]{ lang = de } all", "[Guten Tag]{lang=de} all"),
        ("{lang=english}\nGood day", "{lang=en}\nGood day"),
        ("[Hi](/a){lang=jp} all", "[Hi](/a){lang=ja} all"),
        ("[Guten Tag]{lang=cz} all", "[Guten Tag]{lang=cs} all"),
        ("[Hi](/a){lang=german} all", "[Hi](/a){lang=de} all"),
        ("![Kiln](/k.png){lang=german}", "![Kiln](/k.png){lang=de}"),
        ("[f(x)](/a){lang=german}", None),
        ("[Guten Tag]{lang=elvish} all", None),
        ("\\[Guten Tag]{lang=german} all", None),
        ("{lang=fr} Bonjour", None),
        ("[Bonjour] {lang=fr}", None),
        ("{lang=xx}\nGood day", None),
        ("{lang=fr}\\\nBonjour", None),
        ("{lang=french}\\\nBonjour", None),
    ],
)
def test_mark_that_names_no_language_is_found(source: str, after: str | None) -> None:
    assert [rule for rule, _ in found(source)] == ["language-unknown"]
    assert repaired(source) == after


@pytest.mark.parametrize(
    "source",
    [
        "[Bonjour]{lang=fr} all",
        "{lang=pt-BR}\nBom dia",
        "`[x]{lang=german}`",
        "Set it with {lang=german} in the options",
        "The lang of {this}",
        "> [x]{lang=german}",
    ],
)
def test_known_marks_and_what_is_none_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_marks_are_found_where_they_are_written() -> None:
    source = (
        "[a [b]{lang=de}]{lang=fr}\n\n> {lang=es}\n> c\n\n- {lang=it}\n  - d\n\n![e](/f){lang=nl}"
    )
    marks = Document.parse(source).language_marks
    assert [(mark.tag, mark.span.of(source)) for mark in marks] == [
        (tag, f"{{lang={tag}}}") for tag in ("fr", "de", "es", "it", "nl")
    ]


def test_language_of_each_run_is_the_innermost_mark() -> None:
    source = "{lang=fr}\n- a [b *c*]{lang=de} d\n\ne"
    runs = [run for passage in Document.parse(source).passages for run in passage.runs]
    assert [(run.text, run.language) for run in runs] == [
        ("a ", "fr"),
        ("b ", "de"),
        ("c", "de"),
        (" d", "fr"),
        ("e", ""),
    ]


# Telling languages


@needs_detector
@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (GERMAN, "de"),
        (FRENCH, "fr"),
        ("Me gustaría saber cómo lo hacen ustedes para que no se rompa con el frío.", "es"),
        ("Vorrei sapere come fate voi per non rompere il forno quando si raffredda.", "it"),
        ("Ik zou graag willen weten hoe jullie de oven afkoelen en hoe lang dat duurt.", "nl"),
        ("Eu gostaria de saber como é que vocês fazem para não estragar o forno.", "pt"),
        ("Jag skulle vilja veta hur ni gör när ugnen ska kylas och hur lång tid det tar.", "sv"),
        ("Chciałbym się dowiedzieć, jak to robicie, że piec nie pęka, i ile czasu to trwa.", "pl"),
        (
            "Haluaisin tietää, miten te sen teette, ja kuinka kauan se kestää, kun uuni on iso.",
            "fi",
        ),
        ("Я хотел бы узнать, как вы это делаете и сколько времени на это уходит.", "ru"),
        ("Я хотів би дізнатися, як ви це робите і скільки часу на це йде, та що ще треба.", "uk"),
        ("窯をどのように冷やしているのか、皆さんのやり方を教えていただけませんか。", "ja"),
        ("大家好，我想知道你们是怎么让窑炉慢慢冷却下来的，谢谢。", "zh"),
        ("가마를 어떻게 식히는지 그리고 시간이 얼마나 걸리는지 알고 싶습니다.", "ko"),
    ],
)
def test_other_language_is_told(text: str, tag: str) -> None:
    assert other_language_of(text, "en") == tag
    assert other_language_of(text, tag) is None


@needs_detector
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        ("en", "Guten Tag, meine Damen und Herren!"),
        ("en", "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor."),
        ("en", "for i in range(10): print(x[i]); y = foo(bar, baz) + qux ** 2 if z else None"),
        ("en", "$\\int_a^b f(x) dx = F(b) - F(a)$ et al. sin cos tan log lim sup inf max min"),
        ("en", "Trappist Westvleteren Rochefort Chimay Orval Achel Westmalle Duvel Chouffe Kwak"),
        ("nb", "Jeg vil gerne vide, hvordan I gør det, og hvor længe det tager med sådan en ovn."),
        ("gsw", GERMAN),
        ("en", "El Niño, La Niña, Los Angeles, San Francisco, El Paso, Las Vegas, Palo Alto"),
        ("de", "Ich habe dazu nur: „Could not open the file because it is used by another one“"),
        ("isv", ENGLISH),
        ("de-AT", GERMAN),
        ("", ENGLISH),
    ],
)
def test_short_formal_related_and_unknown_languages_are_not_told(language: str, text: str) -> None:
    assert other_language_of(text, language) is None


@needs_detector
@pytest.mark.parametrize(
    ("source", "after"),
    [
        (f"{ENGLISH}\n\n{GERMAN}", f"{ENGLISH}\n\n{{lang=de}}\n{GERMAN}"),
        (f"{ENGLISH}\n\n> {GERMAN}", f"{ENGLISH}\n\n> [{GERMAN}]{{lang=de}}"),
        (f"{ENGLISH}\n\n- {GERMAN}", f"{ENGLISH}\n\n- [{GERMAN}]{{lang=de}}"),
        (
            f"{ENGLISH} {GERMAN} {MORE_GERMAN} {ENGLISH}",
            f"{ENGLISH} [{GERMAN} {MORE_GERMAN}]{{lang=de}} {ENGLISH}",
        ),
        (
            f"{ENGLISH} {ENGLISH}\n\n- [ ] {GERMAN}",
            f"{ENGLISH} {ENGLISH}\n\n- [ ] [{GERMAN}]{{lang=de}}",
        ),
        (GERMAN, f"{{lang=de}}\n{GERMAN}"),
        (
            f"{GERMAN}\n\n- {MORE_GERMAN}",
            f"{{lang=de}}\n{GERMAN}\n\n- [{MORE_GERMAN}]{{lang=de}}",
        ),
        (f"{ENGLISH}\n\n- {GERMAN[:-1]} [a](/b).", None),
        (f"{ENGLISH} {ENGLISH}\n\n- {GERMAN} \\[", None),
    ],
)
def test_sentences_in_another_language_are_marked(source: str, after: str | None) -> None:
    if after is None and "[a]" in source:
        after = f"{ENGLISH}\n\n- [{GERMAN[:-1]} [a](/b).]{{lang=de}}"
    assert [rule for rule, _ in found(source)] == ["language-other"]
    assert repaired(source) == after
    assert after is None or found(after) == []


@needs_detector
def test_two_languages_in_one_post_are_two_findings() -> None:
    source = f"{ENGLISH}\n\n{GERMAN}\n\n{FRENCH}"
    assert found(source) == [("language-other", GERMAN), ("language-other", FRENCH)]


@needs_detector
@pytest.mark.parametrize(
    "source",
    [
        f"{ENGLISH}\n\n{{lang=de}}\n{GERMAN}",
        f"{ENGLISH} [{GERMAN}]{{lang=de}}",
        f"{ENGLISH}\n\n`{GERMAN}`",
        f"{ENGLISH}\n\n```\n{GERMAN}\n```",
        f"{ENGLISH} The “Physikalisch-Technische Bundesanstalt” is in the city of Braunschweig.",
    ],
)
def test_marked_words_code_and_names_are_left_alone(source: str) -> None:
    assert found(source) == []


def test_without_the_detector_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_detector", lambda: None)
    assert found(f"{ENGLISH}\n\n{GERMAN}") == []
    assert [rule for rule, _ in found("[x]{lang=german}")] == ["language-unknown"]


def test_detector_is_loaded_only_where_a_text_asks_for_it() -> None:
    program = (
        "import sys; from forum.accessibility.check import review; from forum.review import Draft; "
        f"review(Draft({ENGLISH!r})); print('pycld2' in sys.modules); "
        f"review(Draft({GERMAN!r})); print('pycld2' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert loaded.stdout.split() == [b"False", str(languages.can_detect()).encode()]


TEXTS = [GERMAN, MORE_GERMAN, FRENCH, ENGLISH, ENGLISH, "`x`", "[a](/b)", " ", " "]
MARKS = ["[Tag]{lang=german}", "{lang=de}\n", "{lang=english}\n", "\n", "\n\n", "- ", "> ", "# "]
pieces = st.sampled_from([*TEXTS, *MARKS, "[", "]", "**", "|", "\\"])
drafts = st.lists(pieces, min_size=1, max_size=9).map("".join).map(normalize)


@needs_detector
@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(drafts)
def test_repair_ends_its_finding_and_brings_no_other(source: str) -> None:
    before = review(Draft(source))
    for finding in before:
        if finding.repair and finding.rule.startswith("language-"):
            after = review(Draft(finding.repair.apply(source)))
            rules, left = (Counter(f.rule for f in each) for each in (before, after))
            assert left[finding.rule] < rules[finding.rule]
            assert left - rules == Counter()


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.text(st.characters(codec=None), min_size=20, max_size=90), st.text(max_size=5))
def test_any_text_has_an_answer(text: str, language: str) -> None:
    assert other_language_of(text, language) is None or is_language(
        other_language_of(text, language) or ""
    )
