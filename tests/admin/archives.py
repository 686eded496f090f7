"""Forums to export, and archives to break: what the tests of archives share."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from flask import Flask

from forum.admin.archive_container import ArchiveWriter
from forum.admin.archive_export_actions import Exported, export_archive
from forum.admin.archive_format import FILES
from forum.admin.archive_import_actions import Imported, import_archive
from forum.permissions import OPERATOR

Lines = dict[str, list[dict[str, Any]]]


def exported(app: Flask, path: Path) -> bytes:
    """The archive of this forum, written anew."""
    export(app, path)
    return path.read_bytes()


def export(app: Flask, path: Path) -> Exported:
    """Export as the operator."""
    with app.test_request_context():
        return export_archive(OPERATOR, path, force=True)


def bring_in(app: Flask, archive: bytes) -> Imported:
    """Import as the operator."""
    with app.test_request_context():
        return import_archive(OPERATOR, io.BytesIO(archive))


def lines_in(archive: bytes) -> Lines:
    """All lines of all files."""
    with ZipFile(io.BytesIO(archive)) as opened:
        return {
            file.name: [json.loads(line) for line in opened.read(f"{file.name}.jsonl").splitlines()]
            for file in FILES
        }


def pictures_in(archive: bytes) -> dict[str, bytes]:
    """All pictures by their names."""
    with ZipFile(io.BytesIO(archive)) as opened:
        names = [name for name in opened.namelist() if name.startswith("files/")]
        return {name: opened.read(name) for name in names}


def written(lines: Lines, pictures: dict[str, bytes] | None = None) -> bytes:
    """An archive of these lines whose hashes and counts are right."""
    target = io.BytesIO()
    writer = ArchiveWriter(target)
    for file in FILES:
        writer.add_lines(file, lines[file.name])
    for name, content in (pictures or {}).items():
        writer.add_picture(name, content)
    writer.close()
    return target.getvalue()


def changed(archive: bytes, change: Callable[[Lines], object]) -> bytes:
    """The archive with other lines, and hashes that fit."""
    lines = lines_in(archive)
    change(lines)
    return written(lines, pictures_in(archive))


def with_bytes(archive: bytes, name: str, content: bytes, *, lines: int | None = None) -> bytes:
    """The archive with other bytes in one file, and a manifest that fits them."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(archive)) as source, ZipFile(target, "w") as new:
        manifest = json.loads(source.read("manifest.json"))
        manifest["files"][name] = {
            "bytes": len(content),
            "lines": content.count(b"\n") if lines is None else lines,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for entry in source.infolist():
            if entry.filename == name:
                new.writestr(name, content)
            elif entry.filename == "manifest.json":
                new.writestr(entry, json.dumps(manifest))
            else:
                new.writestr(entry, source.read(entry))
    return target.getvalue()
