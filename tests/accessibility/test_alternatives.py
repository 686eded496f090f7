"""What is told of a picture from the words of its alternative, and of the words beside it."""

from __future__ import annotations

import pytest

from forum.accessibility.alternatives import (
    is_file_name,
    is_placeholder,
    says_again,
    says_picture,
    shows_text_untold,
)
from forum.accessibility.check import review
from forum.accessibility.document import Document
from forum.accessibility.rules import pictures
from forum.review import Draft

OWN = "/files/" + "0a" * 32 + ".png"


def found(source: str) -> list[tuple[str, str, str]]:
    """Rule, marked place, and the source after the repair of each finding."""
    findings = review(Draft(source))
    return [
        (f.rule, f.span.of(source) if f.span else "", f.repair.apply(source) if f.repair else "")
        for f in findings
    ]


@pytest.mark.parametrize(
    "text",
    [
        "kiln.png",
        "my kiln.JPEG",
        "IMG_2041",
        "IMG 2041.HEIC",
        "DSCN0034",
        "PXL_20261127_101500123",
        "P1010234",
        "20261127_101500",
        "image0001",
        "Screenshot 2026-11-27 at 10.15.00",
        "Screenshot_20261127-101500",
        "WhatsApp Image 2026-11-27 at 10.15.00",
        "https://example.org/kiln.gif?size=2",
        "~ai-3a3cb8f0-1554-4e2b-b159-77f7176853d0_",
        "0c1f9ab2d3e4f5a6b7c8",
    ],
)
def test_file_names_are_known_whoever_gave_them(text: str) -> None:
    assert is_file_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Kiln number 2041",
        "The Node.js logo",
        "index.html",
        "Where to click in kiln.png",
        "P2000 turbine",
        "Image of 2041 bowls",
        "Screenshot of the kiln's control panel",
        "decade",
        "1234567890123456",
        "",
    ],
)
def test_words_numbers_and_sentences_about_files_are_no_file_names(text: str) -> None:
    assert not is_file_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "image",
        "Picture 3",
        "photo2",
        "Fig. 4b",
        "hero slide 1",
        "enter image description here",
        "TBD",
        "???",
        '""',
        "…",
        "Untitled",
        "This image has an empty alt attribute; its file name is kiln.jpg",
        "Lorem ipsum dolor sit amet",
        "Picture of",
        "Bild",
        "Ohne Titel",
        "capture d'écran",
        "sans titre",
        "imagen",
        "immagine 2",
        "afbeelding",
        "imagem",
        "skärmbild",
        "billede",
        "bilde",
        "kuva",
        "zdjęcie",
        "obrázek",
        "resim",
        "картинка",
        "зображення",
        "写真",
        "图片",
        "صورة",
    ],
)
def test_placeholders_are_known_in_every_language(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "hero slide 1 and some random text",
        "Photo of Ada",
        "Logo of the pottery",
        "A test kiln",
        "42",
        "é",
        "🎉",
        "Map of Seoul",
        "Image Comics",
    ],
)
def test_what_says_something_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("An image of a bird.", "An image of"),
        ("picture showing clay", "picture showing"),
        ("Image of a photo of a picture.", "Image of"),
        ("Bild von Ada", "Bild von"),
        ("Une image d’un four", "Une image d’"),
        ("Imagen del horno", "Imagen del"),
        ("Afbeelding van de oven", "Afbeelding van"),
        ("Photo of a bird", ""),
        ("Painting of a bird", ""),
        ("Image often used", ""),
        ("Bildung", ""),
        ("Pictures and images of birds", ""),
    ],
)
def test_announcement_is_told_from_the_kind_of_picture(text: str, opening: str) -> None:
    assert says_picture(text) == opening


def test_caption_says_the_same_with_a_number_a_capital_or_a_full_stop() -> None:
    assert says_again("Bowl with crackle", "Figure 3: bowl, with crackle.")
    assert says_again("Image of a bowl", "A bowl")
    assert not says_again("Bowl with crackle", "Bowl")
    assert not says_again("", "")


