"""Behind a proxy that is named, limits count visitors as if they came without one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.limits import SIGN_IN_BY_ACCOUNT
from forum.accounts.models import Attempt
from forum.app import create_app
from forum.db import rows
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from forum.web.proxies import Proxies

WRONG = "wrong but long enough"


@pytest.fixture(autouse=True)
def in_one_window() -> None:
    """Waits for the next window of the limits when this one is about to end."""
    left = SIGN_IN_BY_ACCOUNT.seconds - time.time() % SIGN_IN_BY_ACCOUNT.seconds
    if left < 20:
        time.sleep(left + 0.1)


@pytest.fixture
def proxied(instance: Path, database: str) -> Iterator[Flask]:
    """A forum behind a proxy on this machine."""
    app = create_app(instance, database=database, trusted_proxies=["127.0.0.1"])
    yield app
    close(app)


def trying(app: Flask) -> Callable[..., int]:
    """Signs in through the proxy, from an address of one's own: the status."""

    def attempt(who: str, password: str, came_by: str, peer: str = "127.0.0.1") -> int:
        client = app.test_client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = came_by
        client.environ_base["REMOTE_ADDR"] = peer
        return submit(client, "/sign-in", email=who, password=password).status_code

    return attempt


@pytest.fixture
def people(proxied: Flask) -> tuple[Person, Person]:
    """Two members."""
    factories = Factories(proxied)
    return factories.member("Ada"), factories.member("Bo")


def test_ten_wrong_passwords_through_the_proxy_lock_out_one_account_there_and_nobody_else(
    proxied: Flask, people: tuple[Person, Person], hasher: Any
) -> None:
    ada, bo = people
    attempt = trying(proxied)
    # The stranger writes another address into each request; the proxy adds the true one.
    wrong = [attempt(ada.email, WRONG, f"198.51.100.{n}, 203.0.113.7") for n in range(11)]
    assert (wrong, hasher.verified) == ([422] * 10 + [429], 10)
    assert attempt(ada.email, ada.password, "203.0.113.7") == 429
    assert attempt(ada.email, ada.password, "198.51.100.1") == 303
    assert attempt(bo.email, bo.password, "203.0.113.7") == 303


def test_who_goes_around_the_proxy_gains_no_tries(
    proxied: Flask, people: tuple[Person, Person], hasher: Any
) -> None:
    ada, _bo = people
    attempt = trying(proxied)
    found = [attempt(ada.email, WRONG, f"198.51.100.{n}", "192.0.2.9") for n in range(12)]
    assert (found, hasher.verified) == ([422] * 10 + [429] * 2, 10)


def test_household_behind_the_proxy_is_one_network(
    proxied: Flask, people: tuple[Person, Person]
) -> None:
    ada, _bo = people
    attempt = trying(proxied)
    found = [attempt(ada.email, WRONG, f"2001:db8:0:1::{n:x}") for n in range(1, 12)]
    assert found == [422] * 10 + [429]
    assert attempt(ada.email, ada.password, "2001:db8:0:2::1") == 303


def test_test_would_notice_a_forum_that_believes_everybody(
    instance: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Proxies, "_is_trusted", lambda *_: True)
    app = create_app(instance, database=database, trusted_proxies=["127.0.0.1"])
    ada, attempt = Factories(app).member("Ada"), trying(app)
    found = [attempt(ada.email, WRONG, f"198.51.100.{n}", "192.0.2.9") for n in range(11)]
    with app.app_context():
        kept = rows(select(Attempt.key).where(Attempt.key.like("sign-in-address:%")))
    close(app)
    assert (found, len(kept)) == ([422] * 11, 11)
