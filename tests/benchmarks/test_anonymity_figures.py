"""The guessing game can be lost: what a careless build keeps is found, and chance is known as chance."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks import anonymity_year
from benchmarks.__main__ import main
from benchmarks.anonymity import most_by_chance, played
from benchmarks.anonymity_attack import number_in, time_in
from benchmarks.anonymity_forum import Build
from benchmarks.anonymity_plants import PLANTED, REAL
from benchmarks.anonymity_year import Guessed, interval, tells_nothing, year_of


def test_chance_is_known_as_chance() -> None:
    assert most_by_chance(2_000) == 116
    assert most_by_chance(1) == 0 or most_by_chance(1) == 1


def test_moments_and_numbers_are_read_in_whatever_form() -> None:
    assert time_in("2026-01-05 07:18:30.687427+00:00") == time_in("2026-01-05 07:18:30.687427")
    assert [time_in(value) for value in ("2026-W02", "Potters", 5, None)] == [None] * 4
    assert number_in((146).to_bytes(16, "big")) == number_in(146) == 146
    assert number_in(bytes(range(200, 216))) is None


def test_attacker_finds_a_number_that_was_kept(tmp_path: Path) -> None:
    outcomes = played(PLANTED[0], 14, tmp_path / "game", Random(1), ["first", "second"])
    assert [(one.attacker, one.right, one.holds) for one in outcomes] == [
        ("first", 14, True),
        ("second", 14, True),
    ]


@pytest.mark.full
def test_attacker_is_at_a_loss_against_the_forum_and_finds_planted_faults(tmp_path: Path) -> None:
    random = Random(2)
    outcomes = played(REAL, 280, tmp_path / "real", random, ["first", "second"])
    # Where nothing tells, an attacker is beyond the usual bound once in twenty runs: here, once in 100,000.
    assert max(one.right for one in outcomes) <= most_by_chance(280, sure=0.99999)
    outcomes = []
    for build in PLANTED:
        outcomes += played(build, 56, tmp_path / build.name, random, ["first"])
    assert [(o.build, o.right, o.trials) for o in outcomes if not o.holds] == []


def test_year_holds_where_nothing_tells_and_enough_was_asked() -> None:
    fault = interval([1] * 30 + [0] * 10)
    # Of a year: 576 questions. Where they never differ, a quarter of it is not enough to know that.
    alike = interval([0] * 576)
    assert (round(alike[0], 2), round(alike[1], 2)) == (-0.64, 0.64)
    assert tells_nothing(alike, fault)
    assert tells_nothing(interval([1] * 10 + [-1] * 10 + [0] * 1_500), fault)
    assert not tells_nothing(interval([0] * 144), fault), "too few to tell"
    assert not tells_nothing(interval([1] * 20 + [-1] * 20 + [0] * 536), fault), "too wide"
    assert not tells_nothing(interval([1] * 12 + [0] * 1_188), fault), "it tells"
    assert not tells_nothing(interval([-1] * 12 + [0] * 1_188), fault), "it tells, turned around"
    assert not tells_nothing(alike, interval([0] * 40)), "no fault would be seen"
    assert interval([0]) == (-100, 100)


@pytest.mark.parametrize(("differ", "status"), [(0, 0), (12, 1)])
def test_command_fails_where_what_is_stored_tells_more(
    monkeypatch: pytest.MonkeyPatch, differ: int, status: int
) -> None:
    """The games take an hour; here their outcomes are given."""

    def year(build: Build, *_: object) -> list[Guessed]:
        right = differ if build is REAL else 500
        return [Guessed(number < right, False, 20) for number in range(576)]

    monkeypatch.setattr(anonymity_year, "year_of", year)
    assert main(["anonymity-year"]) == status


def test_what_is_stored_tells_no_more_than_coming_and_going(tmp_path: Path) -> None:
    found = year_of(REAL, 1, tmp_path / "real", Random(3))
    low, high = interval([one.with_all - one.without for one in found])
    assert low <= 0 <= high
    planted = next(build for build in PLANTED if build.name == "exact time kept")
    found = year_of(planted, 1, tmp_path / "planted", Random(3))
    assert interval([one.with_all - one.without for one in found])[0] > 0
