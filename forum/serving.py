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
from sqlalchemy.exc import SQLAlchemyError

from forum.accounts.community_actions import new_setup_token
from forum.admin.demo_actions import SignIn, fill_with_demo, is_empty
from forum.admin.plugin_actions import enable_from_the_start
from forum.app import create_app, read_configuration
from forum.backups.upgrading import upgrade_with_backup
from forum.community.plugin_queries import enabled_plugins
from forum.config import Settings
from forum.db import db, transaction
from forum.jobs.worker import run_worker
from forum.logs import start_logging
from forum.metrics import share_metrics
from forum.migrate import is_current
from forum.migrate_plugins import ready_plugins
from forum.permissions import OPERATOR
from forum.places import instance_example_folder
from forum.plugin_host import PluginHost, current_host
from forum.plugin_host.troubles import settle
from forum.renewing import SIGN, begin_again, open_door

GRACE_SECONDS = 5
# A child that dies sooner than this after its start is not started again at once.
QUICK_DEATH_SECONDS = 5
ORPHAN_CHECK_SECONDS = 1.0
# How soon every process learns that other plugins are to run, also where nobody reads a page.
LOOK_SECONDS = 2.0

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
    door = open_door(settings.bind)
    with app.app_context():
        way_back = upgrade_with_backup(settings).way_back
        with transaction():
            enable_from_the_start(OPERATOR)
        is_other = ready_plugins(settings)
    if is_other:
        app = create_app(instance, bind=bind, safe_mode=safe_mode)
    with app.app_context():
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
    _renew_by_sign(app)
    return _supervise(
        {"web": lambda: _web(app, settings, door), "worker": lambda: _worker(app, door)}, door
    )


def work(instance: Path) -> None:
    """Run a worker alone until told to stop."""
    app = _application(instance)
    settings: Settings = app.extensions["forum_settings"]
    with app.app_context():
        is_other = is_current(db.engine) and ready_plugins(settings)
    if is_other:
        app = create_app(instance)
    with app.app_context():
        settle(now=True)
        db.engine.dispose()
    again = threading.Event()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def renew() -> None:
        again.set()
        stop.set()

    host: PluginHost = app.extensions["forum_plugins"]
    host.renew = renew
    _watch_plugins(app)
    run_worker(app, stop)
    if again.is_set():
        begin_again()


def _renew_by_sign(app: Flask) -> None:
    settings: Settings = app.extensions["forum_settings"]
    if settings.safe_mode:
        return
    host: PluginHost = app.extensions["forum_plugins"]
    supervisor = os.getpid()
    host.renew = lambda: _signal(supervisor, SIGN)


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

    def __init__(self, app: Flask, settings: Settings, door: socket.socket | None) -> None:
        self._app = app
        self._settings = settings
        self._bind = settings.bind if door is None else f"fd://{door.fileno()}"
        super().__init__()

    def load_config(self) -> None:
        """Take gunicorn's settings from ours."""
        options: dict[str, Any] = {
            "bind": self._bind,
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


def _web(app: Flask, settings: Settings, door: socket.socket | None) -> None:
    _stop_with_parent()
    _Web(app, settings, door).run()


def _worker(app: Flask, door: socket.socket | None) -> None:
    if door is not None:
        # Nobody would answer there when only the worker is left.
        door.close()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    _stop_with_parent()
    _watch_plugins(app)
    run_worker(app, stop)


def _watch_plugins(app: Flask) -> None:
    # By itself: a job may take long, and where nobody reads no page tells either.
    def watch() -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with app.app_context():
                try:
                    current_host().notice(enabled_plugins())
                except SQLAlchemyError:
                    # It may be away for a moment.
                    continue

    threading.Thread(target=watch, daemon=True).start()


def _stop_with_parent() -> None:
    # When the supervisor is killed, nobody else would stop its children.
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _supervise(parts: dict[str, Callable[[], None]], door: socket.socket | None) -> int:
    stopping, again = threading.Event(), threading.Event()

    def stop(*_: object) -> None:
        stopping.set()
        again.clear()
        for pid in children:
            _signal(pid, signal.SIGTERM)

    def renew(*_: object) -> None:
        if not stopping.is_set():
            log.warning("other plugins are to run: starting anew")
            stop()
            again.set()

    children: dict[int, tuple[str, float]] = {}
    # What is there now stays: no collection walks over it and so copies it into each process.
    gc.collect()
    gc.freeze()
    signal.signal(SIGN, renew)
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
    if again.is_set() and not status:
        begin_again(door)
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
