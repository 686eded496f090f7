"""The file of a backup: a ZIP file that any program opens, whose comment is the SHA-256 of all before it.

Its end is there only when it is whole, and one hash covers every byte, so that nothing cut off and
no flipped bit passes. Reading unpacks nothing to a path that the file names, and never more than it
declares.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from forum import __version__
from forum.backups.shapes import Shape, shape_from_json
from forum.errors import Invalid

FORMAT = "folkmoot-backup"
VERSION = 1
MANIFEST = "manifest.json"
SETTINGS = "forum.toml"
TABLE = "tables/{}.jsonl"
PICTURE = "files/{}.{}"
CHUNK = 1024 * 1024
# Measured on 38 MiB of rows: 4 makes 5.4 MiB of them in 0.23 s, 6 4.5 in 0.52, 9 4.4 in 1.04.
COMPRESSION = 6
# A post has at most 32 KiB; what plugins keep in one row may be larger.
LONGEST_LINE = 16 * 1024 * 1024
LARGEST_MANIFEST = 16 * 1024 * 1024
LARGEST_SETTINGS = 1024 * 1024
LARGEST_PICTURE = 64 * 1024 * 1024
# What deflate can make of one byte (https://zlib.net/zlib_tech.html), and a little for small entries.
MOST_EXPANSION = 1032

_PICTURE_ENTRY = re.compile(r"files/([0-9a-f]{64})\.(png|jpeg|webp|gif)")
_TABLE_ENTRY = re.compile(r"tables/([A-Za-z_][A-Za-z0-9_]{0,62})\.jsonl")
_SEAL = b"sha256 "
_COMMENT_SIZE = len(_SEAL) + 64
_END, _END_SIZE = b"PK\x05\x06", 22
_UNREADABLE = (
    BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    struct.error,
    zlib.error,
)


def unfit(what: str, *, advice: str = "") -> Invalid:
    """The refusal of a backup; ``what`` says what is wrong with it."""
    advice = advice or "Nothing was changed. Take another backup: `forum backup list` shows them."
    return Invalid("file", f"This backup cannot be used: {what} {advice}")


@dataclass(frozen=True, slots=True)
class Part:
    """What the manifest says of a table's rows."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    Attributes:
        made_at: when it was begun, ISO 8601 in UTC.
        software: what wrote it.
        community: the number of the community's own, empty before it was set up.
        name: the community's name.
        schema: the revision of the core's tables.
        shapes: every table, also those whose rows are left out.
        parts: the tables that have rows in it.
        counters: the last number that a table gave to a row.
        pictures: how many there are; ``missing`` were named by the database but not on the disk.
    """

    made_at: str
    software: str
    community: str
    name: str
    schema: str
    shapes: tuple[Shape, ...]
    parts: dict[str, Part]
    counters: dict[str, int]
    pictures: int
    missing: int
    left_out: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """It as primitives."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "made_at": self.made_at,
            "software": self.software,
            "community": self.community,
            "name": self.name,
            "schema": self.schema,
            "tables": [
                {
                    **shape.to_json(),
                    "rows": self.parts[shape.name].rows,
                    "bytes": self.parts[shape.name].bytes,
                    "sha256": self.parts[shape.name].sha256,
                }
                for shape in self.shapes
            ],
            "counters": self.counters,
            "pictures": self.pictures,
            "missing": self.missing,
            "left_out": self.left_out,
        }


def software() -> str:
    """The name and version of this program, as manifests have it."""
    return f"Folkmoot {__version__}"


class BackupWriter:
    """Writes a backup into a file that is open for writing; the manifest comes last."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self._zip = ZipFile(handle, "w", ZIP_DEFLATED, compresslevel=COMPRESSION)
        self.parts: dict[str, Part] = {}
        self.pictures = 0

    def add_rows(self, name: str, lines: Iterable[bytes]) -> None:
        """Write the rows of a table."""
        digest, count, size = hashlib.sha256(), 0, 0
        # How long it gets is not known yet; entries over 2 GiB need the larger header.
        with self._zip.open(TABLE.format(name), "w", force_zip64=True) as target:
            for line in lines:
                if len(line) > LONGEST_LINE:
                    raise Invalid("file", f"A row of the table {name} is too long for a backup.")
                target.write(line)
                digest.update(line)
                count, size = count + 1, size + len(line)
        self.parts[name] = Part(count, size, digest.hexdigest())

    def add_picture(self, hash_: str, format_: str, content: bytes) -> None:
        """Write a picture, as it is: pictures are compressed already."""
        self._zip.writestr(_entry(PICTURE.format(hash_, format_)), content, ZIP_STORED)
        self.pictures += 1

    def add_settings(self, content: bytes) -> None:
        """Write the settings of the installation."""
        self._zip.writestr(_entry(SETTINGS), content, ZIP_DEFLATED)

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, the end, and the seal over everything."""
        content = json.dumps(manifest.to_json(), ensure_ascii=False, indent=1, sort_keys=True)
        self._zip.writestr(_entry(MANIFEST), content.encode() + b"\n", ZIP_DEFLATED)
        self._zip.comment = _SEAL + b"0" * 64
        self._zip.close()
        seal = _sealed(self._handle, lambda: None)
        self._handle.seek(-64, os.SEEK_END)
        self._handle.write(seal.encode("ascii"))

    def discard(self) -> None:
        """Let go of a file that will not be finished."""
        with suppress(OSError, ValueError):
            self._zip.close()


