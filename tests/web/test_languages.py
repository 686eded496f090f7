"""Other languages: dates as they write them, and tags of two parts as BCP 47 has them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template_string
from flask_babel import force_locale
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Community, Member, Registration
from forum.db import db, transaction
from forum.testing.catalogues import PACKAGE
from forum.testing.factories import PASSWORD, Factories
from forum.testing.forms import submit
from forum.web.page import without_database
from forum.web.sizes import size
from forum.web.times import time_element


@pytest.fixture(autouse=True)
def brazilian(app: Flask, factories: Factories, tmp_path: Path) -> None:
    """A community that speaks Brazilian Portuguese."""
    catalog = Catalog(locale="pt_BR")
    catalog.add("Categories", "Categorias")
    folder = tmp_path / "words" / "pt_BR" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    app.extensions["babel"].translation_directories = [str(tmp_path / "words")]
    factories.community()
    with app.app_context(), transaction():
        db.session.execute(update(Community).values(language="pt-BR"))


def test_its_pages_say_so_and_write_dates_in_it(app: Flask, factories: Factories) -> None:
    thread = factories.thread(factories.member("Ada"), title="Glaze")
    written_at = thread.created_at
    page = app.test_client().get(f"/t/{thread.id}", follow_redirects=True)
    assert page.status_code == 200
    assert '<html lang="pt-BR" dir="ltr"' in page.text
    assert f">{format_date(written_at, 'long', 'pt_BR')}, " in page.text


def test_who_registers_keeps_it(app: Flask) -> None:
    typed = {"name": "Bo", "email": "bo@example.org", "password": PASSWORD}
    submit(app.test_client(), "/register", **typed)
    with app.app_context():
        assert db.session.scalar(select(Registration.language)) == "pt-BR"


def test_an_account_there_can_be_closed(app: Flask, factories: Factories) -> None:
    ada = factories.member("Ada")
    with app.test_request_context():
        close_account(factories.actor(ada), password=PASSWORD, empty_posts=False)
    with app.app_context():
        assert db.session.get_one(Member, ada.id).language == "pt-BR"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1 March 2024, 13:05"),
        ("de", "1. März 2024, 13:05"),
        ("pt-BR", "1 de março de 2024, 13:05"),
    ],
)
def test_moments_are_written_as_the_language_does(language: str, words: str) -> None:
    at = datetime(2024, 3, 1, 12, 5, tzinfo=UTC)
    shown = time_element(at, "Europe/Berlin", language)
    assert shown == f'<time datetime="2024-03-01T12:05Z">{words}</time>'


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("en", 912, "912 byte"),
        ("en", 1_240_550_000, "1.2 GB"),
        ("de", 1_249, "1,2 kB"),
        ("de", 1_240_550_000_000, "1.240,6 GB"),
    ],
)
def test_sizes_are_written_as_the_language_does(
    app: Flask, language: str, count: int, words: str
) -> None:
    with app.test_request_context(), force_locale(language):
        assert size(count).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "1,240 replies, 999 replies"), ("de", "1.240 Antworten, 999 Antworten")],
)
def test_counts_are_written_as_the_language_does(app: Flask, language: str, words: str) -> None:
    app.extensions["babel"].translation_directories = [str(PACKAGE / "translations")]
    replies = "{{ ngettext('%(num)s reply', '%(num)s replies', n) }}"
    with app.test_request_context():
        without_database()
        with force_locale(language):
            said = [render_template_string(replies, n=n) for n in (1240, 999)]
    assert ", ".join(said) == words
