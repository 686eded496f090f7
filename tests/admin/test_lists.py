"""Lists for administrators: searched, cut by key, taken away as files, the same on the command line."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import insert

from forum.cli import main
from forum.db import db, transaction
from forum.jobs.models import Job
from forum.testing.application import count_statements
from forum.testing.factories import Factories
from tests.evidence import words_of

ADDRESS = "/admin/jobs"
LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def add_jobs(app: Flask, *names: str, state: str = "waiting", error: str = "") -> None:
    facts = {"arguments": {"email": "ada@example.org"}, "created_at": LONG_AGO, "run_at": LONG_AGO}
    with app.app_context(), transaction():
        db.session.execute(
            insert(Job),
            [{"name": name, "state": state, "last_error": error, **facts} for name in names],
        )


def kinds(page: object) -> list[str]:
    return words_of(page, "tbody td:nth-child(2)")  # type: ignore[arg-type]


def test_rows_are_found_by_words_and_filters(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    add_jobs(app, "letter.send", "picture.clean")
    add_jobs(app, "letter.write", state="set aside", error="SMTPError")

    assert kinds(admin.get(ADDRESS)) == ["letter.write", "picture.clean", "letter.send"]
    assert kinds(admin.get(f"{ADDRESS}?search=LETTER")) == ["letter.write", "letter.send"]
    assert kinds(admin.get(f"{ADDRESS}?search=letter+smtp")) == ["letter.write"]
    assert kinds(admin.get(f"{ADDRESS}?state=set+aside")) == ["letter.write"]
    # What has a meaning in a pattern has none in a search.
    for odd in ("%25", "_", "%00", "'", "%5C"):
        answer = admin.get(f"{ADDRESS}?search={odd}")
        assert (answer.status_code, kinds(answer)) == (200, []), odd
        assert "Nothing was found." in answer.text
    assert "ada@example.org" not in admin.get(ADDRESS).text


def test_list_is_paged_by_key_there_and_back(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    add_jobs(app, *(f"k{number:03}" for number in range(120)))

    first = admin.get(ADDRESS)
    second = admin.get(address_of_link(first, "next"))
    third = admin.get(address_of_link(second, "next"))
    seen = kinds(first) + kinds(second) + kinds(third)
    assert seen == [f"k{number:03}" for number in reversed(range(120))]
    assert kinds(admin.get(address_of_link(third, "prev"))) == kinds(second)
    back = admin.get(address_of_link(second, "prev"))
    assert kinds(back) == kinds(first)
    assert 'rel="prev"' not in first.text + back.text
    assert 'rel="next"' not in third.text
    assert "120 entries" in first.text


def address_of_link(page: object, rel: str) -> str:
    text = page.text  # type: ignore[attr-defined]
    return unescape(text.partition(f'rel="{rel}" href="')[2].partition('"')[0])


def test_list_costs_the_same_however_long_it_is(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    add_jobs(app, "one")
    with count_statements(app) as few:
        admin.get(ADDRESS)
    add_jobs(app, *["more"] * 1_100)
    with count_statements(app) as many:
        page = admin.get(ADDRESS)
    assert len(many) == len(few)
    assert "More than 1,000 entries" in page.text


def test_file_holds_all_that_was_searched_and_no_formula(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    add_jobs(app, *["letter"] * 1_001)
    add_jobs(app, '=letter("a",\n1)', "-letter", "other")

    answer = admin.get(f"{ADDRESS}?search=letter&as=csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=jobs.csv"
    assert answer.text.startswith("\ufeff")
    table = list(csv.DictReader(io.StringIO(answer.text[1:], newline="")))
    assert [row["kind"] for row in table] == [
        "'-letter",
        '\'=letter("a",\n1)',
        *["letter"] * 1_001,
    ]
    assert table[0]["created_at"] == "2026-01-02T03:04:05Z"

    lines = admin.get(f"{ADDRESS}?search=other&as=jsonl").text.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["other"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("after=abc", 404),
        ("before=-1", 404),
        ("state=lost", 404),
        ("as=exe", 404),
        ("as=csv&state=lost", 404),
        ("search=" + "a" * 201, 422),
        ("as=csv&search=" + "a" * 201, 422),
    ],
)
def test_what_the_list_does_not_know_is_refused(
    factories: Factories, query: str, status: int
) -> None:
    admin = factories.signed_in(factories.community())
    assert admin.get(f"{ADDRESS}?{query}").status_code == status


def test_only_administrators_read_it(factories: Factories) -> None:
    factories.community()
    for role in ("", "moderator"):
        browser = factories.signed_in(factories.member(role=role))
        assert browser.get(ADDRESS).status_code == 403
        assert browser.get(f"{ADDRESS}?as=csv").status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_command_prints_the_same_list(app: Flask, instance: Path, database: str) -> None:
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\n")
    add_jobs(app, "letter\x1b[31m", "picture")

    def said(*options: str) -> str:
        result = CliRunner().invoke(main, ["--instance", str(instance), "jobs", "list", *options])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert [line.split("\t")[1] for line in said().splitlines()] == [
        "kind",
        "picture",
        "letter [31m",
    ]
    assert [
        json.loads(line)["kind"] for line in said("--json", "--search", "pict").splitlines()
    ] == ["picture"]
    assert said("--csv", "--state", "set aside") == (
        "number,kind,state,created_at,run_at,attempts,error\n"
    )