def _entry(name: str) -> ZipInfo:
    # No time and no machine in it; the earliest time that a ZIP can say.
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    return entry


def _sealed(handle: IO[bytes], progress: Callable[[], object]) -> str:
    """The SHA-256 of everything but the seal's own 64 characters."""
    left = handle.seek(0, os.SEEK_END) - 64
    handle.seek(0)
    digest = hashlib.sha256()
    while left > 0:
        chunk = handle.read(min(CHUNK, left))
        if not chunk:
            break
        digest.update(chunk)
        left -= len(chunk)
        progress()
    return digest.hexdigest()


class BackupReader:
    """A backup whose bytes are those that were written.

    Args:
        progress: called now and then, because reading a large one takes a while.

    Raises:
        Invalid: it is not a whole backup of a version that this program reads.
    """

    def __init__(self, handle: IO[bytes], *, progress: Callable[[], object] = lambda: None) -> None:
        try:
            _check_seal(handle, progress)
            self._zip = ZipFile(handle)
        except _UNREADABLE as error:
            raise unfit(
                f"its list of what is in it is damaged ({type(error).__name__})."
            ) from error
        self._entries = _checked_entries(self._zip)
        self.manifest = _manifest_of(self._content(MANIFEST, LARGEST_MANIFEST))
        self._check_parts()

    @property
    def unpacked(self) -> int:
        """How many bytes it has when unpacked; reading never gives more."""
        return sum(entry.file_size for entry in self._entries.values())

    @property
    def pictures(self) -> list[tuple[str, str]]:
        """Hash and format of each picture in it."""
        found = (_PICTURE_ENTRY.fullmatch(name) for name in sorted(self._entries))
        return [(match[1], match[2]) for match in found if match]

    def picture(self, hash_: str, format_: str) -> bytes:
        """The bytes of a picture.

        Raises:
            Invalid: they are not those that its name tells of.
        """
        content = self._content(PICTURE.format(hash_, format_), LARGEST_PICTURE)
        if hashlib.sha256(content).hexdigest() != hash_:
            raise unfit(f"the picture {hash_[:12]}… is damaged.")
        return content

    def settings(self) -> bytes | None:
        """``forum.toml``; ``None`` when the forum had none."""
        return self._content(SETTINGS, LARGEST_SETTINGS) if SETTINGS in self._entries else None

    def lines(self, name: str) -> Iterator[bytes]:
        """The rows of a table.

        Raises:
            Invalid: when the last was read, if they are not those of which the manifest tells.
        """
        part, digest, count, size = self.manifest.parts[name], hashlib.sha256(), 0, 0
        for line in self._lines(TABLE.format(name)):
            digest.update(line)
            count, size = count + 1, size + len(line)
            yield line
        if Part(count, size, digest.hexdigest()) != part:
            raise unfit(f"the rows of the table {name} are not those that its manifest tells of.")

    def check(self, *, progress: Callable[[], object] = lambda: None) -> None:
        """Read everything once.

        Raises:
            Invalid: something in it is not what it should be.
        """
        for name in self.manifest.parts:
            for _line in self.lines(name):
                progress()
        for hash_, format_ in self.pictures:
            self.picture(hash_, format_)
            progress()
        self.settings()

    def _lines(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._entries[name]) as packed:
                # Alone, the ZIP file's own reader looks for each line's end byte by byte.
                entry = io.BufferedReader(packed, CHUNK)  # type: ignore[type-var]
                while line := entry.readline(LONGEST_LINE + 1):
                    if len(line) > LONGEST_LINE or not line.endswith(b"\n"):
                        raise unfit(f"{name} has a line that is too long, or that does not end.")
                    yield line
        except _UNREADABLE as error:
            raise unfit(f"{name} cannot be read ({type(error).__name__}).") from error

    def _content(self, name: str, most: int) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise unfit(f"{name} is not in it.")
        if entry.file_size > most:
            raise unfit(f"{name} has more than {most} bytes.")
        try:
            return self._zip.read(entry)
        except _UNREADABLE as error:
            raise unfit(f"{name} cannot be read ({type(error).__name__}).") from error

    def _check_parts(self) -> None:
        wanted = {TABLE.format(name) for name in self.manifest.parts}
        present = {name for name in self._entries if _TABLE_ENTRY.fullmatch(name)}
        if wanted != present or self.manifest.pictures != len(self.pictures):
            raise unfit("it has not the tables and pictures that its manifest tells of.")


