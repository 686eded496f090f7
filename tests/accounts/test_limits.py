"""Nobody tries passwords for long: limits stand in the database and before every hash."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.actions import Browser, ask_for_reset, sign_in
from forum.accounts.limits import (
    MAIL_BY_ACCOUNT,
    MAIL_BY_ADDRESS,
    SETUP_BY_ADDRESS,
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ACCOUNT_AND_ADDRESS,
    SIGN_IN_BY_ADDRESS,
    Limit,
    count_attempt,
    forget_old_attempts,
    network_of,
)
from forum.accounts.models import Attempt
from forum.accounts.tokens import keyed_hash, known_with
from forum.app import create_app
from forum.db import db, rows, transaction
from forum.errors import Invalid, TooMany
from forum.testing.application import close
from forum.testing.factories import PASSWORD, Factories
from forum.testing.forms import submit

LIMITS = [
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_ACCOUNT_AND_ADDRESS,
    SIGN_IN_BY_ADDRESS,
    MAIL_BY_ACCOUNT,
    MAIL_BY_ADDRESS,
    SETUP_BY_ADDRESS,
]
WRONG = "wrong but long enough"
# A quarter of an hour may end in the middle of a test, and its counts with it.
LONGEST_TEST_SECONDS = 20


@pytest.fixture(autouse=True)
def in_one_window() -> None:
    """Waits for the next window when this one is about to end."""
    left = SIGN_IN_BY_ACCOUNT.seconds - time.time() % SIGN_IN_BY_ACCOUNT.seconds
    if left < LONGEST_TEST_SECONDS:
        time.sleep(left + 0.1)


def use_up(app: Flask, limit: Limit, *subjects: str, times: int | None = None) -> None:
    """Count as many tries as the limit allows."""
    with app.test_request_context(), transaction():
        for number in range(limit.times if times is None else times):
            count_attempt(limit, subjects[number % len(subjects)])


def outcome(
    app: Flask, email: str, password: str = WRONG, address: str = "192.0.2.1", known: str = ""
) -> str:
    """What becomes of one try to sign in."""
    with app.test_request_context():
        try:
            sign_in(email, password, browser=Browser(address, known=known))
        except (Invalid, TooMany) as error:
            return type(error).__name__
    return "signed in"


def test_eleventh_try_for_an_account_is_refused_before_any_hash(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member = factories.member()
    spellings = [member.email, member.email.upper(), f" {member.email} "]
    tries = [
        submit(app.test_client(), "/sign-in", email=spellings[n % 3], password=WRONG)
        for n in range(10)
    ]
    assert ([answer.status_code for answer in tries], hasher.verified) == ([422] * 10, 10)

    refused = submit(app.test_client(), "/sign-in", email=member.email, password=member.password)
    assert (refused.status_code, hasher.verified) == (429, 10)
    assert 0 < int(refused.headers["Retry-After"]) <= SIGN_IN_BY_ACCOUNT.seconds
    assert "That was too often in a short time." in refused.text
    assert member.email in refused.text
    assert member.password not in refused.text


def test_limit_of_an_account_is_the_same_when_there_is_no_account(app: Flask) -> None:
    found = [outcome(app, "nobody@example.org") for _ in range(11)]
    assert found == ["Invalid"] * 10 + ["TooMany"]


def test_owner_comes_in_from_elsewhere_while_a_stranger_tries(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member = factories.member()
    found = [outcome(app, member.email, address="192.0.2.1") for _ in range(11)]
    assert found == ["Invalid"] * 10 + ["TooMany"]
    assert outcome(app, member.email, member.password, "192.0.2.1") == "TooMany"
    assert outcome(app, member.email, member.password, "192.0.2.2") == "signed in"


def test_fifty_first_try_for_an_account_from_many_networks_is_refused_before_any_hash(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member, other = factories.member(), factories.member()
    use_up(app, SIGN_IN_BY_ACCOUNT, member.email, times=49)
    assert outcome(app, member.email, address="192.0.2.1") == "Invalid"
    assert outcome(app, member.email, member.password, "192.0.2.2") == "TooMany"
    assert hasher.verified == 1
    assert outcome(app, other.email, other.password, "192.0.2.2") == "signed in"


def test_strangers_with_many_networks_keep_nobody_out_of_their_own_browser(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member, other = factories.member(), factories.member()
    use_up(app, SIGN_IN_BY_ACCOUNT, member.email)
    use_up(app, SIGN_IN_BY_ADDRESS, "192.0.2.1")
    with app.test_request_context():
        theirs, others = known_with("", member.id), known_with("", other.id)
    forged = theirs[:-1] + ("0" if theirs[-1] != "0" else "1")
    for cookie in (others, forged, theirs.partition(".")[0], ""):
        assert outcome(app, member.email, member.password, known=cookie) == "TooMany"
    assert hasher.verified == 0
    assert outcome(app, member.email, member.password, known=theirs) == "signed in"
    with app.test_request_context():
        # Whoever copied the cookie does not get further tries by having somebody else sign in there.
        copies = [theirs, known_with(theirs, other.id)]
    found = [outcome(app, member.email, known=copies[n % 2]) for n in range(10)]
    assert found == ["Invalid"] * 9 + ["TooMany"]


def test_fifty_first_try_from_a_network_is_refused_before_any_hash(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member = factories.member()
    use_up(app, SIGN_IN_BY_ADDRESS, "192.0.2.1", times=49)
    assert outcome(app, "nobody@example.org") == "Invalid"
    assert outcome(app, member.email, member.password) == "TooMany"
    assert hasher.verified == 1
    assert outcome(app, member.email, member.password, "192.0.2.2") == "signed in"


def test_ipv6_network_of_one_household_is_counted_together(app: Flask) -> None:
    addresses = ["2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff:ffff:ffff:ffff"]
    use_up(app, SIGN_IN_BY_ADDRESS, *(network_of(address) for address in addresses))
    inside = outcome(app, "a@example.org", address="2001:db8:0:1:dead::beef")
    outside = outcome(app, "a@example.org", address="2001:db8:0:2::1")
    assert (inside, outside) == ("TooMany", "Invalid")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.2", "192.0.2.2"),
        ("fe80::1%eth0", "fe80::"),
        ("", "unknown"),
        (None, "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_which_network_an_address_is_counted_as(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_limit_holds_across_processes(instance: Path, database: str) -> None:
    apps = [create_app(instance, database=database) for _ in range(2)]
    try:
        found = [outcome(apps[n % 2], "ada@example.org") for n in range(12)]
    finally:
        for app in apps:
            close(app)
    assert found == ["Invalid"] * 10 + ["TooMany"] * 2


def test_forty_tries_at_once_let_ten_through_to_the_hash(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member = factories.member()
    start = threading.Barrier(40)

    def attempt(_: int) -> str:
        start.wait()
        return outcome(app, member.email)

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(attempt, range(40)))
    assert sorted(found) == ["Invalid"] * 10 + ["TooMany"] * 30
    assert hasher.verified == 10


def test_refused_tries_are_not_counted_on(app: Flask) -> None:
    for _ in range(13):
        outcome(app, "ada@example.org")
    with app.app_context():
        counts = sorted(row.count for row in rows(select(Attempt.count)))
    assert counts == [10, 10, 10]


def test_tries_of_an_earlier_window_are_forgiven(app: Flask, factories: Factories) -> None:
    member = factories.member()
    with app.app_context(), transaction():
        window = int(time.time()) // SIGN_IN_BY_ACCOUNT.seconds
        key = f"{SIGN_IN_BY_ACCOUNT.name}:{keyed_hash(member.email)}"
        db.session.add(Attempt(key=key, window=window - 1, count=50))
    assert outcome(app, member.email, member.password) == "signed in"
    with app.app_context(), transaction():
        db.session.get_one(Attempt, (key, window)).count = 50
    assert outcome(app, member.email, member.password) == "TooMany"


def test_only_tries_of_earlier_windows_are_forgotten(app: Flask) -> None:
    now = int(time.time())
    current = {(f"{limit.name}:somebody", now // limit.seconds) for limit in LIMITS}
    with app.app_context(), transaction():
        for key, window in current:
            db.session.add(Attempt(key=key, window=window, count=3))
            db.session.add(Attempt(key=key, window=window - 1, count=3))
        db.session.flush()
        forget_old_attempts()
    with app.app_context():
        left = {(row.key, row.window) for row in rows(select(Attempt.key, Attempt.window))}
    assert left == current


def test_counts_do_not_name_anybody(app: Flask) -> None:
    outcome(app, "ada@example.org", address="192.0.2.77")
    with app.app_context():
        kept = {row.key for row in rows(select(Attempt.key))}
        expected = {
            f"{SIGN_IN_BY_ACCOUNT.name}:{keyed_hash('ada@example.org')}",
            f"{SIGN_IN_BY_ACCOUNT_AND_ADDRESS.name}:{keyed_hash('ada@example.org')}:"
            f"{keyed_hash('192.0.2.77')}",
            f"{SIGN_IN_BY_ADDRESS.name}:{keyed_hash('192.0.2.77')}",
        }
    assert kept == expected


def test_sixth_letter_to_an_address_within_an_hour_is_refused(app: Flask) -> None:
    def ask(email: str) -> str:
        with app.test_request_context():
            try:
                ask_for_reset(email, address="192.0.2.1")
            except TooMany as error:
                return f"wait up to {-(-error.retry_after // 3600)} hour"
        return "asked"

    use_up(app, MAIL_BY_ACCOUNT, "ada@example.org", times=4)
    found = [ask("ada@example.org"), ask("ADA@example.org"), ask("eve@example.org")]
    assert found == ["asked", "wait up to 1 hour", "asked"]


def test_registering_too_often_computes_no_hash(app: Flask, hasher: Any) -> None:
    use_up(app, MAIL_BY_ADDRESS, "127.0.0.1")
    answer = submit(
        app.test_client(),
        "/register",
        name="Ada",
        email="ada@example.org",
        password=PASSWORD,
    )
    assert (answer.status_code, hasher.hashed) == (429, 0)
    assert int(answer.headers["Retry-After"]) > 0
