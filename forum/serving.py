"""Running the forum: one supervisor, the web server and the worker below it.

The supervisor prepares everything once and forks, so that starting is quick and memory is shared.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from forum.accounts.community_actions import new_setup_token
from forum.admin.demo_actions import SignIn, fill_with_demo, is_empty
from forum.app import create_app, read_configuration
from forum.backups.upgrading import upgrade_with_backup
from forum.config import ConfigError, Settings
from forum.config.checks import UNIX
from forum.db import db, transaction
from forum.jobs.worker import run_worker
from forum.logs import start_logging
from forum.metrics import share_metrics
from forum.permissions import OPERATOR
from forum.places import instance_example_folder
from forum.plugin_host.troubles import settle

GRACE_SECONDS = 5
# A child that dies sooner than this after its start is not started again at once.
QUICK_DEATH_SECONDS = 5
ORPHAN_CHECK_SECONDS = 1.0

log = logging.getLogger("forum.serving")


def serve(
    instance: Path,
    *,
    bind: str | None = None,
    safe_mode: bool | None = None,
    demo: bool = False,
) -> int:
    """Make the instance if need be, migrate, serve until told to stop: the exit status.

    Args:
        demo: fill an empty forum with a small made-up community first.

    Raises:
        ConfigError: a setting cannot be used.
    """
    make_instance(instance)
    app = _application(instance, bind=bind, safe_mode=safe_mode)
    settings: Settings = app.extensions["forum_settings"]
    for warning in app.extensions["forum_warnings"]:
        print(f"Warning: {warning}", flush=True)
    _require_free(settings.bind)
    with app.app_context():
        way_back = upgrade_with_backup(settings).way_back
        settle(now=True)
        with transaction():
            people = fill_with_demo(OPERATOR) if demo and is_empty() else []
            token = new_setup_token()
        # A connection must not be shared by two processes.
        db.engine.dispose()
    if way_back:
        print(way_back, flush=True)
    _introduce(people)
    _announce(settings, token)
    return _supervise({"web": lambda: _web(app, settings), "worker": lambda: _worker(app)})


def work(instance: Path) -> None:
    """Run a worker alone until told to stop."""
    app = _application(instance)
    with app.app_context():
        settle(now=True)
    _worker(app, watch_parent=False)


def _application(instance: Path, **options: Any) -> Flask:
    # What happens while it is put together is logged in the same way, plugins that are refused above all.
    settings = read_configuration(instance, **options).required()
    start_logging(settings.log_format)
    share_metrics(settings)
    return create_app(instance, **options)


def make_instance(instance: Path) -> None:
    """Copy the example instance unless there is one already."""
    if not instance.exists():
        shutil.copytree(instance_example_folder(), instance)
        instance.chmod(0o700)
        print(f"Made the instance folder {instance}.", flush=True)


def _require_free(bind: str) -> None:
    if bind.startswith(UNIX):
        # gunicorn takes the place of a socket that was left there.
        return
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server will: a port that was used a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            raise ConfigError(
                f"{bind} cannot be used: {error.strerror}. Stop what listens there, or give another "
                "address with --bind."
            ) from error


def _announce(settings: Settings, token: str | None) -> None:
    print(f"Folkmoot is at {settings.base_url}", flush=True)
    if settings.smtp_host == "":
        print(f"Mail is written to {settings.mail_folder}", flush=True)
    if token is not None:
        print(f"Set it up once, within a day: {settings.base_url}/setup/{token}", flush=True)
    if settings.safe_mode:
        print("Safe mode: no plugin runs.", flush=True)
    print("Stop it with Ctrl-C.", flush=True)


def _introduce(people: Sequence[SignIn]) -> None:
    if people:
        print(f"Everybody of the demo signs in with the password {people[0].password}", flush=True)
    for person in people:
        print(f"  {person.email:<22}{person.name}, {person.role}", flush=True)


class _WebLog(Logger):
    """gunicorn's log as a part of ours: its own handlers would print paths and addresses."""

    def setup(self, cfg: Any) -> None:
        """Hand everything over to the one handler there is."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Web(BaseApplication):
    """gunicorn around an application that is loaded already."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take gunicorn's settings from ours."""
        options: dict[str, Any] = {
            "bind": self._settings.bind,
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": "gthread",
            "graceful_timeout": GRACE_SECONDS - 2,
            "timeout": 60,
            "keepalive": 5,
            "loglevel": "warning",
            "logger_class": _WebLog,
            "proc_name": "folkmoot",
            "control_socket_disable": True,
            # gunicorn believes every program on this machine, and takes even paths from headers;
            # whom to believe is decided in one place, forum/web/proxies.py.
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            # A socket is for the forum's user and its group: the proxy's user joins that.
            "umask": 0o007,
            # Heartbeats are file writes; on a slow disk they would stop a healthy worker.
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application."""
        return self._app


def _web(app: Flask, settings: Settings) -> None:
    _stop_with_parent()
    _Web(app, settings).run()


def _worker(app: Flask, *, watch_parent: bool = True) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if watch_parent:
        _stop_with_parent()
    run_worker(app, stop)


def _stop_with_parent() -> None:
    # When the supervisor is killed, nobody else would stop its children.
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _supervise(parts: dict[str, Callable[[], None]]) -> int:
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        for pid in children:
            _signal(pid, signal.SIGTERM)

    children: dict[int, tuple[str, float]] = {}
    # What is there now stays: no collection walks over it and so copies it into each process.
    gc.collect()
    gc.freeze()
    for name, part in parts.items():
        children[_fork(part)] = (name, time.monotonic())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    status = 0
    while children:
        pid, code = _wait(children, stopping)
        if pid not in children:
            continue
        name, started = children.pop(pid)
        if stopping.is_set():
            continue
        if name == "web" or time.monotonic() - started < QUICK_DEATH_SECONDS:
            status = os.waitstatus_to_exitcode(code) or 1
            log.error("the %s stopped by itself (status %s); stopping everything", name, status)
            stop()
        else:
            log.error("the %s died; starting it again", name)
            children[_fork(parts[name])] = (name, time.monotonic())
    return abs(status)


def _wait(children: dict[int, tuple[str, float]], stopping: threading.Event) -> tuple[int, int]:
    deadline = time.monotonic() + GRACE_SECONDS
    while True:
        pid, code = os.waitpid(-1, os.WNOHANG)
        if pid:
            return pid, code
        if not stopping.is_set():
            deadline = time.monotonic() + GRACE_SECONDS
        elif time.monotonic() > deadline:
            for child in children:
                _signal(child, signal.SIGKILL)
        time.sleep(0.05)


def _fork(part: Callable[[], None]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        # Ctrl-C reaches the whole group; only the supervisor answers it, in order.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        part()
    except SystemExit as leaving:
        os._exit(leaving.code if isinstance(leaving.code, int) else 1)
    except BaseException:
        log.exception("could not go on")
        os._exit(1)
    os._exit(0)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
