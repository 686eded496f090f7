"""Catalogues follow the source, keep what was translated, and say what is missing or wrong."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from forum.testing.catalogues import PACKAGE, faults, update_folder, words_of

TRANSLATIONS = PACKAGE / "translations"
SOURCE = {
    "a.py": '_("Hello")\nlazy_gettext("Later")\nngettext("%(num)s pot", "%(num)s pots", 2)\n',
    "templates/page.html": "{{ _('by %(who)s', who=name) }}",
}


@pytest.fixture
def words(tmp_path: Path) -> Catalog:
    """The words of a package with one module and one template."""
    for name, text in SOURCE.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return words_of(tmp_path / "package")


def german() -> Catalog:
    """All of the words in German."""
    catalogue = Catalog(locale="de")
    said: dict[object, object] = {
        "Hello": "Hallo",
        "Later": "Später",
        "by %(who)s": "von %(who)s",
        ("%(num)s pot", "%(num)s pots"): ("%(num)s Topf", "%(num)s Töpfe"),
    }
    for english, words_there in said.items():
        catalogue.add(english, words_there)
    return catalogue


def test_words_of_modules_and_templates_are_found(words: Catalog) -> None:
    assert {word.id for word in words if word.id} == {
        "Hello",
        "Later",
        "by %(who)s",
        ("%(num)s pot", "%(num)s pots"),
    }
    assert list(faults(german(), words)) == []


def test_each_fault_of_a_catalogue_is_named(words: Catalog) -> None:
    catalogue = german()
    catalogue["Hello"].flags.add("fuzzy")
    catalogue["Later"].string = ""
    catalogue["%(num)s pot"].string = ("%(num)s Topf", "")
    catalogue["by %(who)s"].string = "von %(wem)s"
    told = sorted(faults(catalogue, words))
    assert [line.rpartition(": ")[2] for line in told if "fuzzy" in line] == ["'Hello'"]
    assert "de: is missing: 'Later'" in told
    assert "de: lacks a plural form: '%(num)s pot'" in told
    assert [line for line in told if "by %(who)s" in line and "placeholder" in line]
    assert len(told) == 4


def test_updating_keeps_translations_and_drops_what_is_gone(words: Catalog, tmp_path: Path) -> None:
    update_folder(tmp_path, words, ["de"])
    path = tmp_path / "de" / "LC_MESSAGES" / "messages.po"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('msgid "Hello"\nmsgstr ""', 'msgid "Hello"\nmsgstr "Hallo"')
        + '\nmsgid "Gone"\nmsgstr "Weg"\n'
    )
    told = update_folder(tmp_path, words, [])
    with path.open("rb") as file:
        catalogue = read_po(file, locale="de")
    assert {m.id: m.string for m in catalogue if m.string and m.id} == {
        "Hello": "Hallo",
        ("%(num)s pot", "%(num)s pots"): ("", ""),
    }
    assert "Gone" not in path.read_text("utf-8")
    assert len(told) == 3
    before = path.read_bytes(), path.with_suffix(".mo").read_bytes()
    update_folder(tmp_path, words, [])
    assert (path.read_bytes(), path.with_suffix(".mo").read_bytes()) == before


def test_words_of_the_forum_itself_are_found() -> None:
    found = {word.id for word in words_of() if word.id}
    assert {"Choose a new password", "Latest posts", "Time zone"} <= found


LANGUAGES = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))


def shipped(language: str) -> tuple[bytes, bytes]:
    """The catalogue for translators, and the one that the forum reads."""
    folder = TRANSLATIONS / language / "LC_MESSAGES"
    return (folder / "messages.po").read_bytes(), (folder / "messages.mo").read_bytes()


def test_german_is_among_the_languages() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_translated_is_whole(language: str) -> None:
    catalogue = read_po(BytesIO(shipped(language)[0]), locale=language)
    told = list(faults(catalogue, catalogue))
    assert [line for line in told if "is missing" not in line] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_forum_reads_what_was_translated(language: str) -> None:
    written = read_po(BytesIO(shipped(language)[0]), locale=language)
    read = read_mo(BytesIO(shipped(language)[1]))
    said = _said(written)
    assert {word: _said(read).get(word) for word in said} == said


def _said(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    words = {str(forms_of(m.id)[0]): forms_of(m.string) for m in catalogue if m.id}
    return {word: said for word, said in words.items() if all(said)}


def forms_of(said: object) -> tuple[str, ...]:
    """The forms of a text: one, or those of its plurals."""
    return (said,) if isinstance(said, str) else tuple(said)  # type: ignore[arg-type]