@pytest.mark.parametrize(
    ("text", "is_untold"),
    [
        ("Screenshot of the error", True),
        ("Bildschirmfoto der Meldung", True),
        ("エラーのスクリーンショット", True),
        ("Screenshot of the error: “Disk full”", False),
        ("Screenshot of the error: disk full", False),
        (
            "Screenshot of the settings, where of five boxes only the last, keep a copy, is ticked",
            False,
        ),
        ("截图展示三个期刊条目列表，每个条目右侧都有红色方框标注其对应的影响因子", False),
        ("Scan of a knee", False),
        ("Bowl", False),
    ],
)
def test_screenshot_is_asked_for_its_text_unless_its_words_tell_it(
    text: str, is_untold: bool
) -> None:
    assert shows_text_untold(text) == is_untold


@pytest.mark.parametrize(
    ("alternative", "rule"),
    [
        ("IMG_2041.jpg", "picture-file-name"),
        ("*Picture* 3", "picture-placeholder"),
        ("tea " * 63, "picture-long"),
        ("Screenshot of the error", "picture-of-text"),
        ("Bild von Ada", "picture-announced"),
    ],
)
def test_finding_marks_the_alternative_where_the_author_writes_on(
    alternative: str, rule: str
) -> None:
    assert found(f"See ![{alternative}]({OWN} 'x') there") == [(rule, alternative, "")]


def test_pictures_from_elsewhere_are_links_and_left_alone() -> None:
    assert found("![image](https://example.org/x.png) ![Bild von Ada](/p.png)") == []


def test_250_characters_are_not_too_long() -> None:
    assert found(f"![{'t' * 250}]({OWN})") == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        (f"[![Guide]({OWN}) Guide](/g)", f"[![]({OWN}){{decorative}} Guide](/g)"),
        (
            f"[Guide ![guide]({OWN}){{lang=fr}}](/g)",
            f"[Guide ![]({OWN}){{decorative}}{{lang=fr}}](/g)",
        ),
        (f"![Guide]({OWN}) [Guide](/g)", ""),
        (f"[Guide](/g): ![Guide]({OWN})", ""),
        (f"![A bowl]({OWN} 'A bowl')", ""),
        (f"![A bowl]({OWN})\nA bowl.", ""),
        (f"![A bowl]({OWN})\n\n*Figure 1: A bowl*", ""),
        (f"> ![A bowl]({OWN}){{lang=en}}\n>\n> A bowl", ""),
        (f"![A bowl]({OWN})\n\n## A bowl", ""),
        (f"[![here]({OWN}) here](/g)", ""),
    ],
)
def test_words_that_stand_beside_the_picture_too_are_found(source: str, after: str) -> None:
    rules = [(rule, repaired) for rule, _, repaired in found(source)]
    assert rules == [("picture-again", after)]
    assert not after or found(after) == []


@pytest.mark.parametrize(
    "source",
    [
        f"![A bowl]({OWN})\n\nSome words.\n\nA bowl",
        f"![A bowl]({OWN}) ![A bowl]({OWN})",
        f"![A bowl]({OWN})\n\n![x](/y) of a bowl",
        f"[![A bowl]({OWN}) Guide](/g)",
        f"See ![A bowl]({OWN}) for a bowl",
    ],
)
def test_words_elsewhere_or_other_words_are_left_alone(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("source", "after"),
    [
        (f"![Picture of a bowl]({OWN})", f"![A bowl]({OWN})"),
        (f"![an image showing éclairs]({OWN})", f"![Éclairs]({OWN})"),
        (f"![Picture of a *bowl*]({OWN})", ""),
        (f"![Image of a photo]({OWN})", ""),
        (f"[![Picture of here]({OWN})](/g)", ""),
    ],
)
def test_announcement_goes_only_where_the_rest_says_something(source: str, after: str) -> None:
    rules = [(rule, repaired) for rule, _, repaired in found(source)]
    assert rules == [("picture-announced", after)]
    assert not after or found(after) == []


def test_each_picture_is_asked_for_one_thing_at_a_time() -> None:
    documents = map(Document.parse, (f"![image of]({OWN})\n\nImage of", f"![a.png]({OWN} 'a.png')"))
    rules = [[r.id for r in pictures.RULES if r.findings(document)] for document in documents]
    assert rules == [["picture-placeholder"], ["picture-file-name"]]
