"""What the community decides in its settings holds at once, and only for what it may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.models import MemberSession
from forum.accounts.settings import PASSWORD_LENGTH
from forum.cli import main
from forum.community import models
from forum.community.models import Change, ChangeValue
from forum.community.setting_queries import value_of
from forum.community.settings import (
    AREAS,
    DaysOrEver,
    Line,
    Number,
    Pairs,
    Phrases,
    Setting,
    YesNo,
    define,
    defined_settings,
)
from forum.db import db, rows, transaction
from forum.discussion.settings import Languages
from forum.errors import Invalid
from forum.testing.application import count_statements
from forum.testing.factories import Factories
from forum.testing.forms import fields_of, send, submit
from tests.evidence import form_of, links_of, words_of

ADDRESS = "/admin/settings"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def admin(factories: Factories) -> FlaskClient:
    """The administrator's browser."""
    return factories.signed_in(factories.community())


def kept(app: Flask) -> dict[str, Any]:
    """What is kept, less what is at its default."""
    with app.app_context():
        found = db.session.execute(select(models.Setting.name, models.Setting.value))
        return {row.name: row.value for row in found}


def test_page_shows_every_setting_with_what_it_is(admin: FlaskClient) -> None:
    page = admin.get(ADDRESS)
    fields = fields_of(form_of(page))
    assert set(fields) == {s.name for s in defined_settings()} | {"shown", "csrf_token"}
    assert (fields["password_length"], fields["feeds"], fields["contact"]) == ("10", "y", "")
    assert words_of(page, "h2") == [str(words) for words in AREAS.values()]


def test_several_are_changed_together_and_noted(app: Flask, factories: Factories) -> None:
    olga = factories.community()
    admin = factories.signed_in(olga)

    answer = submit(admin, ADDRESS, password_length="14", feeds="", contact=" Room  7 ")

    assert (answer.status_code, answer.location) == (303, ADDRESS)
    assert kept(app) == {"password_length": 14, "feeds": False, "contact": "Room 7"}
    values = select(
        Change.actor_id, Change.kind, ChangeValue.field, ChangeValue.before, ChangeValue.after
    )
    with app.app_context():
        noted = rows(values.join(Change, Change.id == ChangeValue.change_id))
    assert sorted(tuple(one) for one in noted) == [
        (olga.id, "settings.change", "contact", "", "Room 7"),
        (olga.id, "settings.change", "feeds", "yes", "no"),
        (olga.id, "settings.change", "password_length", "10", "14"),
    ]


def test_what_is_set_to_its_default_is_not_kept(app: Flask, admin: FlaskClient) -> None:
    submit(admin, ADDRESS, password_length="14", feeds="")
    submit(admin, ADDRESS, feeds="y")
    assert kept(app) == {"password_length": 14}


def test_setting_gets_its_default_again(app: Flask, admin: FlaskClient) -> None:
    submit(admin, ADDRESS, password_length="14")
    page = admin.get(ADDRESS)
    assert links_of(page, "main form a") == [f"{ADDRESS}/password_length/reset"]
    answer = submit(admin, f"{ADDRESS}/password_length/reset")
    assert (answer.status_code, kept(app)) == (303, {})


IMPOSSIBLE = [
    ("password_length", "9"),
    ("password_length", "65"),
    ("password_length", "1_2"),
    ("password_length", "\u0661\u0662"),
    ("password_length", "9" * 5_000),
    ("password_length", "-12"),
    ("password_length", ""),
    ("session_days", "366"),
    ("member_pages", "nobody"),
    ("contact", "x" * 201),
    ("contact", "Room\0 7"),
    ("contact", "Room \u202e7"),
    ("glossary", "ABC"),
    ("glossary", "A B = Always Be"),
    ("glossary", "ABC =\r\nX = Y"),
    ("glossary", "ABC = Always\nABC = Already"),
    ("glossary", "ABC = Always\u202e"),
    ("glossary", "A" * 21 + " = Always"),
    ("glossary", "ABC = " + "x" * 81),
    ("glossary", "\n".join(f"A{n} = b" for n in range(101))),
]


@ONE_DATABASE
def test_what_cannot_be_taken_is_refused_at_its_field_and_nothing_changes(
    app: Flask, admin: FlaskClient
) -> None:
    for name, value in IMPOSSIBLE:
        answer = submit(admin, ADDRESS, **{name: value, "pinned_threads": "7"})
        assert answer.status_code == 422, (name, value)
        assert len(words_of(answer, f"#{name}-error")) == 1
        assert fields_of(form_of(answer))["pinned_threads"] == "7"
    assert kept(app) == {}


def test_all_that_is_wrong_is_told_at_once(admin: FlaskClient) -> None:
    answer = submit(admin, ADDRESS, password_length="9", session_days="x")
    assert words_of(answer, "#error-summary li") == [
        "Characters that a password needs: Enter a number from 10 to 64.",
        "Days after which members sign in anew: Enter a number from 1 to 365.",
    ]


