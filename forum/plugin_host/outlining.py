"""Writes the beginning of a plugin: a working one with its tests, to be changed into another."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po
from packaging.version import Version

from forum import __version__
from forum.errors import Conflict, Invalid
from forum.plugin_host.catalogue_file import as_mo
from forum.plugin_host.discovery import PACKAGE_PREFIX
from forum.plugin_host.leaving import RELEASES
from forum.plugin_host.manifest import CORE_NAMES
from forum.plugin_host.registration import is_name
from forum.plugin_host.tables import LONGEST_NAME, MARK, prefix_of

OUTLINE = Path(__file__).resolve().parent.parent / "plugin_outline"


def write_plugin(folder: Path, name: str, title: str = "") -> list[Path]:
    """Write a plugin into a new folder: its files.

    Raises:
        Invalid: no plugin with tables can have this name, or this title.
        Conflict: the folder is there already.
    """
    require_free_name(name)
    title = title or name.replace("-", " ").replace("_", " ").capitalize()
    if '"' in title or "\\" in title or not title.isprintable() or len(title) > LONGEST_NAME:
        raise Invalid(
            "title", f"A title has no quotation marks and {LONGEST_NAME} characters at most."
        )
    if folder.exists():
        raise Conflict(f"{folder} is there already. Choose another folder, or move it away.")
    words = {
        "name": name,
        "title": title,
        "package": PACKAGE_PREFIX + name.replace("-", "_"),
        "tables": prefix_of(name),
        "range": _range(),
    }
    written = [_written(folder, source, words) for source in sorted(OUTLINE.rglob("*.txt"))]
    catalogues = [_compiled(path) for path in written if path.suffix == ".po"]
    return sorted([*written, *catalogues])


def require_free_name(name: str) -> None:
    """See to it that a plugin with tables may have this name.

    Raises:
        Invalid: it may not.
    """
    as_table = name.replace("-", "_")
    if not is_name(name) or len(name) > LONGEST_NAME or MARK in as_table or as_table.endswith("_"):
        raise Invalid(
            "name",
            f"A name has small letters, digits, - and _ (never two together, nor at the end), and "
            f"{LONGEST_NAME} at most; it begins with a letter.",
        )
    if name in CORE_NAMES:
        raise Invalid("name", f"{name} is a part of the forum itself. Choose another name.")


def _range() -> str:
    own = Version(__version__)
    return f">={own.major}.{own.minor},<{own.major}.{own.minor + RELEASES}"


def _compiled(path: Path) -> Path:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    compiled = path.with_suffix(".mo")
    compiled.write_bytes(as_mo(catalogue))
    return compiled


def _written(folder: Path, source: Path, words: dict[str, str]) -> Path:
    parts = source.relative_to(OUTLINE).with_suffix("").parts
    if parts[0] == "package":
        parts = (words["package"], *parts[1:])
    if parts[1:2] == ("templates",):
        parts = (*parts[:2], words["package"], *parts[2:])
    text = source.read_text("utf-8")
    for word, meaning in words.items():
        text = text.replace(f"[[{word}]]", meaning)
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
