"""The container of an archive: a ZIP file without compression, the same bytes for the same content.

Without compression no program's compressor changes the bytes, and nothing small can unpack to
something large. Reading trusts nothing: not the names, not the sizes, not the order. Nothing is
ever unpacked to a path that an archive names.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from forum import __version__
from forum.admin.archive_fields import Appendix, File
from forum.admin.archive_format import (
    FILES,
    FORMAT,
    LONGEST_LINE,
    MANIFEST,
    MOST_PICTURES,
    PARTS,
    PLUGINS,
    VERSION,
    canonical,
)
from forum.errors import Invalid

LARGEST_MANIFEST = 64 * 1024
# What the list of entries takes for the most pictures there may be, and for their longest names.
LARGEST_DIRECTORY = 160 * MOST_PICTURES
CHUNK = 1024 * 1024
PICTURE_ENTRY = re.compile(r"files/[0-9a-f]{64}\.(?:png|jpeg|webp|gif)")

_ALL: tuple[File | Appendix, ...] = (*FILES, PLUGINS)
_NAMES = frozenset({MANIFEST, *(f"{file.name}.jsonl" for file in _ALL)})
_LATER = frozenset(f"{file.name}.jsonl" for file in FILES if file.later) | {f"{PLUGINS.name}.jsonl"}
_LOCAL, _END, _END_64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_LOCAL_SIZE, _END_SIZE, _LOCATOR_SIZE, _END_64_SIZE = 30, 22, 20, 56
_ENCRYPTED, _UTF_8 = 0x1, 0x800
_UNREADABLE = (BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError)


def unfit(what: str, *, advice: str = "") -> Invalid:
    """The refusal of an archive; ``what`` says what is wrong with it."""
    advice = advice or "Take the archive as `forum export` wrote it, or export once more."
    return Invalid("file", f"Nothing was imported: {what} {advice}")


class ArchiveWriter:
    """Writes an archive into a file that is open for writing; the manifest comes last."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._zip = ZipFile(handle, "w", ZIP_STORED)
        self._files: dict[str, dict[str, Any]] = {}
        self._pictures = 0

    def add_lines(self, file: File | Appendix, lines: Iterable[dict[str, Any]]) -> int:
        """Write a file of the archive: how many lines it has."""
        digest, count, size = hashlib.sha256(), 0, 0
        # How long it gets is not known yet; entries over 2 GiB need the larger header.
        with self._zip.open(_entry(f"{file.name}.jsonl"), "w", force_zip64=True) as entry:
            for line in lines:
                written = canonical(line) + b"\n"
                entry.write(written)
                digest.update(written)
                count, size = count + 1, size + len(written)
        self._files[f"{file.name}.jsonl"] = {
            "bytes": size,
            "lines": count,
            "sha256": digest.hexdigest(),
        }
        return count

    def add_picture(self, name: str, content: bytes) -> None:
        """Write a picture. Its name is its hash, so the manifest only counts it."""
        self._pictures += 1
        self._zip.writestr(_entry(name), content)

    def close(self) -> None:
        """Write the manifest and the end of the container."""
        manifest = {
            "files": self._files,
            "format": FORMAT,
            "pictures": self._pictures,
            "software": f"Folkmoot {__version__}",
            "version": VERSION,
        }
        self._zip.writestr(_entry(MANIFEST), canonical(manifest) + b"\n")
        self._zip.close()


def _entry(name: str) -> ZipInfo:
    # No time and no machine in it; the earliest time that a ZIP can say.
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    return entry