def test_of_two_administrators_the_second_is_told_and_keeps_their_input(
    app: Flask, factories: Factories
) -> None:
    first = factories.signed_in(factories.community())
    second = factories.signed_in(factories.member(role="admin"))
    opened = form_of(second.get(ADDRESS))
    submit(first, ADDRESS, password_length="14", session_days="30", feeds="")

    answer = send(second, ADDRESS, opened, password_length="20", pinned_threads="3")

    assert answer.status_code == 422
    assert words_of(answer, "#password_length-error") == [
        "To mend: Somebody changed this meanwhile, to: 14. What you entered stands here; save "
        "again if it should hold instead."
    ]
    assert kept(app) == {"password_length": 14, "session_days": 30, "feeds": False}
    again = fields_of(form_of(answer))
    assert (again["password_length"], again["pinned_threads"]) == ("20", "3")
    # What they did not touch shows what holds by now, so that saving again undoes nothing.
    assert (again["session_days"], again["feeds"]) == ("30", "")
    assert send(second, ADDRESS, form_of(answer)).status_code == 303
    assert kept(app) == {
        "password_length": 20,
        "session_days": 30,
        "feeds": False,
        "pinned_threads": 3,
    }


def test_two_who_change_different_settings_do_not_disturb_each_other(
    app: Flask, factories: Factories
) -> None:
    first = factories.signed_in(factories.community())
    second = factories.signed_in(factories.member(role="admin"))
    opened = form_of(second.get(ADDRESS))
    submit(first, ADDRESS, password_length="14")
    assert send(second, ADDRESS, opened, session_days="30").status_code == 303
    assert kept(app) == {"password_length": 14, "session_days": 30}


@ONE_DATABASE
def test_forged_memory_of_what_was_shown_does_no_harm(app: Flask, admin: FlaskClient) -> None:
    for number, shown in enumerate(["", "[]", "{", '{"feeds": 1}', "null"], start=20):
        fields = fields_of(form_of(admin.get(ADDRESS)))
        fields |= {"shown": shown, "password_length": str(number)}
        assert admin.post(ADDRESS, data=fields).status_code == 303, shown
        assert kept(app) == {"password_length": number}


@ONE_DATABASE
def test_unknown_setting_is_not_there(admin: FlaskClient) -> None:
    assert admin.get(f"{ADDRESS}/colour/reset").status_code == 404


def test_what_is_kept_but_cannot_be_is_at_its_default(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), transaction():
        for name, value in {"password_length": "x", "feeds": None, "of_a_later_version": 1}.items():
            db.session.add(models.Setting(name=name, value=value))
    fields = fields_of(form_of(admin.get(ADDRESS)))
    assert (fields["password_length"], fields["feeds"]) == ("10", "y")


def test_settings_come_with_the_statement_of_the_visit(
    app: Flask, admin: FlaskClient, client: FlaskClient
) -> None:
    client.get("/about")
    with count_statements(app) as before:
        client.get("/about")
    submit(admin, ADDRESS, contact="Room 7", password_length="14")
    with count_statements(app) as after:
        page = client.get("/about")
    assert words_of(page, "section p")[2] == "Room 7"
    assert (len(before), len(after)) == (1, 1)


def test_whatever_has_no_visit_reads_them_once(app: Flask, admin: FlaskClient) -> None:
    submit(admin, ADDRESS, password_length="14")
    with count_statements(app) as statements, app.app_context():
        assert [value_of(PASSWORD_LENGTH), value_of(PASSWORD_LENGTH)] == [14, 14]
    assert len(statements) == 1


# What each of them changes


def test_password_must_be_as_long_as_the_community_decided(
    admin: FlaskClient, client: FlaskClient
) -> None:
    submit(admin, ADDRESS, password_length="14")
    filled = {"name": "Ada", "email": "ada@example.org"}
    refused = submit(client, "/register", **filled, password="thirteen-char")
    assert words_of(refused, "#password-hint")[0].startswith("At least 14 characters.")
    assert words_of(refused, "#password-error") == [
        "To mend: Choose a password of at least 14 characters."
    ]
    assert submit(client, "/register", **filled, password="fourteen-chars").status_code == 303


