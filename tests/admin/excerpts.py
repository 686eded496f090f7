"""Exports of parts, made and taken apart: what their tests share."""

from __future__ import annotations

import io
import json
import posixpath
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update

from forum.accounts.models import Community
from forum.admin.excerpt_actions import Excerpted, export_excerpt
from forum.admin.excerpt_extent import Wish
from forum.admin.excerpt_pages import export_pages
from forum.db import db, transaction
from forum.discussion.models import Post
from forum.permissions import OPERATOR

Files = dict[str, bytes]


def excerpt(app: Flask, path: Path, **wish: Any) -> Files:
    """Export a part as the operator: its files."""
    with app.test_request_context():
        export_excerpt(OPERATOR, path, Wish(**wish))
    return files_in(path)


def pages(app: Flask, path: Path, **wish: Any) -> Excerpted:
    """Export pages as the operator."""
    with app.test_request_context():
        return export_pages(OPERATOR, path, Wish(**wish))


def files_in(path: Path) -> Files:
    """Every file by its name, of a ZIP file or a folder."""
    if path.is_dir():
        return {
            each.relative_to(path).as_posix(): each.read_bytes()
            for each in sorted(path.rglob("*"))
            if each.is_file()
        }
    with ZipFile(io.BytesIO(path.read_bytes())) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def lines(files: Files, name: str) -> list[dict[str, Any]]:
    """The lines of a file of JSON Lines."""
    return [json.loads(line) for line in files[f"{name}.jsonl"].splitlines()]


def soup(files: Files, name: str) -> BeautifulSoup:
    """A page as a parser sees it."""
    return BeautifulSoup(files[name], "html.parser")


def loose_ends(files: Files) -> list[str]:
    """Every link, picture and style sheet of every page that leads to no file, or no place in it."""
    places = {name: _ids(files, name) for name in files if name.endswith(".html")}
    return [
        f"{name}: {address}"
        for name in places
        for address in _addresses(soup(files, name))
        if not _leads_somewhere(name, address, files, places)
    ]


def _ids(files: Files, name: str) -> set[str]:
    return {str(part["id"]) for part in soup(files, name).select("[id]")}


def _addresses(page: BeautifulSoup) -> Iterator[str]:
    for part in page.select("[href], [src]"):
        yield str(part.get("href") or part.get("src"))


def _leads_somewhere(name: str, address: str, files: Files, places: dict[str, set[str]]) -> bool:
    found = urlsplit(address)
    if found.scheme or found.netloc:
        return True
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(found.path)))
    target = name if not found.path else path
    return target in files and (not found.fragment or found.fragment in places[target])


def written_on(app: Flask, *posts: Post, at: datetime) -> None:
    """Have these posts been written at this moment."""
    with app.app_context(), transaction():
        ids = [post.id for post in posts]
        db.session.execute(update(Post).where(Post.id.in_(ids)).values(created_at=at))


def in_zone(app: Flask, zone: str, language: str = "en") -> None:
    """Let the community live by this clock and speak this language."""
    with app.app_context(), transaction():
        db.session.execute(update(Community).values(zone=zone, language=language))


def noon(day: int) -> datetime:
    """Noon of a day in May 2026."""
    return datetime(2026, 5, day, 12, tzinfo=UTC)