class ArchiveReader:
    """An archive that was looked at from outside: its entries are those that an archive has.

    Raises:
        Invalid: it is not a whole archive of a version that this forum reads.
    """

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        _check_ends(handle)
        try:
            self._zip = ZipFile(handle)
        except (*_UNREADABLE, struct.error) as error:
            raise unfit(f"the list of what is in the ZIP file is damaged ({error}).") from error
        _refuse_exports_of_parts(self._zip)
        self._entries = _checked_entries(self._zip)
        self._manifest = self._read_manifest()
        self.software = str(self._manifest["software"])

    @property
    def counts(self) -> dict[str, int]:
        """How many lines each file has, by the manifest; hold them against what is read."""
        lines = {file.name: int(self._facts(file.name)["lines"]) for file in self._files}
        return {file.name: lines.get(file.name, 0) for file in _ALL}

    def has(self, file: File | Appendix) -> bool:
        """Whether the archive is of a time when there was such a file."""
        return file in self._files

    @property
    def _files(self) -> list[File | Appendix]:
        return [file for file in _ALL if f"{file.name}.jsonl" in self._entries]

    @property
    def pictures(self) -> set[str]:
        """The names of the pictures' entries."""
        return {name for name in self._entries if PICTURE_ENTRY.fullmatch(name)}

    def _facts(self, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = self._manifest["files"][f"{name}.jsonl"]
        return facts

    def check_hashes(self) -> None:
        """Read every file once.

        Raises:
            Invalid: the bytes of one are not those that the manifest tells of.
        """
        for file in self._files:
            name, digest = f"{file.name}.jsonl", hashlib.sha256()
            for chunk in self._chunks(name):
                digest.update(chunk)
            facts = self._facts(file.name)
            if digest.hexdigest() != facts["sha256"] or self._size(name) != facts["bytes"]:
                raise unfit(f"{name} was changed or damaged: its hash is not in the manifest.")

    def hashes(self) -> Iterator[tuple[str, str, str]]:
        """Every file but the manifest: its name, the SHA-256 that it was written with, and what it
        has now, which is empty when it cannot be read."""
        for file in self._files:
            name = f"{file.name}.jsonl"
            yield name, str(self._facts(file.name)["sha256"]), self._hash(name)
        for name in sorted(self.pictures):
            # Without the folder and the format.
            yield name, name[6:70], self._hash(name)

    def _hash(self, name: str) -> str:
        digest = hashlib.sha256()
        try:
            for chunk in self._chunks(name):
                digest.update(chunk)
        except Invalid:
            return ""
        return digest.hexdigest()

    @property
    def seal(self) -> str:
        """The SHA-256 of the manifest, in which the other hashes stand."""
        return self._hash(MANIFEST)

    def _size(self, name: str) -> int:
        return self._entries[name].file_size

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._entries[name]) as entry:
                while chunk := entry.read(CHUNK):
                    yield chunk
        except (*_UNREADABLE, struct.error) as error:
            raise unfit(f"{name} cannot be read ({error}).") from error

    def lines(self, file: File | Appendix) -> Iterator[bytes]:
        """The lines of a file, without their ends.

        Raises:
            Invalid: a line is too long, or the last one has no end.
        """
        name, rest, number = f"{file.name}.jsonl", b"", 0
        if name not in self._entries:
            return
        for chunk in self._chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                number += 1
                _check_length(name, number, line)
                yield line
            _check_length(name, number + 1, rest)
        if rest:
            raise unfit(f"{name}: its last line does not end.")

    def picture(self, name: str, *, most: int) -> bytes:
        """The bytes of a picture.

        Raises:
            Invalid: there is no such entry, or it has more than ``most`` bytes.
        """
        if name not in self._entries:
            raise unfit(f"{name} is not in it.")
        if self._size(name) > most:
            raise unfit(f"{name} has more than {most} bytes.")
        return b"".join(self._chunks(name))

    def _read_manifest(self) -> dict[str, Any]:
        if MANIFEST not in self._entries or self._size(MANIFEST) > LARGEST_MANIFEST:
            raise unfit(f"it has no {MANIFEST}, so it is not an archive of a forum.")
        try:
            manifest = json.loads(b"".join(self._chunks(MANIFEST)).decode())
        except (ValueError, RecursionError) as error:
            raise unfit(f"{MANIFEST} is not JSON.") from error
        _check_version(manifest)
        _check_manifest(manifest)
        missing = sorted({MANIFEST, *manifest["files"]} - set(self._entries))
        if missing:
            raise unfit(f"{missing[0]} is not in it.")
        if unnamed := sorted(_NAMES & set(self._entries) - {MANIFEST, *manifest["files"]}):
            raise unfit(f"its manifest does not name {unnamed[0]}.")
        if manifest["pictures"] != len(self.pictures):
            raise unfit("it has more or fewer pictures than its manifest says.")
        return dict(manifest)


def _check_length(name: str, number: int, line: bytes) -> None:
    if len(line) > LONGEST_LINE:
        raise unfit(f"{name}, line {number}: it has more than {LONGEST_LINE} bytes.")


