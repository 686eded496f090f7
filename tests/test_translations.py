"""Every text of the forum is there in every language that it offers: a missing one fails here.

Translate it in ``forum/translations/<language>/LC_MESSAGES/messages.po`` and run ``script/translate``.
"""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from forum.testing.catalogues import PACKAGE, faults, update_folder, words_of

TRANSLATIONS = PACKAGE / "translations"
LANGUAGES = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))


@pytest.fixture(scope="module")
def words() -> Catalog:
    """Every text in the source."""
    return words_of()


def catalogue(language: str) -> Catalog:
    """What translators have said."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    return read_po(BytesIO(path.read_bytes()), locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str, words: Catalog) -> None:
    assert list(faults(catalogue(language), words)) == []


def test_text_that_nobody_translated_is_named(words: Catalog) -> None:
    planted = Catalog()
    planted.add("Planted by a test")
    assert list(faults(catalogue("de"), planted)) == ["de: is missing: 'Planted by a test'"]


def test_catalogues_are_as_the_script_writes_them(words: Catalog, tmp_path: Path) -> None:
    shutil.copytree(TRANSLATIONS, tmp_path / "translations")
    update_folder(tmp_path / "translations", words, [])
    there = {path.relative_to(TRANSLATIONS) for path in TRANSLATIONS.rglob("messages.*")}
    assert len(there) == 2 * len(LANGUAGES) > 0
    for path in there:
        written = (tmp_path / "translations" / path).read_bytes()
        # Showing where two catalogues differ would take minutes.
        is_same = written == (TRANSLATIONS / path).read_bytes()
        assert is_same, path
