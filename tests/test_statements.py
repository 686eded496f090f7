"""A page asks the database as often for many things as for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.discussion.articles import Articles
from forum.discussion.queries import ROWS_A_PAGE
from forum.discussion.rules import POSTS_A_PAGE
from forum.testing.application import count_statements
from forum.testing.factories import Factories

LISTS = ("/", "/c/glazes", "/latest", "/notifications")


class Potters:
    """A community in which one member asks and another answers."""

    def __init__(self, factories: Factories, worker: Callable[[], int]) -> None:
        factories.community()
        self.asker, self._answerer = factories.member("Ada"), factories.member("Bo")
        self._factories, self._worker = factories, worker
        self._category = factories.category("Glazes")
        self._thread = factories.thread(self.asker, self._category)

    def answer(self, times: int) -> None:
        """Answer in the first thread, and let the asker be told."""
        for number in range(times):
            self._factories.reply(
                self._thread, self._answerer, in_reply_to=1 if number % 2 else None
            )
        self._worker()

    def start_threads(self, times: int) -> None:
        """More threads and categories; nobody is told of anything."""
        for number in range(times):
            self._factories.thread(self._answerer, self._category)
            self._factories.category(f"Category {number}")


@pytest.fixture
def potters(factories: Factories, worker: Callable[[], int]) -> Potters:
    """One thread with one answer, of which its author has been told."""
    potters = Potters(factories, worker)
    potters.answer(1)
    return potters


@pytest.fixture
def readers(factories: Factories, potters: Potters, client: FlaskClient) -> list[FlaskClient]:
    """A guest and the author of the thread."""
    return [client, factories.signed_in(potters.asker)]


def statements_of(path: str, app: Flask, reader: FlaskClient) -> int:
    """How many statements a page takes when nothing of it is kept in memory."""
    app.extensions["forum_articles"] = Articles()
    with count_statements(app) as statements:
        assert reader.get(path).status_code in (200, 303)
    return len(statements)


def test_lists_of_many_take_as_many_statements_as_lists_of_one(
    app: Flask, potters: Potters, readers: list[FlaskClient]
) -> None:
    with_one = [[statements_of(path, app, reader) for path in LISTS] for reader in readers]
    potters.answer(ROWS_A_PAGE)
    potters.start_threads(ROWS_A_PAGE)
    with_many = [[statements_of(path, app, reader) for path in LISTS] for reader in readers]
    assert with_many == with_one
    assert ["?after=" in readers[1].get(path).text for path in LISTS] == [True] * len(LISTS)


def test_each_page_of_a_long_thread_takes_as_many_statements_as_a_short_one(
    app: Flask, potters: Potters, readers: list[FlaskClient]
) -> None:
    # The author has been told of what stands on each page, so opening it also notes that.
    guest, author = (statements_of("/t/1", app, reader) for reader in readers)
    potters.answer(POSTS_A_PAGE)
    counts = [
        [statements_of(f"/t/1?page={page}", app, reader) for page in (2, 1)] for reader in readers
    ]
    assert counts == [[guest, guest], [author, author]]
