"""Whether an export is what was written: every file against its SHA-256.

Names and sizes come from whoever had the file meanwhile. Nothing is unpacked, and no path is followed
that a list names: what is there is looked through, and compared with the list.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile, is_zipfile

from forum.admin.archive_container import ArchiveReader
from forum.admin.archive_format import FORMAT, MANIFEST
from forum.admin.excerpt_container import SUMS
from forum.errors import Invalid

CHUNK = 1024 * 1024
LARGEST_LIST = 256 * 1024 * 1024
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_UNREADABLE = (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


@dataclass
class Found:
    """What a check found: names of files, and the SHA-256 of the list itself."""

    files: int = 0
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    seal: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was, and nothing else there."""
        return not (self.changed or self.missing or self.added)


class _Place(Protocol):
    def names(self) -> list[str]: ...
    def open(self, name: str) -> IO[bytes]: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        # A link to elsewhere is something that was added, whatever it leads to.
        paths = sorted(self._folder.rglob("*"))
        return [
            path.relative_to(self._folder).as_posix()
            for path in paths
            if path.is_symlink() or not path.is_dir()
        ]

    def open(self, name: str) -> IO[bytes]:
        path = self._folder / name
        if path.is_symlink() or not path.is_file():
            raise OSError
        return path.open("rb")


class _Zip:
    def __init__(self, opened: ZipFile) -> None:
        self._zip = opened

    def names(self) -> list[str]:
        return [entry.orig_filename for entry in self._zip.infolist()]

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)


def check_export(path: Path) -> Found:
    """Hold every file of an archive, an excerpt or pages against its hash.

    Raises:
        Invalid: there is nothing of this kind, or it cannot be read at all.
    """
    if path.is_dir():
        return _checked(_Folder(path), path)
    if not path.is_file():
        raise Invalid("file", f"There is no file or folder {path}.")
    if not is_zipfile(path):
        raise _unfit(path, "It is no ZIP file, or its end is missing.")
    try:
        with ZipFile(path) as opened:
            return _checked_zip(opened, path)
    except _UNREADABLE as error:
        raise _unfit(path, "It is damaged, so that what is in it cannot be listed.") from error


def _checked_zip(opened: ZipFile, path: Path) -> Found:
    if SUMS in opened.namelist():
        return _checked(_Zip(opened), path)
    if _format_of(opened) == FORMAT:
        return _checked_archive(path)
    raise _unfit(path, f"It has no {SUMS}.")


def _format_of(opened: ZipFile) -> str:
    try:
        with opened.open(MANIFEST) as entry:
            return str(json.loads(entry.read(CHUNK))["format"])
    except (*_UNREADABLE, KeyError, ValueError, TypeError):
        return ""


def _checked(place: _Place, path: Path) -> Found:
    try:
        with place.open(SUMS) as file:
            listed = file.read(LARGEST_LIST)
    except (*_UNREADABLE, KeyError) as error:
        raise _unfit(path, f"It has no {SUMS}, or one that cannot be read.") from error
    expected = _expected(listed, path)
    names = Counter(name for name in place.names() if name != SUMS)
    found = Found(len(expected), seal=hashlib.sha256(listed).hexdigest())
    for name, digest in expected.items():
        if name not in names:
            found.missing.append(name)
        elif _digest(place, name) != digest:
            found.changed.append(name)
    found.added = sorted(n for n, times in names.items() if n not in expected or times > 1)
    return found


def _expected(listed: bytes, path: Path) -> dict[str, str]:
    lines = listed.decode("utf-8", "replace").splitlines()
    matches = [_LINE.fullmatch(line) for line in lines]
    if not lines or None in matches:
        raise _unfit(path, f"Its {SUMS} is damaged.")
    return {match[2]: match[1] for match in matches if match}


def _digest(place: _Place, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with place.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except _UNREADABLE:
        return ""
    return digest.hexdigest()


def _checked_archive(path: Path) -> Found:
    """Those of a whole archive stand in its manifest, and in the names of the pictures."""
    found = Found()
    with path.open("rb") as handle:
        archive = ArchiveReader(handle)
        for name, digest, was in archive.hashes():
            found.files += 1
            if digest != was:
                found.changed.append(name)
        found.seal = archive.seal
    return found


def _unfit(path: Path, why: str) -> Invalid:
    return Invalid(
        "file", f"{path} cannot be checked. {why} Take what `forum export` wrote, as it was."
    )
