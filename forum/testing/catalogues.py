"""The forum's words gathered from its source, and the catalogues that translate them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import checkers
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po

from forum.plugin_host.catalogue_file import as_mo

PACKAGE = Path(__file__).resolve().parent.parent
FOLDER = "translations"
METHODS = [("tests/**", "ignore"), ("**.py", "python"), ("templates/**", "jinja2")]
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
    said = _forms(message)
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


def faults_in(package: Path, languages: Collection[str] = ()) -> list[str]:
    """What keeps a plugin's catalogues from saying all of its words, in each language that it has.

    Args:
        languages: those that it must have, if it says anything at all.
    """
    words, folder = words_of(package), package / FOLDER
    wanted = _languages_in(folder) | (set(languages) if any(word.id for word in words) else set())
    told: list[str] = []
    for language in sorted(wanted):
        path = _path(folder, language)
        catalogue = _read(path, language)
        told += faults(catalogue, words)
        if path.exists() and not _is_written(path.with_suffix(".mo"), catalogue):
            told.append(f"{language}: messages.mo does not have what messages.po says")
    return told


def _is_written(path: Path, catalogue: Catalog) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return _said(read_mo(file)) == _said(catalogue)


def _said(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    texts = {_first(message): _forms(message) for message in catalogue}
    return {text: said for text, said in texts.items() if text and all(said)}


def _forms(message: Message) -> tuple[str, ...]:
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def _languages_in(folder: Path) -> set[str]:
    return {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/messages.po")}


def _path(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"


def update_folder(folder: Path, words: Catalog, new: list[str]) -> list[str]:
    """Bring all catalogues in the folder up to date, beginning the new ones: what is at fault there."""
    told: list[str] = []
    for language in sorted(_languages_in(folder) | set(new)):
        path = _path(folder, language)
        catalogue = updated(_read(path, language), words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_as_po(catalogue))
        path.with_suffix(".mo").write_bytes(as_mo(catalogue))
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


def _header(catalogue: Catalog) -> bytes:
    facts = {
        "Language": catalogue.locale_identifier,
        "Plural-Forms": catalogue.plural_forms,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in facts.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode()


def main(arguments: Sequence[str]) -> list[str]:
    """Bring the catalogues of the forum, or of the plugin that is named, up to date: what is at fault."""
    parser = argparse.ArgumentParser("script/translate")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="a plugin's package")
    parser.add_argument("languages", nargs="*", help="those to begin, such as de")
    named = parser.parse_args(arguments)
    if not (named.package / "__init__.py").is_file():
        parser.error(f"{named.package} is no package")
    return update_folder(named.package / FOLDER, words_of(named.package), named.languages)


if __name__ == "__main__":
    sys.exit("\n".join(main(sys.argv[1:])) or None)