def _check_ends(handle: IO[bytes]) -> None:
    """Look at both ends before a library makes a list of however many entries there are."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(0)
    if size < _END_SIZE or handle.read(4) != _LOCAL:
        raise unfit("it is not a ZIP file.")
    handle.seek(size - _END_SIZE)
    end = handle.read(_END_SIZE)
    if end[:4] != _END or end[-2:] != b"\0\0":
        raise unfit("its end is missing, or something was added to it.")
    directory = max(int.from_bytes(end[12:16], "little"), _directory_64(handle, size))
    if directory > LARGEST_DIRECTORY:
        raise unfit(f"it has more than {MOST_PICTURES} entries.")


def _directory_64(handle: IO[bytes], size: int) -> int:
    """What the larger kind of end says of the list's size, 0 when there is none. Readers believe it
    rather than the smaller one."""
    start = size - _END_SIZE - _LOCATOR_SIZE - _END_64_SIZE
    handle.seek(max(0, start))
    end = handle.read(_END_64_SIZE + _LOCATOR_SIZE)
    locator = end[_END_64_SIZE:]
    if start < 0 or locator[:4] != _LOCATOR_64:
        return 0
    if end[:4] != _END_64 or int.from_bytes(locator[8:16], "little") != start:
        raise unfit("its end is damaged.")
    return int.from_bytes(end[40:48], "little")


def _refuse_exports_of_parts(archive: ZipFile) -> None:
    """Say what it is, rather than which of its entries no archive has."""
    try:
        entry = archive.getinfo(MANIFEST)
        is_plain = entry.compress_type == ZIP_STORED and entry.file_size <= LARGEST_MANIFEST
        found = json.loads(archive.read(entry)) if is_plain else {}
        is_part = found["format"] in PARTS
    except (*_UNREADABLE, struct.error, KeyError, TypeError, RecursionError):
        return
    if is_part:
        raise unfit(
            "it is a part of a forum, to read and to keep: posts between those that are in it are "
            "missing, and so are the members' addresses and rights.",
            advice="Take an archive that `forum export FILE` wrote without --category, --since, "
            "--until and --html.",
        )


def _checked_entries(archive: ZipFile) -> dict[str, ZipInfo]:
    found: dict[str, ZipInfo] = {}
    for entry in archive.infolist():
        _check_entry(entry)
        if entry.filename in found:
            raise unfit(f"{entry.filename} is in it twice.")
        found[entry.filename] = entry
    ends = [(e.header_offset, _end_of(e)) for e in found.values()]
    ends.append((archive.start_dir, archive.start_dir))
    if any(end > start for (_, end), (start, _) in pairwise(sorted(ends))):
        raise unfit("two of its entries share the same bytes.")
    return found


def _check_entry(entry: ZipInfo) -> None:
    name = entry.orig_filename
    if name != entry.filename or (name not in _NAMES and not PICTURE_ENTRY.fullmatch(name)):
        # Escaped, because it may hold anything, and is printed on a terminal.
        raise unfit(f"it has an entry {ascii(name)[:90]}, which no archive has.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise unfit(f"{name} is a link or a folder instead of a file.")
    if entry.flag_bits & _ENCRYPTED:
        raise unfit(f"{name} is encrypted.")
    if entry.flag_bits & ~_UTF_8 or entry.compress_type != ZIP_STORED:
        raise unfit(
            f"{name} is compressed.",
            advice="Archives hold their files as they are. Pack them again without compression.",
        )
    if entry.file_size != entry.compress_size:
        raise unfit(f"{name} does not have the size that it claims.")


def _end_of(entry: ZipInfo) -> int:
    return entry.header_offset + _LOCAL_SIZE + len(entry.orig_filename) + entry.compress_size


def _check_version(manifest: Any) -> None:
    # Before anything else is looked at: a newer version may have what this one does not know.
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise unfit(f"{MANIFEST} does not say {FORMAT}, so it is something else.")
    version = manifest.get("version")
    if type(version) is not int or version < 1:
        raise unfit(f"{MANIFEST} does not say which version of the format it has.")
    if version > VERSION:
        raise unfit(
            f"it has version {version} of the format; this forum reads up to {VERSION}.",
            advice="Upgrade Folkmoot here, then import again.",
        )


def _check_manifest(manifest: dict[str, Any]) -> None:
    files = manifest.get("files")
    is_whole = (
        set(manifest) == {"files", "format", "pictures", "software", "version"}
        and isinstance(files, dict)
        and set(files) | _LATER == _NAMES - {MANIFEST}
        and all(_is_facts(facts) for facts in files.values())
        and _is_count(manifest["pictures"])
        and isinstance(manifest["software"], str)
        and manifest["software"].isprintable()
    )
    if not is_whole:
        raise unfit(f"{MANIFEST} does not list the files that an archive of this version has.")


def _is_facts(facts: Any) -> bool:
    return (
        isinstance(facts, dict)
        and set(facts) == {"bytes", "lines", "sha256"}
        and _is_count(facts["bytes"])
        and _is_count(facts["lines"])
        and isinstance(facts["sha256"], str)
        # What is kept in memory is reckoned by the number of lines.
        and facts["lines"] <= facts["bytes"]
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63
