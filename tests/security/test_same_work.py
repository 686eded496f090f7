"""Nobody learns from how long an answer takes whether somebody has an account: the same work is done."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest

from forum.accounts import actions, passwords
from forum.accounts.passwords import is_password
from forum.testing.application import count_statements
from forum.testing.figures import Note
from tests.security.town import Town

UNKNOWN = "nobody@example.org"
WAYS = {
    "/sign-in": {"password": "wrong and long enough"},
    "/reset": {},
    "/resume": {"password": "wrong and long enough", "source": "Words", "url": "/new"},
}


class Counting:
    """The real hasher, which counts what it does."""

    def __init__(self, real: Any) -> None:
        self._real, self.count = real, 0

    def verify(self, kept: str, password: str) -> bool:
        """As the real one."""
        self.count += 1
        return bool(self._real.verify(kept, password))

    def hash(self, password: str) -> str:
        """As the real one."""
        self.count += 1
        return str(self._real.hash(password))


@pytest.fixture(autouse=True)
def as_it_was(town: Town) -> Iterator[None]:
    """Each test finds the town as it was kept, and the hash of nobody's password made."""
    is_password("nobody's", None)
    town.token_of("guest")
    yield
    town.restore()


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """Counts the hashes."""
    counting = Counting(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", counting)
    return counting


def send(town: Town, path: str, email: str) -> int:
    """Try it as a guest: the status."""
    fields = {"csrf_token": town.token_of("guest"), "email": email, **WAYS[path]}
    return town.browser("guest").post(path, data=fields).status_code


def work_of(town: Town, hasher: Counting, path: str, email: str) -> tuple[int, int, list[str]]:
    """The status, the hashes, and the kinds of statements that an answer took."""
    before = hasher.count
    with count_statements(town.app) as statements:
        status = send(town, path, email)
    return status, hasher.count - before, [" ".join(s.split()[:3]) for s in statements]


def emails(town: Town) -> tuple[str, str, str]:
    """Of an account, of none, and of one that was closed."""
    return town.places["member_email"], UNKNOWN, town.people["closed"].email


@pytest.mark.parametrize("path", WAYS)
def test_account_none_and_a_closed_one_cost_the_same(
    town: Town, hasher: Counting, path: str
) -> None:
    known, unknown, closed = (work_of(town, hasher, path, email) for email in emails(town))
    assert known == unknown == closed
    assert known[1] == (0 if path == "/reset" else 1)


def test_short_cut_for_unknown_accounts_is_found(
    monkeypatch: pytest.MonkeyPatch, town: Town, hasher: Counting
) -> None:
    def hurried(password: str, kept: str | None) -> bool:
        return kept is not None and is_password(password, kept)

    monkeypatch.setattr(actions.passwords, "is_password", hurried)
    known, unknown, _ = (work_of(town, hasher, "/sign-in", email) for email in emails(town))
    assert (known[1], unknown[1]) == (1, 0)


@pytest.mark.full
@pytest.mark.parametrize("path", ["/sign-in", "/reset"])
def test_answers_take_as_long_either_way(town: Town, path: str, figure: Note) -> None:
    """Coarse, because machines are noisy: the medians of forty tries differ by less than a quarter."""
    taken: dict[str, list[float]] = {email: [] for email in emails(town)[:2]}
    for _ in range(40):
        for email, times in taken.items():
            town.restore()
            begun = time.perf_counter()
            send(town, path, email)
            times.append(time.perf_counter() - begun)
    known, unknown = (statistics.median(times) for times in taken.values())
    figure(f"{path}: {known * 1000:.1f} ms with an account, {unknown * 1000:.1f} ms without")
    assert abs(known - unknown) < 0.25 * max(known, unknown)
