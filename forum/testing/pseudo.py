"""A language that nobody speaks: every text of the forum in Hebrew letters, made from the English.

It is written from right to left and takes more room than English. What is filled in stands between
isolates (U+2068, U+2069), so whatever else a page still says in Latin letters was not translated.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from flask import Flask

from forum.testing.catalogues import PACKAGE, words_of

LANGUAGE = "he"
LONGER = 0.4
"""So much longer than English are short texts in the wordiest languages that we know of."""

_HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
_LETTERS = {
    ord(letter): _HEBREW[index % len(_HEBREW)]
    for alphabet in ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for index, letter in enumerate(alphabet)
}
_KEPT = re.compile(r"%\(\w+\)[a-z]|%%")
_ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
_LATIN = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")

# Said by people, or names of things: written in whatever language they are in.
_OTHERS = (
    "[dir=auto], bdi, code, pre, textarea, time, script, style, [aria-hidden=true], "
    "[lang]:not(html), [name=zone]"
)
_SAYING = ("aria-label", "alt", "title", "placeholder", "data-offline", "data-failed")


def pseudo_catalogue(words: Catalog) -> Catalog:
    """All of these words in the language that nobody speaks."""
    catalogue = Catalog(locale=LANGUAGE)
    for word in words:
        if word.id:
            catalogue.add(word.id, _said(word, catalogue.num_plurals), context=word.context)
    return catalogue


def _said(word: Message, forms: int) -> str | tuple[str, ...]:
    if isinstance(word.id, str):
        return pseudo(word.id)
    return tuple(pseudo(word.id[min(form, 1)]) for form in range(forms))


def pseudo(text: str) -> str:
    """The text in Hebrew letters and longer, what is filled in as it was, between isolates."""
    parts, at = [], 0
    for kept in _KEPT.finditer(text):
        filled = kept[0] if kept[0] == "%%" else f"\u2068{kept[0]}\u2069"
        parts += [text[at : kept.start()].translate(_LETTERS), filled]
        at = kept.end()
    words = "".join([*parts, text[at:].translate(_LETTERS)])
    # At the end, and in words as long as others are, so that lines break where they would.
    more = int(len(text) * LONGER)
    return words + " אבגדהוז" * (more // 8) + ("א" * (more % 8) if more < 8 else "")


@pytest.fixture(scope="session")
def pseudo_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a catalogue in that language, for ``speak_pseudo``."""
    root = tmp_path_factory.mktemp("pseudo")
    folder = root / LANGUAGE / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, pseudo_catalogue(words_of()))
    return root


def speak_pseudo(app: Flask, folder: Path) -> None:
    """Give the forum that language besides its own."""
    app.extensions["babel"].translation_directories = [str(PACKAGE / "translations"), str(folder)]


def untranslated(page: str, names: Collection[str] = ()) -> list[str]:
    """Whatever a page in that language says in Latin letters: texts, titles, labels.

    What people wrote is passed over where the page says so (``dir="auto"``, ``<bdi>``, ``lang``); so
    a text of theirs that is not isolated from the page's own direction is named, too.

    Args:
        names: what people called things; passed over where nothing can be isolated, in the title of
            the page and in what a list offers to choose from.
    """
    soup = BeautifulSoup(page, "html.parser")
    for text in soup.select("head > title, option, .choice > label"):
        # What has parts can isolate them.
        if text.find(True) is None:
            text.string = _without(names, text.get_text())
    for link in soup.select("head > link[title]"):
        link["title"] = _without(names, str(link["title"]))
    for others in soup.select(_OTHERS):
        if others.name != "textarea" or not others.get("aria-label"):
            others.string = ""
    said = [str(text) for text in soup.find_all(string=True) if _is_shown(text)]
    for element in soup.find_all(True):
        said += _labels(element)
    return [text.strip() for text in said if _LATIN.search(_ISOLATED.sub("", text))]


def _without(names: Collection[str], text: str) -> str:
    for name in names:
        text = text.replace(name, "")
    return text


def _is_shown(text: NavigableString) -> bool:
    return type(text) is NavigableString


def _labels(element: Tag) -> list[str]:
    return [str(element[name]) for name in _SAYING if element.get(name)]