def test_sessions_end_after_as_many_days_as_the_community_decided(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    submit(admin, ADDRESS, session_days="3")
    ada = factories.member("Ada")
    factories.signed_in(ada)
    with app.app_context():
        row = db.session.scalars(
            select(MemberSession).where(MemberSession.member_id == ada.id)
        ).one()
    assert row.expires_at - row.created_at == pytest.approx(
        timedelta(days=3), abs=timedelta(seconds=5)
    )


def test_members_can_be_shown_to_members_only(
    factories: Factories, admin: FlaskClient, client: FlaskClient
) -> None:
    ada = factories.member("Ada")
    factories.thread(ada)
    pages = [f"/members/{ada.id}", "/members/@ada", f"/members/{ada.id}/feed.atom", "/members/999"]
    assert [client.get(page).status_code for page in pages] == [200, 303, 200, 404]
    submit(admin, ADDRESS, member_pages="members")
    assert [client.get(page).status_code for page in pages] == [403, 403, 403, 403]
    assert [admin.get(page).status_code for page in pages] == [200, 303, 200, 404]


def test_feeds_can_be_closed_and_are_not_offered_then(
    factories: Factories, admin: FlaskClient, client: FlaskClient
) -> None:
    factories.thread()
    feeds = ["/feed.atom", "/c/glazes/feed.atom", "/t/1/feed.atom"]
    offered = "a[href$='feed.atom'], link[href$='feed.atom']"
    assert [client.get(feed).status_code for feed in feeds] == [200] * 3
    assert len(links_of(client.get("/"), offered)) == 2
    submit(admin, ADDRESS, feeds="")
    assert [client.get(feed).status_code for feed in feeds] == [404] * 3
    assert links_of(client.get("/"), offered) + links_of(client.get("/t/1"), offered) == []


def test_as_many_threads_are_pinned_as_the_community_decided(
    factories: Factories, admin: FlaskClient
) -> None:
    submit(admin, ADDRESS, pinned_threads="1")
    category = factories.category()
    for _ in range(2):
        factories.thread(category=category)
    assert submit(admin, "/t/1/pin").status_code == 303
    assert submit(admin, "/t/2/pin").status_code == 409


# The command


def command(app: Flask, *words: str) -> str:
    environment = {
        "FORUM_INSTANCE": app.instance_path,
        "FORUM_DATABASE": app.config["SQLALCHEMY_DATABASE_URI"],
    }
    run = CliRunner().invoke(main, ["settings", *words], env=environment)
    return f"{run.exit_code} {run.output}"


def test_command_shows_changes_and_resets(app: Flask, admin: FlaskClient) -> None:
    assert command(app, "set", "password_length", "14") == "0 Saved. It is effective at once.\n"
    assert "password_length\t14\t*\n" in command(app, "list")
    listed = command(app, "list", "--json").removeprefix("0 ").splitlines()
    assert {"name": "password_length", "value": 14, "default": 10} in map(json.loads, listed)
    assert command(app, "show", "session_days").splitlines()[:2] == [
        "0 Days after which members sign in anew: 60 days",
        "By default: 60 days",
    ]
    assert fields_of(form_of(admin.get(ADDRESS)))["password_length"] == "14"
    assert command(app, "reset", "password_length") == "0 It is at its default again.\n"
    assert kept(app) == {}


@ONE_DATABASE
def test_command_says_what_it_cannot_take(app: Flask) -> None:
    refused = [
        command(app, "set", "feeds", "maybe"),
        command(app, "set", "colour", "red"),
        command(app, "show", "colour"),
    ]
    assert refused == [
        "1 Error: Enter yes or no.\n",
        "1 Error: There is no such setting.\n",
        "1 Error: There is no such setting.\n",
    ]
    assert kept(app) == {}


# How settings are defined


@pytest.mark.parametrize(
    "make",
    [
        lambda: Setting("feeds", "reading", YesNo(), True, "Feeds once more"),
        lambda: Setting("new_one", "nowhere", YesNo(), True, "Without an area"),
        lambda: Setting("new_one", "reading", Number(1, 5), 6, "Beyond its range"),
    ],
)
def test_definition_that_cannot_be_is_refused(make: Callable[[], Setting[Any]]) -> None:
    with pytest.raises((ValueError, Invalid)):
        define(make())
    assert "new_one" not in {setting.name for setting in defined_settings()}


def test_time_without_end_is_nothing_or_never() -> None:
    kind = DaysOrEver(1, 400)
    assert [kind.from_text(text) for text in ("", " never ", "30")] == [None, None, 30]
    assert [kind.to_text(value) for value in (None, 30)] == ["", "30"]


@ONE_DATABASE
def test_every_setting_is_explained(app: Flask) -> None:
    with app.test_request_context():
        for setting in defined_settings():
            assert str(setting.label), setting.name
            assert len(str(setting.help)) > 20, setting.name
            assert json.dumps(setting.default) is not None
            assert setting.kind.words(setting.default), setting.name
            assert isinstance(
                setting.kind, DaysOrEver | Line | Languages | Pairs | Phrases
            ) or setting.kind.to_text(setting.default)


def test_acronyms_of_the_glossary_are_explained_with_one_button(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    ada = factories.signed_in(factories.member("Ada"))
    thread = factories.thread(factories.member("Carl"))
    submit(admin, ADDRESS, glossary="ABC =  Always Be Calm\r\n\r\nNDA = Never Do Alone\r\n")
    assert kept(app) == {"glossary": {"ABC": "Always Be Calm", "NDA": "Never Do Alone"}}
    assert fields_of(form_of(admin.get(ADDRESS)))["glossary"].split("\n") == [
        "ABC = Always Be Calm",
        "NDA = Never Do Alone",
    ]
    submit(admin, ADDRESS, contact="Room 7")
    assert kept(app)["glossary"] == {"ABC": "Always Be Calm", "NDA": "Never Do Alone"}

    preview = submit(ada, f"/t/{thread.id}/reply", source="The ABC knows.", button="Preview")
    assert "Not everybody knows this acronym" in preview.text
    assert "Write what it stands for" in preview.text
