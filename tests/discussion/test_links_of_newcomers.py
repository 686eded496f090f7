"""Newcomers' posts with many links wait for a moderator, and lose nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from forum.accounts.trust_rules import Thresholds
from forum.admin.level_actions import add_level
from forum.community.setting_actions import change_settings
from forum.db import transaction
from forum.discussion.settings import NEWCOMER_LINKS, NEWCOMER_POSTS
from forum.permissions import OPERATOR
from forum.testing.application import count_statements
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.text.links import links_away
from tests.evidence import links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SOURCES = "\n".join(f"- <https://clay{n}.example/>" for n in range(3))
REASON = "The post has 3 links. Until somebody has published 2 posts here"
REPLY = "/t/1/reply?to=1"


@pytest.fixture
def forum(app: Flask, factories: Factories) -> None:
    """A forum with one thread, where newcomers' posts may have two links."""
    factories.community()
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {NEWCOMER_LINKS.name: "2", NEWCOMER_POSTS.name: "2"})
    factories.thread(factories.member("Ada"))


@pytest.mark.usefixtures("forum")
def test_newcomer_is_told_and_waits_until_they_have_posted(factories: Factories) -> None:
    bo = factories.member("Bo")
    author, guest = factories.signed_in(bo), factories.app.test_client()

    preview = submit(author, REPLY, button="Preview", source=SOURCES)
    assert REASON in words_of(preview, ".preview .notice")[0]
    submit(author, REPLY, button="Publish", source=SOURCES)
    assert "clay0.example" not in guest.get("/t/1").text
    [held] = links_of(author.get("/t/1"), 'a[href^="/held/"]')
    assert REASON in author.get(held).text
    assert "clay2.example" in author.get(held).text

    for words in ("One.", "Two."):
        submit(author, REPLY, button="Publish", source=words)
    preview = submit(author, REPLY, button="Preview", source=SOURCES)
    assert words_of(preview, ".preview .notice") == []
    submit(author, REPLY, button="Publish", source=SOURCES)
    assert "clay0.example" in guest.get("/t/1").text


@ONE_DATABASE
@pytest.mark.usefixtures("forum")
def test_edit_may_keep_its_links_but_not_add_more(app: Flask, factories: Factories) -> None:
    bo = factories.member("Bo")
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {NEWCOMER_LINKS.name: "3"})
    factories.reply(factories.thread(), bo, source=SOURCES)
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {NEWCOMER_LINKS.name: "2"})
    author = factories.signed_in(bo)

    same = submit(author, "/t/2/2/edit", button="Publish", source=f"Mine:\n\n{SOURCES}")
    assert same.status_code == 303
    more = f"Mine:\n\n{SOURCES}\n- <https://one.example/>"
    refused = submit(author, "/t/2/2/edit", button="Publish", source=more)
    assert (refused.status_code, text_given_back(refused)) == (403, more)
    assert "The post has 4 links" in refused.text


@ONE_DATABASE
@pytest.mark.usefixtures("forum")
def test_moderators_and_few_links_pass_without_a_further_statement(
    app: Flask, factories: Factories
) -> None:
    moderator = factories.signed_in(factories.member(role="moderator"))
    author = factories.signed_in(factories.member())
    assert submit(moderator, REPLY, button="Publish", source=SOURCES).location == "/t/1/2"

    def statements(source: str) -> int:
        with count_statements(app) as sent:
            assert submit(author, REPLY, button="Preview", source=source).status_code == 200
        return len(sent)

    statements("Anything, so that there is a draft.")
    assert statements("<https://a.example> <https://b.example>") == statements("None.")


@pytest.mark.parametrize(
    ("source", "away"),
    [
        (
            "https://a.example <https://b.example> [c](https://c.example) [d][]\n\n[d]: https://d.example",
            4,
        ),
        ("[a](/t/1) [b](#x) [c](https://forum.example/t/2) https://forum.example", 0),
        ("[a](https://forum.example.evil.example/)", 1),
        ("`https://a.example` ![b](/uploads/b.png)", 0),
        ("<ada@example.org> text[^1]\n\n[^1]: https://a.example", 2),
        ("> 1. **[a](http://[::1/)**", 1),
    ],
)
def test_links_that_lead_away_are_counted(source: str, away: int) -> None:
    assert links_away(source, "https://forum.example") == away


@pytest.mark.usefixtures("forum")
def test_whoever_has_a_level_of_trust_is_no_newcomer(app: Flask, factories: Factories) -> None:
    author = factories.signed_in(factories.member("Bo"))
    preview = submit(author, REPLY, button="Preview", source=SOURCES)
    assert REASON in words_of(preview, ".preview .notice")[0]
    with app.test_request_context(), transaction():
        add_level(OPERATOR, "Everybody", Thresholds())
    preview = submit(author, REPLY, button="Preview", source=SOURCES)
    assert words_of(preview, ".preview .notice") == []
