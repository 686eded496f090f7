"""What the other tests rest on: the guard, the tiers, the lists of what is missing, the counter."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from forum.testing.network import OutsideNetworkError, is_on_this_machine


def test_guard_refuses_another_machine() -> None:
    with socket.socket() as outside, pytest.raises(OutsideNetworkError):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(OutsideNetworkError):
        socket.getaddrinfo("example.org", 80)


def test_guard_lets_this_machine_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        client = socket.create_connection(("localhost", address[1]))
        with client:
            assert client.getpeername() == address


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        (None, True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        (b"example.org", False),
    ],
)
def test_which_hosts_are_this_machine(host: str | bytes | None, here: bool) -> None:
    assert is_on_this_machine(host) is here


# Bare names, so that neither PostgreSQL nor Chromium is started: the tier follows from the names.
SUITE = """
import pytest
from forum.testing.capabilities import missing

@pytest.fixture
def chromium(pytestconfig):
    missing(pytestconfig, "Chromium", "none is on PATH")

@pytest.fixture
def database():
    return "sqlite://"

def test_in_browser(chromium): pass
def test_with_database(database): pass
def test_alone(): pass

@pytest.mark.full
def test_for_an_hour(): pass
"""


def _run_suite(folder: Path, *options: str, require: str = "") -> tuple[int, list[str]]:
    (folder / "test_suite.py").write_text(SUITE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "forum.testing", "-v", *options, str(folder)]
    environment = {**os.environ, "FORUM_TEST_REQUIRE": require}
    run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    return run.returncode, run.stdout.splitlines()


def _outcomes(lines: list[str]) -> list[str]:
    return [
        line.split("::")[1].split(" (")[0].split(" [")[0].strip() for line in lines if "%]" in line
    ]


def test_tiers_run_quickest_first_and_missing_things_are_named_last(tmp_path: Path) -> None:
    status, lines = _run_suite(tmp_path)
    assert _outcomes(lines) == [
        "test_alone PASSED",
        "test_with_database PASSED",
        "test_in_browser SKIPPED",
    ]
    assert status == 0
    assert [line.split()[:3] for line in lines[-6:-2]] == [
        ["unit", "1", "tests"],
        ["database", "1", "tests"],
        ["server", "0", "tests"],
        ["browser", "1", "tests"],
    ]
    assert lines[-2] == "not tested: Chromium: none is on PATH"
    assert "2 passed, 1 skipped, 1 deselected" in lines[-1]


@pytest.mark.full
def test_missing_thing_fails_where_everything_is_required(tmp_path: Path) -> None:
    status, lines = _run_suite(tmp_path, require="all")
    assert status == 1
    assert lines[-2] == "not tested: Chromium: none is on PATH"
    assert "2 passed, 1 deselected, 1 error" in lines[-1]


@pytest.mark.full
def test_one_tier_runs_by_itself(tmp_path: Path) -> None:
    status, lines = _run_suite(tmp_path, "--tier", "database")
    assert (status, _outcomes(lines)) == (0, ["test_with_database PASSED"])
    assert [line.split()[0] for line in lines if " tests " in line] == ["database"]
    assert "1 passed, 3 deselected" in lines[-1]


@pytest.mark.full
def test_parts_have_each_file_once(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"test_{number}.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    parts = [_outcomes(_run_suite(tmp_path, "--part", f"{part}/2")[1]) for part in (1, 2)]
    assert all(len(part) >= 4 for part in parts)
    assert sum(len(part) for part in parts) == 16 + 3
    status, _lines = _run_suite(tmp_path, "--part", "3/2")
    assert status != 0


BOTH = """
import pytest

@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    return request.param

@pytest.mark.parametrize("number", range(40))
def test_with_both(database, number): pass

@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_with_one(database): pass
"""


def _run_both(folder: Path, *options: str, require: str = "") -> list[str]:
    (folder / "test_both.py").write_text(BOTH)
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = .\n")
    command = [sys.executable, "-m", "pytest", "-p", "forum.testing", "-v", *options]
    environment = {**os.environ, "FORUM_TEST_REQUIRE": require}
    run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    found = [line.split("::")[1].split()[0] for line in run.stdout.splitlines() if "PASSED" in line]
    assert found.count("test_with_one[sqlite]") == 1
    return [name for name in found if name.startswith("test_with_both")]


def test_short_run_of_everything_takes_each_test_on_one_database(tmp_path: Path) -> None:
    taken = _run_both(tmp_path)
    numbers = sorted(int("".join(filter(str.isdigit, name))) for name in taken)
    assert numbers == list(range(40))
    assert 10 < sum("sqlite" in name for name in taken) < 30


@pytest.mark.full
def test_full_run_chosen_tests_and_a_build_server_take_both_databases(tmp_path: Path) -> None:
    assert len(_run_both(tmp_path, "--full")) == 80
    assert len(_run_both(tmp_path, require="all")) == 80
    assert len(_run_both(tmp_path, "test_both.py")) == 80
    assert _run_both(tmp_path) == _run_both(tmp_path), "the same ones at every run"


@pytest.mark.full
def test_full_adds_the_long_tests(tmp_path: Path) -> None:
    _, lines = _run_suite(tmp_path, "--full")
    assert "test_for_an_hour PASSED" in _outcomes(lines)
