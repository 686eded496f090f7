"""The forum's words gathered from its source, and the catalogues that translate them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import checkers
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
PACKAGE = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("templates/**", "jinja2")]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "Phrase": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def words_of(package: Path = PACKAGE) -> Catalog:
    """Every text that the package hands to gettext, in Python and in templates."""
    words = Catalog()
    for _, _, text, _, context in extract_from_dir(package, METHODS, keywords=KEYWORDS):
        words.add(text, context=context)
    return words


def updated(catalogue: Catalog, words: Catalog) -> Catalog:
    """The catalogue with exactly these words. What was there keeps its translation; nothing is guessed."""
    catalogue.update(words, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def faults(catalogue: Catalog, words: Catalog) -> Iterator[str]:
    """What keeps the catalogue from saying all of these words rightly, a line for each."""
    for word in words:
        if word.id:
            found = catalogue.get(word.id, word.context)
            why = "is missing" if found is None else _fault(found, catalogue)
            if why:
                yield f"{catalogue.locale}: {why}: {_first(word)!r}"


def _fault(message: Message, catalogue: Catalog) -> str:
    string = message.string or ""
    said = (string,) if isinstance(string, str) else string
    if message.fuzzy:
        return "is marked as fuzzy"
    if not all(said):
        return "is missing" if not any(said) else "lacks a plural form"
    return "; ".join(str(error) for error in _errors(message, catalogue))


def _errors(message: Message, catalogue: Catalog) -> Iterator[Exception]:
    for check in checkers:
        try:
            check(catalogue, message)
        except TranslationError as error:
            yield error


def _first(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def update_folder(folder: Path, words: Catalog, new: list[str]) -> list[str]:
    """Bring all catalogues in the folder up to date, beginning the new ones: what is at fault there."""
    found = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po")}
    told: list[str] = []
    for language in sorted(found | set(new)):
        path = folder / language / "LC_MESSAGES" / "messages.po"
        catalogue = updated(_read(path, language), words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_as_po(catalogue))
        path.with_suffix(".mo").write_bytes(_as_mo(catalogue))
        told += faults(catalogue, words)
    return told


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _as_po(catalogue: Catalog) -> bytes:
    """Sorted and without places, times and people, so that two changes seldom meet in one line."""
    file = BytesIO()
    write_po(file, catalogue, no_location=True, omit_header=True, sort_output=True, width=100)
    return _header(catalogue) + file.getvalue()


def _as_mo(catalogue: Catalog) -> bytes:
    # Babel writes both times down, as the present one where the catalogue names none.
    catalogue.creation_date = catalogue.revision_date = LONG_AGO
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def _header(catalogue: Catalog) -> bytes:
    facts = {
        "Language": catalogue.locale_identifier,
        "Plural-Forms": catalogue.plural_forms,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in facts.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode()


if __name__ == "__main__":
    told = update_folder(PACKAGE / "translations", words_of(), sys.argv[1:])
    sys.exit("\n".join(told) or None)
