"""A backup made while people write has everything that was acknowledged before it began, and is the
forum of one moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from forum.db import rows, value
from forum.discussion.models import Post, Revision, Thread
from forum.testing.figures import Note
from forum.testing.killing import Ledger, write_meanwhile
from forum.testing.site import Site

SLOW = str(Path(__file__).parent / "slow_backup.py")
MANY_POSTS = {"FORUM_POSTS_PER_HOUR": "1000000"}


@dataclass
class Outcome:
    """What became of the posts in the restored forums; ``torn`` counts those that could not be
    restored, or in which a thread's numbers do not fit its posts."""

    backups: int = 0
    acknowledged: int = 0
    later: int = 0
    lost: int = 0
    torn: int = 0


class Harness:
    """Backs a site up while people write, and restores each backup beside it."""

    def __init__(
        self, folder: Path, kind: str, request: pytest.FixtureRequest, *, planted: bool
    ) -> None:
        self._request, self._kind = request, kind
        self._folder = folder
        self._name = f"load_{'planted' if planted else 'real'}"
        self._command = [sys.executable, SLOW, *(["--planted"] if planted else [])]
        self._database = self._new_database(self._name)
        self.outcome = Outcome()

    def _new_database(self, name: str) -> dict[str, str]:
        if self._kind == "sqlite":
            return {}
        return {"FORUM_DATABASE": self._request.getfixturevalue("postgres").recreate(name)}

    def run(self, backups: int) -> Outcome:
        """What ``backups`` backups brought back."""
        site = Site(self._folder / self._name, environment=MANY_POSTS | self._database)
        kept: list[tuple[Path, list[str]]] = []

        def back_up(so_far: Ledger) -> None:
            for number in range(backups):
                before, path = so_far(), self._folder / f"{self._name}-{number}"
                done = self._forum(site.instance, self._database, "backup", str(path))
                assert done.returncode == 0, done.stderr
                kept.append((path, before))

        try:
            acknowledged = write_meanwhile(site, back_up)
        finally:
            site.kill()
        for path, before in kept:
            self._restore(path, before, acknowledged)
        return self.outcome

    def _forum(
        self, instance: Path, database: dict[str, str], *words: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, "--instance", str(instance), *words],
            capture_output=True,
            text=True,
            env={**os.environ, **database},
        )

    def _restore(self, path: Path, before: list[str], acknowledged: list[str]) -> None:
        self.outcome.backups += 1
        self.outcome.acknowledged += len(before)
        there = path.with_name(f"{path.name}-restored")
        database = self._new_database("load_restored")
        if self._forum(there, database, "restore", str(path)).returncode:
            self.outcome.torn += 1
            return
        site = Site(there, environment=MANY_POSTS | database)
        try:
            site.start()
            self._compare(site.app, before, acknowledged)
        finally:
            site.kill()

    def _compare(self, app: Flask, before: list[str], acknowledged: list[str]) -> None:
        with app.app_context():
            sources = select(Revision.source).where(Revision.source.like("kept %"))
            found = Counter(row.source for row in rows(sources))
            posts = value(select(func.count()).select_from(Post))
            counted = value(select(func.sum(Thread.last_number)))
            revised = value(select(func.count()).select_from(Revision))
        self.outcome.lost += sum(found[text] != 1 for text in before)
        self.outcome.later += len(set(acknowledged) - set(found))
        self.outcome.torn += not (posts == counted and revised == posts)


def compare(
    kind: str, request: pytest.FixtureRequest, folder: Path, figure: Note, backups: int
) -> None:
    real = Harness(folder, kind, request, planted=False).run(backups)
    planted = Harness(folder, kind, request, planted=True).run(backups)
    figure(f"backups under load, {kind}: {real} | planted, a snapshot a table: {planted}")
    assert (real.backups, real.lost, real.torn) == (backups, 0, 0)
    assert real.later > 0, "nobody wrote meanwhile: not measured"
    assert planted.torn > 0, "the harness saw no fault where there is one: not measured"


@pytest.mark.full
def test_backup_under_load_loses_nothing_and_a_planted_fault_shows(
    request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare("sqlite", request, tmp_path, figure, 1)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_five_backups_under_load_lose_nothing_and_planted_faults_show(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare(kind, request, tmp_path, figure, 5)
