"""What tests of accounts look at: the letters that went out, the hashes that were computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from flask import Flask

from forum.accounts import passwords

Letters = Callable[[], list[EmailMessage]]


@pytest.fixture
def letters(app: Flask, worker: Callable[[], int]) -> Letters:
    """Call it to have the worker send what is due: all letters so far, oldest first."""
    folder = app.extensions["forum_settings"].mail_folder

    def read() -> list[EmailMessage]:
        worker()
        paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [letter for letter in found if isinstance(letter, EmailMessage)]

    return read


@pytest.fixture
def link_in() -> Callable[[EmailMessage], str]:
    """The path of the first link in a letter that has a one-time token."""

    def find(letter: EmailMessage) -> str:
        found = re.search(r"https?://[^/\s]+(/\w+/\S+)", letter.get_content())
        assert found is not None, letter.get_content()
        return found[1]

    return find


class CountingHasher:
    """The real hasher, which notes how often it was asked."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.verified = 0
        self.hashed = 0

    def verify(self, kept: str, password: str) -> bool:
        """As the real one."""
        self.verified += 1
        return bool(self._real.verify(kept, password))

    def hash(self, password: str) -> str:
        """As the real one."""
        self.hashed += 1
        return str(self._real.hash(password))


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Counts the hashes that are computed, which is what costs."""
    counting = CountingHasher(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", counting)
    return counting