def _check_seal(handle: IO[bytes], progress: Callable[[], object]) -> None:
    """Look at the end, and at every byte before it."""
    size = handle.seek(0, os.SEEK_END)
    length = _END_SIZE + _COMMENT_SIZE
    handle.seek(max(0, size - length))
    end = handle.read(length)
    comment = end[_END_SIZE:]
    if (
        len(end) < length
        or end[:4] != _END
        or int.from_bytes(end[20:22], "little") != _COMMENT_SIZE
        or not comment.startswith(_SEAL)
    ):
        raise unfit("it is not a backup, or not all of it is there: its end is missing.")
    if _sealed(handle, progress).encode() != comment[len(_SEAL) :]:
        raise unfit("it was damaged or changed: it does not have the hash that stands at its end.")


def _checked_entries(backup: ZipFile) -> dict[str, ZipInfo]:
    found: dict[str, ZipInfo] = {}
    for entry in backup.infolist():
        name = entry.orig_filename
        if name != entry.filename or not _is_known(name) or name in found:
            # Escaped, because it may hold anything, and is printed on a terminal.
            raise unfit(f"it has an entry {ascii(name)[:90]} that no backup has.")
        if entry.compress_type not in (ZIP_DEFLATED, ZIP_STORED) or entry.flag_bits & 0x1:
            raise unfit(f"{name} is packed in a way that backups are not.")
        if entry.file_size > entry.compress_size * MOST_EXPANSION + 64:
            raise unfit(f"{name} claims to be larger than it can be.")
        found[name] = entry
    return found


def _is_known(name: str) -> bool:
    return (
        name in (MANIFEST, SETTINGS)
        or _PICTURE_ENTRY.fullmatch(name) is not None
        or _TABLE_ENTRY.fullmatch(name) is not None
    )


def _manifest_of(content: bytes) -> Manifest:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise unfit(f"{MANIFEST} is not JSON.") from error
    # Before anything else is looked at: a newer version may have what this one does not know.
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise unfit(f"{MANIFEST} does not say {FORMAT}, so it is something else.")
    if type(found.get("version")) is not int or found["version"] < 1:
        raise unfit(f"{MANIFEST} does not say which version of the format it has.")
    if found["version"] > VERSION:
        raise unfit(
            f"{_words(found.get('software')) or 'a newer program'} wrote it, in version "
            f"{found['version']} of the format; {software()} reads up to {VERSION}.",
            advice="Nothing was changed. Install that version of Folkmoot, and restore it with that.",
        )
    try:
        return _read(found)
    except (KeyError, TypeError, ValueError) as error:
        raise unfit(f"{MANIFEST} does not say what a backup of this version says.") from error


def _read(found: dict[str, Any]) -> Manifest:
    shapes = tuple(shape_from_json(table) for table in found["tables"])
    parts = {
        table["name"]: Part(_count(table["rows"]), _count(table["bytes"]), str(table["sha256"]))
        for table in found["tables"]
    }
    if len(parts) != len(shapes):
        raise ValueError("a table stands there twice")
    return Manifest(
        made_at=_words(found["made_at"]),
        software=_words(found["software"]),
        community=_words(found["community"]),
        name=_words(found["name"]),
        schema=_words(found["schema"]),
        shapes=shapes,
        parts=parts,
        counters={_words(name): _count(last) for name, last in found["counters"].items()},
        pictures=_count(found["pictures"]),
        missing=_count(found["missing"]),
        left_out={_words(name): _words(why) for name, why in found["left_out"].items()},
    )


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("not a number of things")
    return value


def _words(value: object) -> str:
    # It is printed on a terminal, so nothing in it may steer one.
    return "".join(c for c in value if c.isprintable())[:200] if isinstance(value, str) else ""
