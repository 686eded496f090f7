"""What an export is written into: a folder or a ZIP file, with the SHA-256 of every file in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from flask_babel import gettext

from forum.admin.archive_format import MANIFEST, canonical
from forum.backups.shelf import replacing, sync_folder
from forum.errors import Invalid

VERSION = 1
SUMS = "SHA256SUMS"
_COMPRESSED = (".html", ".css")


class Place(Protocol):
    """Where files can be written by name."""

    def open(self, name: str) -> Any:
        """A file to write bytes into, once."""


class _ZipPlace:
    def __init__(self, handle: IO[bytes], made_at: datetime) -> None:
        self._zip = ZipFile(handle, "w")
        self._date = (made_at.year, *made_at.timetuple()[1:6])

    def open(self, name: str) -> IO[bytes]:
        entry = ZipInfo(name, date_time=self._date)
        entry.create_system = 3
        entry.external_attr = (stat.S_IFREG | 0o600) << 16
        entry.compress_type = ZIP_DEFLATED if name.endswith(_COMPRESSED) else ZIP_STORED
        # How long it gets is not known yet; entries over 2 GiB need the larger header.
        return self._zip.open(entry, "w", force_zip64=True)

    def close(self) -> None:
        self._zip.close()

    def discard(self) -> None:
        """Let go of a file that will not be finished."""
        with suppress(OSError, ValueError):
            self._zip.close()


class _FolderPlace:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> IO[bytes]:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class Packet:
    """Writes the files of an export, and at the end what they were."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sums: list[str] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.seal = ""

    def add(self, name: str, content: bytes) -> None:
        """Write a file."""
        with self._place.open(name) as file:
            file.write(content)
        self._note(name, hashlib.sha256(content).hexdigest())

    def add_lines(self, name: str, lines: Iterator[dict[str, Any]]) -> int:
        """Write a file of JSON Lines, as they come: how many there were."""
        digest, count, size = hashlib.sha256(), 0, 0
        with self._place.open(name) as file:
            for line in lines:
                written = canonical(line) + b"\n"
                file.write(written)
                digest.update(written)
                count, size = count + 1, size + len(written)
        self._note(name, digest.hexdigest())
        self.files[name] = {"bytes": size, "lines": count, "sha256": digest.hexdigest()}
        return count

    def close(self, manifest: dict[str, Any]) -> None:
        """Write the manifest and the list of all hashes; ``seal`` is that list's own hash."""
        self.add(MANIFEST, canonical(manifest) + b"\n")
        sums = "".join(self._sums).encode()
        self.seal = hashlib.sha256(sums).hexdigest()
        with self._place.open(SUMS) as file:
            file.write(sums)

    def _note(self, name: str, digest: str) -> None:
        # As `sha256sum` writes it, so that it can be checked without us.
        self._sums.append(f"{digest}  {name}\n")


@contextmanager
def packed_into(path: Path, made_at: datetime, *, force: bool = False) -> Iterator[Packet]:
    """A packet that becomes the ZIP file ``path`` when the block ends well; else nothing is left.

    Raises:
        Invalid: it cannot be written there, or something is there already.
    """
    if path.is_dir():
        raise Invalid("file", gettext("%(path)s is a folder. Give another name.", path=path))
    if path.exists() and not force:
        message = gettext("%(path)s is there already. Give another name, or --force.", path=path)
        raise Invalid("file", message)
    with replacing(path) as handle:
        place = _ZipPlace(handle, made_at)
        try:
            yield Packet(place)
        except BaseException:
            place.discard()
            raise
        place.close()


@contextmanager
def laid_into(path: Path) -> Iterator[Packet]:
    """A packet that becomes the folder ``path`` when the block ends well; else nothing is left.

    Raises:
        Invalid: it cannot be made there, or is there already and not empty.
    """
    _require_free(path)
    temporary: Path | None = None
    try:
        # Made with mode 700 (tempfile.mkdtemp).
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield Packet(_FolderPlace(temporary))
        # All of it at once: one fsync a file takes minutes where there are thousands.
        os.sync()
        temporary.rename(path)
        temporary = None
        sync_folder(path.parent)
    except OSError as error:
        raise Invalid(
            "file",
            gettext(
                "%(path)s cannot be written: %(reason)s.",
                path=path,
                reason=error.strerror or error,
            ),
        ) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _require_free(path: Path) -> None:
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_dir() or path.is_symlink() or any(path.iterdir()):
        raise Invalid(
            "file",
            gettext(
                "%(path)s is there already and not an empty folder. Give another name.", path=path
            ),
        )
