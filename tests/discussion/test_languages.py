"""The language of a post: chosen by whoever writes it, and named wherever its words stand."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Community, Member
from forum.admin.import_actions import import_threads
from forum.community.setting_actions import change_settings
from forum.db import db, transaction
from forum.discussion.models import Draft, Revision
from forum.discussion.settings import POST_LANGUAGES, Languages
from forum.errors import Invalid
from forum.hookspecs import hookimpl
from forum.permissions import OPERATOR
from forum.review import Draft as ReviewedDraft
from forum.review import Finding
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit


@pytest.fixture
def ada(app: Flask, factories: Factories) -> Person:
    """A member of an English community whose members write in German and French, too."""
    factories.community()
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {POST_LANGUAGES.name: "de, fr"})
    return factories.member("Ada")


def languages(app: Flask) -> list[str]:
    """What all versions of all posts say they are in, oldest first."""
    order = (Revision.post_id, Revision.version)
    with app.app_context():
        return list(db.session.scalars(select(Revision.language).order_by(*order)))


def lang_of(page: str, selector: str) -> list[str | None]:
    """The languages that these elements name."""
    return [
        str(found["lang"]) if found.get("lang") else None
        for found in BeautifulSoup(page, "html.parser").select(selector)
    ]


def chosen(page: str) -> str | None:
    """What the composer has chosen."""
    option = BeautifulSoup(page, "html.parser").select_one("#language option[selected]")
    return str(option["value"]) if option else None


def test_post_names_its_language_wherever_it_stands(
    app: Flask, factories: Factories, ada: Person
) -> None:
    thread = factories.thread(ada, title="Glaze")
    client = factories.signed_in(ada)
    reply = f"/t/{thread.id}/reply"
    submit(client, reply, button="Publish", source="Langsam abkühlen.", language="de")
    submit(client, f"/t/{thread.id}/2/edit", button="Publish", source="Sehr langsam abkühlen.")
    assert languages(app) == ["", "de", "de"]
    page = client.get(f"/t/{thread.id}").text
    assert lang_of(page, ".words") == ["en", "de"]
    assert lang_of(client.get("/latest").text, ".excerpt") == ["de", "en"]
    assert lang_of(client.get(f"/t/{thread.id}/2/history").text, ".changes, .source") == [
        *("de", "de", "de"),
    ]
    feed = client.get(f"/t/{thread.id}/feed.atom").text
    assert feed.count('<content type="html" xml:lang="de">') == 1
    assert feed.count('<content type="html">') == 1
    quoting = client.get(f"{reply}?to=2&quote=2").text
    assert (lang_of(quoting, ".replied-to blockquote"), chosen(quoting)) == (["de"], "de")


def test_reader_of_another_language_hears_posts_in_theirs(
    app: Flask, factories: Factories, ada: Person
) -> None:
    thread = factories.thread(ada)
    with app.app_context(), transaction():
        db.session.execute(update(Member).values(language="de"))
    page = factories.signed_in(ada).get(f"/t/{thread.id}").text
    assert ('<html lang="de"' in page, lang_of(page, ".words")) == (True, ["en"])
    with app.app_context(), transaction():
        db.session.execute(update(Community).values(language="fr"))
    assert lang_of(factories.signed_in(ada).get(f"/t/{thread.id}").text, ".words") == ["fr"]


def test_nothing_is_asked_where_a_community_writes_in_one_language(
    app: Flask, factories: Factories
) -> None:
    client = factories.signed_in(factories.member("Bo"))
    assert 'name="language"' not in client.get("/new").text


def test_composer_begins_with_what_the_writer_reads_in(
    app: Flask, factories: Factories, ada: Person
) -> None:
    factories.category()
    client = factories.signed_in(ada)
    begun = [chosen(client.get("/new").text)]
    for reads_in in ("de", "he"):
        with app.app_context(), transaction():
            db.session.execute(update(Member).values(language=reads_in))
        begun.append(chosen(client.get("/new").text))
    assert begun == ["en", "de", "en"]


def test_draft_keeps_the_language(app: Flask, factories: Factories, ada: Person) -> None:
    factories.category()
    client = factories.signed_in(ada)
    submit(client, "/new", button="Preview", source="Bonjour.", language="fr")
    assert chosen(client.get("/new").text) == "fr"
    preview = submit(client, "/new", button="Preview", source="Bonjour !").text
    assert lang_of(preview, ".words") == ["fr"]
    with app.app_context():
        assert db.session.scalar(select(Draft.language)) == "fr"


def test_other_language_of_the_same_words_is_a_new_version(
    app: Flask, factories: Factories, ada: Person
) -> None:
    thread = factories.thread(ada, source="Pain")
    edit = f"/t/{thread.id}/1/edit"
    client = factories.signed_in(ada)
    submit(client, edit, button="Publish", source="Pain")
    submit(client, edit, button="Publish", source="Pain", language="fr")
    assert languages(app) == ["", "fr"]


@pytest.mark.parametrize("forged", ["it", "<b>", "x" * 5000, "de\x00"])
def test_language_that_was_not_offered_is_refused_and_the_text_given_back(
    forged: str, app: Flask, factories: Factories, ada: Person
) -> None:
    thread = factories.thread(ada)
    client = factories.signed_in(ada)
    words = {"source": "Langsam.", "language": forged}
    answer = submit(client, f"/t/{thread.id}/reply", button="Publish", **words)
    assert (answer.status_code, languages(app)) == (422, [""])
    assert "Choose a language from the list." in answer.text
    assert "Langsam.</textarea>" in answer.text


def test_language_that_is_not_offered_any_more_stays(
    app: Flask, factories: Factories, ada: Person
) -> None:
    thread = factories.thread(ada)
    client = factories.signed_in(ada)
    submit(client, f"/t/{thread.id}/reply", button="Publish", source="Lentement.", language="fr")
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {POST_LANGUAGES.name: ""})
    submit(client, f"/t/{thread.id}/2/edit", button="Publish", source="Très lentement.")
    assert languages(app) == ["", "fr", "fr"]


def test_reviewers_are_told_the_language_of_the_post(
    app: Flask, factories: Factories, ada: Person
) -> None:
    heard: list[str] = []

    class Listens:
        @hookimpl
        def review_draft(self, draft: ReviewedDraft) -> list[Finding]:
            heard.append(draft.language)
            return []

    app.extensions["forum_plugins"].register(Listens(), name="listens")
    thread = factories.thread(ada)
    heard.clear()
    client = factories.signed_in(ada)
    submit(client, f"/t/{thread.id}/reply", button="Preview", source="Langsam.", language="de")
    submit(client, f"/t/{thread.id}/reply", button="Preview", source="Slowly.", language="en")
    assert heard == ["de", "en"]


def test_imported_posts_keep_their_language(app: Flask, factories: Factories) -> None:
    factories.community()
    when = {"created": "2020-03-04T10:11:12Z", "url": "https://pottery.example.org/q/1"}
    answer = {"id": "2", "body_html": "<p>Lentement.</p>", "language": "fr", **when}
    thread: dict[str, Any] = {
        **{"site": "pottery", "id": "1", "title": "Glaze", "body_html": "<p>Slowly?</p>", **when},
        "replies": [answer, {**answer, "id": "3", "language": "no language"}],
    }
    with app.test_request_context():
        report = import_threads(OPERATOR, io.BytesIO(json.dumps(thread).encode()))
    assert (report.refused, languages(app)) == ([], ["", "fr", ""])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", []), ("de", ["de"]), ("pt-BR, de  de", ["pt-BR", "de"])],
)
def test_languages_are_read_as_they_are_typed(app: Flask, typed: str, kept: list[str]) -> None:
    kind = Languages()
    with app.test_request_context():
        assert kind.from_text(typed) == kept
        assert kind.from_text(kind.to_text(kept)) == kept


@pytest.mark.parametrize(
    "typed", ["german", "de;fr", "xx", "<b>", " ".join(f"a{n}" for n in range(21))]
)
def test_what_is_no_language_is_refused(app: Flask, typed: str) -> None:
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        Languages().from_text(typed)
    assert "no language" in refused.value.message or "at most 20" in refused.value.message


def test_lists_with_many_languages_cost_the_same(
    app: Flask, factories: Factories, ada: Person
) -> None:
    thread = factories.thread(ada)
    client = factories.signed_in(ada)
    costs = []
    for language in ("de", "fr", "en", "de"):
        reply = f"/t/{thread.id}/reply"
        submit(client, reply, button="Publish", source=f"In {language}.", language=language)
        costs.append([_statements(app, client, path) for path in ("/latest", f"/t/{thread.id}")])
    assert costs[0] == costs[-1]


def _statements(app: Flask, client: FlaskClient, path: str) -> int:
    client.get(path)
    app.extensions["forum_articles"].__init__()
    with count_statements(app) as count:
        client.get(path)
    return len(count)
