"""``plugin.toml``: what a plugin says of itself. Read before anything of it is imported."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from forum import __version__
from forum.plugin_host.registration import is_name

FILE = "plugin.toml"
MOST_BYTES = 64 * 1024
LONGEST_TITLE = 80
LONGEST_TEXT = 2_000
REQUIRED = ("name", "title", "version", "requires_forum")
OPTIONAL = ("with", "personal_data", "dependencies", "door", "not_in_backups", "permissions")
MOST_DEPENDENCIES = 20
# The core's own rooms: a plugin called like one would be taken for it in logs, jobs and addresses.
CORE_NAMES = frozenset(
    {"accessibility", "accounts", "admin", "categories", "discussion", "files", "forum", "jobs"}
    | {"moderation", "notifications", "reading", "search", "static", "text", "themes", "web"}
    # Of these the core has permissions, or jobs.
    | {"case", "community", "member", "post", "record", "thread"}
    | {"administration", "exports", "mail", "pictures", "review", "trust"}
)


class BrokenManifest(Exception):
    """A ``plugin.toml`` that cannot be used; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """Another plugin that one needs, and which versions of it."""

    name: str
    versions: SpecifierSet

    def misfit(self, version: str) -> str:
        """Why this version of it does not do; empty when it does."""
        if self.versions.contains(version, prereleases=True):
            return ""
        return f"needs {self.name} {in_words(self.versions)}, and that is {version}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says of itself.

    Attributes:
        name: what it is called in settings, logs, jobs and addresses.
        title: what people read.
        version: its own version.
        requires_forum: the versions of Folkmoot it works with.
        writes: the ``with_*`` hooks it may implement; ``("*",)`` for all of them.
        personal_data: what it stores about people, in words; empty when it stores nothing.
        dependencies: the plugins that must run before it.
        door: the one address, such as ``/ask``, below which it may have pages of its own beside the
            forum's; empty for none.
        not_in_backups: its tables of which no backup has the rows.
        permissions: the names of those that it brings; ``None`` when it does not say.
    """

    name: str
    title: str
    version: str
    requires_forum: SpecifierSet
    writes: tuple[str, ...] = ()
    personal_data: str = ""
    dependencies: tuple[Dependency, ...] = ()
    door: str = ""
    not_in_backups: tuple[str, ...] = ()
    permissions: tuple[str, ...] | None = None

    def may_write(self, hook: str) -> bool:
        """Whether it asked for this ``with_*`` hook."""
        return "*" in self.writes or hook in self.writes

    def misfit(self, forum: str = __version__) -> str:
        """Why it does not work with this version of Folkmoot; empty when it does."""
        if self.requires_forum.contains(forum, prereleases=True):
            return ""
        return f"needs Folkmoot {in_words(self.requires_forum)}, and this is {forum}"


def in_words(versions: SpecifierSet) -> str:
    """A range of versions for people."""
    words = str(versions).replace(">=", "≥ ").replace("<=", "≤ ").replace("<", "< ")
    return " and ".join(sorted(words.split(","), key=lambda part: not part.startswith("≥")))


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a plugin's folder.

    Raises:
        BrokenManifest: it is missing, cannot be read, or says something it may not.
    """
    found = _read(folder / FILE)
    missing = [key for key in REQUIRED if key not in found]
    unknown = sorted(set(found) - {*REQUIRED, *OPTIONAL})
    if missing:
        raise BrokenManifest(f"{FILE} lacks {', '.join(missing)}")
    if unknown:
        raise BrokenManifest(
            f"{FILE} has {', '.join(unknown)}, which Folkmoot does not know. "
            f"It knows: {', '.join(REQUIRED + OPTIONAL)}"
        )
    return Manifest(
        name=_name(found),
        title=_words(found, "title", LONGEST_TITLE),
        version=_version(found),
        requires_forum=_versions(found),
        writes=_writes(found),
        personal_data=_words(found, "personal_data", LONGEST_TEXT, required=False),
        dependencies=_dependencies(found),
        door=_door(found),
        not_in_backups=_not_in_backups(found),
        permissions=_permissions(found),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BrokenManifest(f"{FILE} cannot be read: {error.strerror}") from error
    if len(raw) > MOST_BYTES:
        raise BrokenManifest(f"{FILE} is larger than {MOST_BYTES // 1024} KiB")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    # Brackets without end exhaust the parser's recursion instead of its patience.
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BrokenManifest(f"{FILE} is not TOML: {error}") from error


def _name(found: Mapping[str, Any]) -> str:
    name = found["name"]
    if not isinstance(name, str) or not is_name(name):
        raise BrokenManifest("name has small letters, digits, - and _, and 60 at most")
    if name in CORE_NAMES:
        raise BrokenManifest(f"name is {name}, which is a part of the forum itself")
    return name


def _words(found: Mapping[str, Any], key: str, longest: int, *, required: bool = True) -> str:
    words = found.get(key, "")
    if not isinstance(words, str) or len(words) > longest or (required and not words.strip()):
        raise BrokenManifest(f"{key} must be a text of {int(required)} to {longest} characters")
    # It ends in logs and in a terminal.
    if re.search(r"[\x00-\x1f\x7f]", words):
        raise BrokenManifest(f"{key} must be one line without control characters")
    return words.strip()


def _version(found: Mapping[str, Any]) -> str:
    try:
        return str(Version(found["version"]))
    except (InvalidVersion, TypeError) as error:
        raise BrokenManifest("version must be a version, such as 1.0.2") from error


def _versions(found: Mapping[str, Any]) -> SpecifierSet:
    words = found["requires_forum"]
    try:
        if not isinstance(words, str) or not words.strip():
            raise InvalidSpecifier
        return SpecifierSet(words)
    except InvalidSpecifier as error:
        raise BrokenManifest(
            'requires_forum must be a range of versions, such as ">=0.1,<0.3"'
        ) from error


def _writes(found: Mapping[str, Any]) -> tuple[str, ...]:
    asked = found.get("with", False)
    if isinstance(asked, bool):
        return ("*",) if asked else ()
    if isinstance(asked, list) and all(isinstance(h, str) and h.startswith("with_") for h in asked):
        return tuple(asked)
    raise BrokenManifest('with must be true, or a list of hooks, such as ["with_post_published"]')


def _door(found: Mapping[str, Any]) -> str:
    door = found.get("door", "")
    if isinstance(door, str) and (door == "" or re.fullmatch(r"/[a-z][a-z0-9-]{0,39}", door)):
        return door
    raise BrokenManifest('door must be one part of an address, such as "/ask"')


def _permissions(found: Mapping[str, Any]) -> tuple[str, ...] | None:
    names, prefix = found.get("permissions"), re.escape(_name(found))
    if names is None:
        return None
    if isinstance(names, list) and all(
        isinstance(name, str) and re.fullmatch(rf"{prefix}\.[a-z][a-z0-9_]*", name)
        for name in names
    ):
        return tuple(sorted(names))
    raise BrokenManifest(f'permissions must be a list, such as ["{_name(found)}.see"]')


def _not_in_backups(found: Mapping[str, Any]) -> tuple[str, ...]:
    tables, prefix = found.get("not_in_backups", []), _name(found).replace("-", "_") + "__"
    is_some = isinstance(tables, list) and len(tables) <= MOST_DEPENDENCIES
    if is_some and all(
        isinstance(name, str) and re.fullmatch(rf"{prefix}[a-z0-9_]+", name) for name in tables
    ):
        return tuple(tables)
    raise BrokenManifest(
        f'not_in_backups must be a list of its tables, such as ["{prefix}waiting"]'
    )


def _dependencies(found: Mapping[str, Any]) -> tuple[Dependency, ...]:
    asked = found.get("dependencies", [])
    if not isinstance(asked, list) or len(asked) > MOST_DEPENDENCIES:
        raise BrokenManifest(f"dependencies must be a list of {MOST_DEPENDENCIES} plugins at most")
    needed = [_dependency(words) for words in asked]
    names = [one.name for one in needed]
    if len(set(names)) != len(names):
        raise BrokenManifest("dependencies names a plugin twice")
    return tuple(sorted(needed, key=lambda one: one.name))


def _dependency(words: Any) -> Dependency:
    try:
        if not isinstance(words, str):
            raise InvalidRequirement
        asked = Requirement(words)
        if asked.extras or asked.url or asked.marker or not is_name(asked.name):
            raise InvalidRequirement
    except InvalidRequirement:
        raise BrokenManifest(
            "dependencies must be plugins' names, with a range of versions or without, such as "
            '["norms>=1.0"]'
        ) from None
    return Dependency(asked.name, asked.specifier)
