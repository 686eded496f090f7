"""Tests in tiers, quickest first: those that fail soonest tell soonest what is wrong.

A test's tier follows from the fixtures it uses. Tests marked ``full`` run with ``--full`` only.

The short run of everything takes each test that is there for both databases on one of them, always the
same: half of the tests on SQLite, half on PostgreSQL. Both are taken with ``--full``, by a run of chosen
tests, and where everything must be tested, as before a merge.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from zlib import crc32

import pytest

from forum.testing.capabilities import is_all_required

# Tier: the fixtures that put a test there, and the seconds that all of its tests may take: twelve
# minutes, for those of the browser run beside all others.
TIERS = {
    "browser": ({"chromium", "markup_faults"}, 12 * 60),
    "server": ({"start_site", "live_site"}, 3 * 60),
    "database": (
        {"database", "empty_database", "postgres", "sqlite_template", "app", "client"},
        7 * 60,
    ),
    "unit": (set[str](), 2 * 60),
}
ORDER = ("unit", "database", "server", "browser")
DATABASES = ("sqlite", "postgresql")

_TIER_OF = pytest.StashKey[dict[str, str]]()
_SECONDS = pytest.StashKey[dict[str, float]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--full``, ``--tier`` and ``--part``."""
    parser.addoption(
        "--full", action="store_true", help="also run the tests marked full (an hour at most)"
    )
    parser.addoption(
        "--tier", action="append", choices=ORDER, help="only this tier; may be given several times"
    )
    parser.addoption(
        "--part",
        type=_part,
        default=(1, 1),
        metavar="K/N",
        help="only the K-th of N parts, for runs side by side; the tests of a file stay together",
    )


def _part(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise ArgumentTypeError("is no part, such as 1/2")
    return int(number), int(of)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and a place for the times."""
    config.addinivalue_line("markers", "full: only with --full; takes minutes")
    config.stash[_TIER_OF] = {}
    config.stash[_SECONDS] = dict.fromkeys(ORDER, 0.0)
    config.pluginmanager.register(_Stopwatch(config), "forum-stopwatch")


def tier_of(item: pytest.Item) -> str:
    """The tier of a test: the heaviest thing it uses decides."""
    used = set(getattr(item, "fixturenames", ()))
    return next((tier for tier, (fixtures, _) in TIERS.items() if fixtures & used), "unit")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the tests into the order of their tiers, and the ``full`` ones aside."""
    if not config.getoption("full"):
        config.hook.pytest_deselected(items=[item for item in items if _is_full(item)])
        items[:] = [item for item in items if not _is_full(item)]
        is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
        if is_whole and not is_all_required():
            spared = _on_the_other_database(items)
            config.hook.pytest_deselected(items=[item for item in items if item.nodeid in spared])
            items[:] = [item for item in items if item.nodeid not in spared]
    wanted = config.getoption("tier") or ORDER
    config.hook.pytest_deselected(items=[item for item in items if tier_of(item) not in wanted])
    items[:] = [item for item in items if tier_of(item) in wanted]
    part = config.getoption("part")
    config.hook.pytest_deselected(items=[item for item in items if not _is_of(item, part)])
    items[:] = [item for item in items if _is_of(item, part)]
    config.stash[_TIER_OF].update({item.nodeid: tier_of(item) for item in items})
    items.sort(key=lambda item: ORDER.index(config.stash[_TIER_OF][item.nodeid]))


def _is_of(item: pytest.Item, part: tuple[int, int]) -> bool:
    # By the name of its file, so that what its tests share is made once, and a new file moves no other.
    number, of = part
    file = item.nodeid.partition("::")[0]
    return crc32(file.encode()) % of == number - 1


def _is_full(item: pytest.Item) -> bool:
    return item.get_closest_marker("full") is not None


def _on_the_other_database(items: Iterable[pytest.Item]) -> set[str]:
    """Of each test that is there for both databases the one that the short run leaves out."""
    same: dict[str, dict[str, str]] = defaultdict(dict)
    for item in items:
        kind = _database_of(item)
        if kind:
            same[item.nodeid.replace(kind, "")][kind] = item.nodeid
    # By its name, not its place: a new test moves no other one to the other database.
    return {
        pair[DATABASES[crc32(name.encode()) % len(DATABASES)]]
        for name, pair in same.items()
        if set(pair) == set(DATABASES)
    }


def _database_of(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    asked = {} if call is None else call.params
    found = asked.get("database") or asked.get("empty_database")
    return found if found in DATABASES else ""


class _Stopwatch:
    """Adds up what each tier takes, set-up and clearing away included."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        tier = self.config.stash[_TIER_OF].get(report.nodeid)
        if tier is not None:
            self.config.stash[_SECONDS][tier] += report.duration


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Prints what each tier took and may take, after everything that pytest itself has to say."""
    yield
    terminalreporter.section("time")
    counts = Counter(config.stash[_TIER_OF].values())
    number, of = config.getoption("part")
    whole = of == 1
    for tier in config.getoption("tier") or ORDER:
        seconds, budget = config.stash[_SECONDS][tier], TIERS[tier][1]
        part = "" if whole else f"{number}/{of} "
        line = f"{tier:<9}{part}{counts[tier]:>6} tests {seconds:>8.1f} s"
        if not config.getoption("full"):
            line += f" of {budget} s" + (" — OVER ITS BUDGET" if seconds > budget else "")
        terminalreporter.write_line(line)
