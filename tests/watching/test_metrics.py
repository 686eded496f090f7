"""Figures for programs that watch the forum: valid, true, of nobody, and not for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from forum.admin.metric_queries import DATABASE_STEP, database_bytes, in_steps
from forum.app import create_app
from forum.config import ConfigError, load_settings
from forum.db import transaction
from forum.jobs.queue import enqueue
from forum.jobs.worker import HANDLERS, work_off
from forum.metrics import share_metrics
from forum.plugin_api import Draft, Finding, hookimpl
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import submit

TOKEN = "a-token-of-enough-letters"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OPEN = "application/openmetrics-text; version=1.0.0"


class Broken:
    """A plugin that fails at one hook."""

    @hookimpl
    def review_draft(self, draft: Draft) -> list[Finding]:
        """Fails."""
        raise ValueError(draft.source)


@pytest.fixture
def watched(tmp_path: Path, database: str) -> Iterator[Flask]:
    """A forum whose figures this machine may read, or whoever has the token."""
    app = create_app(
        tmp_path,
        database=database,
        metrics_networks=("127.0.0.0/8", "fd00::/8"),
        metrics_token=TOKEN,
        plugins=[("broken", Broken())],
    )
    yield app
    close(app)


def ask(app: Flask, address: str = "127.0.0.1", **headers: str) -> Any:
    named = {name.replace("_", "-"): said for name, said in headers.items()}
    return app.test_client().get(
        "/metrics", environ_overrides={"REMOTE_ADDR": address}, headers=named
    )


def figures(app: Flask) -> dict[tuple[str, ...], float]:
    """Each sample under its name and the values of its labels, in the order of their names."""
    samples = [sample for family in plain_text(ask(app).text) for sample in family.samples]
    return {(s.name, *(s.labels[label] for label in sorted(s.labels))): s.value for s in samples}


@ONE_DATABASE
def test_nothing_is_counted_or_told_unless_the_settings_open_it(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404
    assert "forum_metrics" not in client.application.extensions


@ONE_DATABASE
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.9.9.9", {}, 200),
        ("fd00::7", {}, 200),
        ("192.0.2.7", {}, 401),
        ("", {}, 401),
        ("127.0.0.1", {"X_Forwarded_For": "192.0.2.7"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.0.2.7", {"Authorization": f"Bearer {TOKEN}x"}, 401),
        ("192.0.2.7", {"Authorization": "Bearer ü"}, 401),
        ("192.0.2.7", {"Authorization": "Bearer "}, 401),
        ("192.0.2.7", {"Authorization": f"Basic {TOKEN}"}, 401),
    ],
)
def test_who_may_read(watched: Flask, address: str, headers: dict[str, str], status: int) -> None:
    answer = ask(watched, address, **headers)
    assert (answer.status_code, "forum_info" in answer.text) == (status, status == 200)
    assert (answer.headers.get("WWW-Authenticate") is not None) == (status == 401)


@ONE_DATABASE
def test_without_a_token_a_strange_network_is_told_what_to_set(
    tmp_path: Path, database: str
) -> None:
    app = create_app(tmp_path, database=database, metrics_networks=("192.0.2.0/24",))
    answer = ask(app)
    close(app)
    assert (answer.status_code, answer.mimetype) == (403, "text/plain")
    assert "metrics_networks" in answer.text


def test_both_formats_are_what_their_parsers_read(watched: Flask) -> None:
    ask(watched)
    plain, modern = ask(watched), ask(watched, Accept=OPEN)
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert modern.headers["Content-Type"].startswith("application/openmetrics-text")
    names = {one.name for one in plain_text(plain.text)}
    assert {"forum_request_seconds", "forum_info", "forum_database_bytes"} <= names
    assert {one.name for one in open_metrics(modern.text)} >= {"forum_request_seconds"}


def test_requests_jobs_mail_refusals_and_hooks_are_counted(
    watched: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories = Factories(watched)
    person, category = factories.member(), factories.category()
    client = factories.signed_in(person)
    guest = watched.test_client()
    submit(guest, "/sign-in", email=person.email, password="wrong")
    submit(guest, "/reset", email=person.email)
    guest.get("/reset/nobodys-business")
    guest.open("/about", method="NONSENSE")
    submit(client, f"/new?category={category.slug}", button="Preview", title="T", source="Text.")

    def fail(_work: object) -> NoReturn:
        raise ValueError

    monkeypatch.setitem(HANDLERS, "fail", fail)
    with watched.app_context(), transaction():
        enqueue("fail")
        enqueue("nobody does this")
    work_off(watched)
    found = figures(watched)
    wanted = {
        ("forum_request_seconds_count", "GET", "accounts.choose_password", "4xx"): 1,
        ("forum_request_seconds_count", "POST", "accounts.sign_in", "4xx"): 1,
        ("forum_request_seconds_count", "OTHER", "none", "4xx"): 1,
        ("forum_sign_in_refusals_total", "password"): 1,
        ("forum_hook_failures_total", "review_draft", "broken"): 1,
        ("forum_hook_calls_total", "review_draft", "broken"): 1,
        ("forum_jobs_ended_total", "reset_requested", "done"): 1,
        ("forum_jobs_ended_total", "fail", "failed"): 1,
        ("forum_jobs", "fail", "waiting"): 1,
    }
    assert {name: found.get(name) for name in wanted} == wanted
    size = found[("forum_database_bytes",)]
    assert (size > 0, size % DATABASE_STEP) == (True, 0)
    assert "nobodys-business" not in ask(watched).text


def test_size_of_the_database_does_not_show_that_one_text_came_in(watched: Flask) -> None:
    factories, sizes, shown = Factories(watched), [], []
    thread = factories.thread()
    for _ in range(3):
        with watched.app_context():
            sizes.append(database_bytes())
        shown.append(figures(watched)[("forum_database_bytes",)])
        # Databases press repeated words together, so there are none.
        factories.reply(thread, source=" ".join(sha256(bytes([n])).hexdigest() for n in range(250)))
    # What is shown would tell of it, were it not rounded.
    assert sizes[0] < sizes[2]
    assert len(set(shown)) == 1


def test_steps_of_the_size_are_rounded_up() -> None:
    step = 16 * 2**20
    assert [in_steps(size) for size in (0, 1, step, step + 1)] == [0, step, step, 2 * step]


@ONE_DATABASE
def test_too_many_tries_are_told_from_wrong_passwords(watched: Flask) -> None:
    person = Factories(watched).member()
    for _ in range(11):
        submit(watched.test_client(), "/sign-in", email=person.email, password="wrong")
    found = figures(watched)
    refused = {key[1]: n for key, n in found.items() if key[0] == "forum_sign_in_refusals_total"}
    assert refused == {"password": 10, "limit": 1}


@ONE_DATABASE
def test_late_job_shows_how_late_it_is(watched: Flask, worker: Callable[[], int]) -> None:
    with watched.app_context(), transaction():
        enqueue("late")
    late = figures(watched)[("forum_job_late_seconds", "late")]
    assert 0 <= late < 60


@pytest.mark.parametrize(
    "options",
    [
        {"metrics_token": "short"},
        {"metrics_networks": ("127.0.0.1", "everywhere")},
    ],
)
def test_settings_that_protect_nothing_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"openssl rand|is neither an address"):
        load_settings(tmp_path, **options)


def test_files_of_processes_that_ended_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    settings = load_settings(tmp_path, metrics_token=TOKEN)
    folder = settings.running_folder / "metrics"
    folder.mkdir(parents=True)
    # No system gives numbers that high (Linux: 4,194,304 at most, proc(5)).
    for name in ("counter_99999999.db", "histogram_1.db", "notes.txt"):
        (folder / name).touch()
    share_metrics(settings)
    assert sorted(p.name for p in folder.iterdir()) == ["histogram_1.db", "notes.txt"]
