"""Backups to break: written with other contents whose seal is right, as a forger would."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from forum.backups.container import MANIFEST

Contents = dict[str, bytes]


def contents_of(backup: bytes) -> Contents:
    """Everything in it by its name."""
    with ZipFile(io.BytesIO(backup)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def sealed(contents: Contents, *, compression: int = ZIP_DEFLATED) -> bytes:
    """A backup of these contents."""
    target = io.BytesIO()
    with ZipFile(target, "w", compression) as new:
        for name, content in contents.items():
            new.writestr(name, content)
        new.comment = b"sha256 " + b"0" * 64
    return resealed(target.getvalue())


def resealed(backup: bytes) -> bytes:
    """The same bytes with the hash that they have."""
    body = backup[:-64]
    return body + hashlib.sha256(body).hexdigest().encode()


def with_manifest(backup: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The backup with another manifest."""
    contents = contents_of(backup)
    manifest = json.loads(contents[MANIFEST])
    change(manifest)
    return sealed({**contents, MANIFEST: json.dumps(manifest).encode()})


def with_rows(backup: bytes, table: str, rows: list[bytes]) -> bytes:
    """The backup with other lines in one table, and a manifest that fits them."""
    name, content = f"tables/{table}.jsonl", b"".join(rows)

    def change(manifest: dict[str, Any]) -> None:
        (described,) = [t for t in manifest["tables"] if t["name"] == table]
        described.update(
            rows=len(rows), bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
        )

    return with_manifest(sealed({**contents_of(backup), name: content}), change)


def rows_in(backup: bytes, table: str) -> list[bytes]:
    """The lines of a table."""
    return contents_of(backup)[f"tables/{table}.jsonl"].splitlines(keepends=True)
