"""The forum as an administrator runs it: ``forum serve`` in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask

from forum.app import create_app
from forum.testing.application import close
from forum.testing.factories import Factories

START_SECONDS = 60
STOP_SECONDS = 20
SERVE = (sys.executable, "-c", "from forum.cli import main; main()", "serve")

StartSite = Callable[..., "Site"]


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """A running forum with its worker.

    Args:
        instance: its instance folder; made when it does not exist.
        command: what starts it, without options.
        environment: added to this process's own.
    """

    def __init__(
        self,
        instance: Path,
        *,
        command: Sequence[str] = SERVE,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.instance = instance
        self.bind = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.bind}"
        self.log = instance.with_name(f"{instance.name}.log")
        self._command = [*command, "--instance", str(instance), "--bind", self.bind]
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._app: Flask | None = None
        self._factories: Factories | None = None

    def start(self) -> Site:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it ended, or gave no answer for a minute; with what it printed.
        """
        with self.log.open("ab") as log:
            # A session of its own, so that no server is left when a test is interrupted.
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"the forum did not start:\n{self.printed()}")
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=START_SECONDS).close()  # noqa: S310 - http
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            return False
        return True

    def printed(self) -> str:
        """Everything it has printed so far, in all its starts."""
        return self.log.read_text("utf-8", errors="replace")

    @property
    def setup_link(self) -> str:
        """The newest one-time link with which the first administrator sets the forum up."""
        links: list[str] = re.findall(rf"{re.escape(self.url)}/setup/\S+", self.printed())
        return links[-1]

    def stop(self) -> int:
        """End it as Ctrl-C does: its exit status. Nothing happens when it does not run."""
        if self._process is None:
            return 0
        # A terminal sends it to all of the group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and all its processes at once, as a power cut does."""
        if self._app is not None:
            close(self._app)
            self._app = None
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    @property
    def app(self) -> Flask:
        """The same forum in this process: its database, its folder."""
        if self._app is None:
            database = self._environment.get("FORUM_DATABASE")
            self._app = create_app(self.instance, database=database, bind=self.bind)
        return self._app

    @property
    def factories(self) -> Factories:
        """Makes members, categories, threads and replies in this forum."""
        if self._factories is None:
            self._factories = Factories(self.app)
        return self._factories

    def mail(self, at_least: int = 0, *, seconds: float = 10) -> list[EmailMessage]:
        """The letters it has sent, oldest first; waits until there are ``at_least`` so many.

        Raises:
            AssertionError: they did not come in time.
        """
        until = time.monotonic() + seconds
        while len(letters := self._letters()) < at_least:
            assert time.monotonic() < until, f"{len(letters)} letters instead of {at_least}"
            time.sleep(0.05)
        return letters

    def _letters(self) -> list[EmailMessage]:
        paths = sorted((self.instance / "mail").glob("*.eml"))
        return [_letter(path) for path in paths]


def _letter(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def start_site(tmp_path: Path) -> Iterator[StartSite]:
    """Call it with the names of settings to start a forum: ``start_site(FORUM_DATABASE=url)``; and
    with a ``command`` of your own, if it is not to be ``forum serve``.

    All of them end with the test, and at once: a browser may still hold connections to them.
    """
    sites: list[Site] = []

    def start(*, command: Sequence[str] = SERVE, **environment: str) -> Site:
        folder = tmp_path / f"site{len(sites) + 1}"
        site = Site(folder, command=command, environment=environment)
        sites.append(site)
        return site.start()

    yield start
    for site in sites:
        site.kill()


@pytest.fixture
def live_site(start_site: StartSite) -> Site:
    """A forum of this test's own, on SQLite, not set up yet."""
    return start_site()
