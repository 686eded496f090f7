"""The servers that are measured: the forum as it is served, the bare application under the same.

Each runs in a session of its own, so that all its processes are known by it and ended with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from benchmarks.report import CannotMeasure
from forum.config import Settings

START_SECONDS = 60
STOP_SECONDS = 20
BARE_APP = Path(__file__).resolve().parent.parent.parent / "shared" / "bench" / "bare_app.py"


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server in processes of its own; running inside a ``with`` block.

    Args:
        command: what starts it, listening on ``port`` of the loopback address.
        environment: added to this process's own, from which all of the forum's settings are taken.
        first: what it is asked to see whether it is there.
        log: where what it prints goes.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        environment: Mapping[str, str],
        first: str,
        log: Path,
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._command = command
        self._environment = _plain_environment() | dict(environment)
        self._first = first
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> float:
        """Start it and wait for its first answer: the seconds from one to the other.

        Raises:
            CannotMeasure: it ended, or did not answer for a minute; with the end of its log.
        """
        begun = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        while not self._answers():
            late = time.perf_counter() - begun > START_SECONDS
            if late or self._process.poll() is not None:
                self.stop()
                said = self._log.read_text("utf-8", errors="replace")[-2000:]
                raise CannotMeasure(f"a server did not start:\n{said}")
            time.sleep(0.005)
        return time.perf_counter() - begun

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url + self._first, timeout=START_SECONDS).close()
        except (urllib.error.HTTPError, OSError):
            return False
        return True

    def stop(self) -> None:
        """End all its processes, gently if they let themselves."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def used_seconds(self) -> float:
        """Seconds of a core that all its present processes have used; 0 where nobody tells."""
        assert self._process is not None
        ticks = 0
        for pid in _processes_of_session(self._process.pid):
            with contextlib.suppress(OSError):
                ticks += sum(map(int, _stat_of(pid)[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int | None:
        """Bytes that all its processes keep in memory, what they share counted once (PSS).

        ``None`` where the system does not tell.
        """
        assert self._process is not None
        try:
            return sum(_kept_by(pid) for pid in _processes_of_session(self._process.pid))
        except (OSError, IndexError):
            return None


def _plain_environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
    return ours | {"PYTHONDONTWRITEBYTECODE": "1"}


def _processes_of_session(session: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(_stat_of(int(folder.name))[3]) == session:
                found.append(int(folder.name))
    return found


def _stat_of(pid: int) -> list[str]:
    # After the name in brackets: state, parent, group, session, …, user's and system's time.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _kept_by(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def forum_server(settings: Settings) -> Server:
    """The forum as ``forum serve`` runs it: supervisor, web processes, worker."""
    port = int(settings.bind.rpartition(":")[2])
    return Server(
        [sys.executable, "-m", "forum.cli", "serve", "--instance", str(settings.instance)],
        port=port,
        environment={
            "FORUM_BIND": settings.bind,
            "FORUM_DATABASE": settings.database,
            # What is measured is the cost of a reply, not the patience of the limit.
            "FORUM_POSTS_PER_HOUR": "1000000",
            "FORUM_BACKUP_HOURS": "never",
        },
        first="/",
        log=settings.instance.with_name("forum.log"),
    )


def bare_server(application: Path, settings: Settings, *, size: int, database: str) -> Server:
    """The bare application under the same class of server with as many workers and threads.

    Args:
        size: bytes of its page.
        database: ``BARE_DATABASE``.
    """
    port, folder = free_port(), settings.instance.parent
    command = [sys.executable, "-m", "gunicorn", f"{application.stem}:app", "--preload"]
    command += ["--pythonpath", str(application.parent), "--chdir", str(folder)]
    command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--keep-alive", "5"]
    command += ["--workers", str(settings.workers), "--threads", str(settings.threads)]
    command += ["--log-level", "warning", "--no-control-socket"]
    if Path("/dev/shm").is_dir():
        command += ["--worker-tmp-dir", "/dev/shm"]
    return Server(
        command,
        port=port,
        environment={"BARE_BYTES": str(size), "BARE_DATABASE": database},
        first="/page",
        log=folder / "bare.log",
    )
