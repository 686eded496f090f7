"""Where people come over HTTPS, browsers are held to it, and no neighbour can plant a cookie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from forum.app import create_app
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import submit

Make = Callable[..., Flask]
PUBLIC = "https://pots.example"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def make(instance: Path, database: str) -> Iterator[Make]:
    """Makes a forum with these settings."""
    made: list[Flask] = []

    def build(**options: Any) -> Flask:
        made.append(create_app(instance, database=database, **options))
        return made[-1]

    yield build
    for app in made:
        close(app)


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({}, None),
        ({"public_url": "http://pots.example"}, None),
        ({"public_url": PUBLIC}, "max-age=15552000"),
        ({"public_url": PUBLIC, "hsts_days": 0}, "max-age=0"),
    ],
)
def test_browsers_are_held_to_https_where_the_forum_has_it(
    make: Make, options: dict[str, Any], header: str | None
) -> None:
    client = make(**options).test_client()
    answers = [client.get(path) for path in ("/", "/none", "/about", "/healthz")]
    assert {a.headers.get("Strict-Transport-Security") for a in answers} == {header}


def test_every_cookie_over_https_is_of_this_host_alone(make: Make) -> None:
    app = make(public_url=PUBLIC)
    member = Factories(app).member()
    client: Any = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    answers = [
        submit(client, "/appearance", mode="dark"),
        submit(client, "/sign-in", email=member.email, password=member.password),
    ]
    cookies = [cookie for a in answers for cookie in a.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "__Host-forum",
        "__Host-mode",
        "__Host-language",
        "__Host-known",
    }
    for cookie in cookies:
        flags = set(cookie.split("; ")[1:])
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= flags, cookie
        assert "Domain" not in cookie
    assert client.get("/me").status_code == 200


def test_cookie_without_the_name_that_binds_it_to_the_host_is_not_looked_at(make: Make) -> None:
    app = make()
    member = Factories(app).member()
    plain: Any = app.test_client()
    submit(plain, "/sign-in", email=member.email, password=member.password)
    planted = plain.get_cookie("forum").value
    secured = make(public_url=PUBLIC)
    for name, status in (("forum", 303), ("__Host-forum", 200)):
        client = secured.test_client()
        client.set_cookie(name, planted)
        assert client.get("/me").status_code == status
