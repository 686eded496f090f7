"""What a moderator put above a post stands wherever its words, or how they begin, are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from forum.db import db, transaction
from forum.discussion.models import Post
from forum.testing.factories import Factories
from tests.admin.excerpts import files_in, pages, soup
from tests.evidence import words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LABEL = "Not <tried> by anybody yet."
SAYS = f"A moderator says: {LABEL}"


@pytest.fixture
def labelled(app: Flask, factories: Factories) -> Factories:
    """Bo's reply 2 in Ada's thread 1, which has a label."""
    factories.community()
    thread = factories.thread(factories.member("Ada"), title="Crackle")
    factories.reply(thread, factories.member("Bo"), source="Freeze it.")
    with app.app_context(), transaction():
        db.session.execute(update(Post).where(Post.number == 2).values(label=LABEL))
    return factories


@ONE_DATABASE
@pytest.mark.parametrize("where", ["/latest", "/members/3", "/t/1/reply?to=2", "/t/1/2/history"])
def test_label_stands_above_what_lists_and_forms_show(labelled: Factories, where: str) -> None:
    reader = labelled.signed_in(labelled.member("Cy"))
    # What is above the first of the two, and nothing else.
    assert [words for words in words_of(reader.get(where), "main p.small") if LABEL in words] == [
        SAYS
    ]


@ONE_DATABASE
def test_label_goes_into_feeds_notifications_and_letters(
    labelled: Factories, worker: Callable[[], int], instance: Path
) -> None:
    worker()
    feed = labelled.app.test_client().get("/feed.atom").text
    assert feed.count("A moderator says:") == 1
    assert '&lt;strong dir="auto"&gt;Not &amp;lt;tried&amp;gt; by anybody yet.' in feed
    [letter] = [path.read_text("utf-8") for path in (instance / "mail").glob("*-reply-*.eml")]
    assert f"{SAYS}\n\nFreeze it." in letter


@ONE_DATABASE
def test_label_stands_in_the_copy_as_pages(labelled: Factories, tmp_path: Path) -> None:
    pages(labelled.app, tmp_path / "out")
    thread = soup(files_in(tmp_path / "out"), "t/1.html")
    said = [" ".join(part.get_text().split()) for part in thread.select("#p2 .notice")]
    assert (said, thread.select("#p1 .notice")) == ([SAYS], [])
