"""The ``forum`` command: it says what happened in a sentence, and its status tells the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from forum.accounts.models import Group, GroupMember, MemberRole
from forum.app import create_app
from forum.cli import main
from forum.db import rows
from forum.discussion.models import Thread
from forum.testing.application import close
from forum.testing.factories import Factories

Forum = Callable[..., tuple[int, str]]
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def finished(result: Result) -> tuple[int, str]:
    """Status and words of a command that ended as commands should."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.exit_code, result.output


@pytest.fixture
def forum(app: Flask, instance: Path, database: str) -> Forum:
    """Runs the command on this test's instance."""

    def run(*words: str, given: str = "") -> tuple[int, str]:
        environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
        return finished(CliRunner().invoke(main, words, env=environment, input=given))

    return run


@ONE_KIND
def test_groups_are_made_joined_and_left(app: Flask, factories: Factories, forum: Forum) -> None:
    member = factories.member()

    def inside() -> list[tuple[str, int]]:
        statement = select(Group.name, GroupMember.member_id).join(GroupMember)
        with app.app_context():
            return [tuple(row) for row in rows(statement)]

    assert forum("groups", "add", " Kiln  masters ") == (0, "The group is there.\n")
    join = ("groups", "join", "Kiln masters", member.email.upper())
    assert forum(*join) == (0, "They are in the group.\n")
    assert forum(*join) == (0, "They were in the group already.\n")
    assert inside() == [("Kiln masters", member.id)]
    leave = ("groups", "leave", "Kiln masters", member.email)
    assert forum(*leave) == (0, "They are not in the group any more.\n")
    assert forum(*leave) == (0, "They were not in the group.\n")
    assert inside() == []


@ONE_KIND
def test_levels_are_made_changed_and_removed(factories: Factories, forum: Forum) -> None:
    factories.thread()
    made = forum("levels", "add", "Regulars", "--posts", "1", "--removed", "2")
    assert made == (0, "The level is there. Members who have it: 1.\n")
    said = "Members who gain it: 0. Members who lose it: 1.\n"
    assert forum("levels", "change", "Regulars", "--posts", "5", "--yes") == (
        0,
        f"{said}Changed. It holds at once.\n",
    )
    listed = forum("levels", "list")[1].split()
    assert listed[-7:] == ["Regulars", "0", "0", "5", "0", "2", "0"]
    assert forum("levels", "change", "Regular", "--posts", "1") == (
        1,
        "Error: There is no level of this name. “forum levels list” shows all.\n",
    )
    assert forum("levels", "add", "Newest", "--days", "-1") == (
        1,
        "Error: Enter a number from 0 to 3650.\n",
    )
    assert forum("groups", "remove", "Regulars", "--yes")[0] == 1
    assert forum("levels", "remove", "Regulars", "--yes") == (
        0,
        "Members who have it: 0.\nThe level is gone, and its group.\n",
    )


@ONE_KIND
def test_what_is_wrong_with_groups_is_said(factories: Factories, forum: Forum) -> None:
    member = factories.member(group="Kiln masters")
    assert forum("groups", "add", "Kiln masters") == (1, "Error: There is a group of this name.\n")
    assert forum("groups", "add", " ") == (
        1,
        "Error: Give the group a name of up to 80 characters.\n",
    )
    assert forum("groups", "add", "Kiln \u202emasters") == (
        1,
        "Error: Leave invisible characters out of the name.\n",
    )
    assert forum("groups", "join", "Glazers", member.email) == (
        1,
        "Error: There is no group of this name. Make it first.\n",
    )
    assert forum("groups", "leave", "Kiln masters", "nobody@example.org") == (
        1,
        "Error: No member has this address.\n",
    )


@ONE_KIND
def test_roles_are_given(app: Flask, factories: Factories, forum: Forum) -> None:
    member = factories.member()
    said = "They have the role now. Their sessions have ended.\n"
    assert forum("give-role", member.email, "moderator") == (0, said)
    assert forum("give-role", member.email, "moderator") == (0, "They had the role already.\n")
    with app.app_context():
        given = [tuple(row) for row in rows(select(MemberRole.member_id, MemberRole.role))]
    assert given == [(member.id, "moderator")]
    status, said = forum("give-role", "nobody@example.org", "admin")
    assert (status, said[:34]) == (1, "Error: No member has this address,")
    status, said = forum("give-role", member.email, "king")
    assert status == 2
    assert "'king' is not one of 'moderator', 'admin'" in said


@ONE_KIND
def test_setup_link_opens_until_the_forum_is_set_up(
    app: Flask, factories: Factories, forum: Forum
) -> None:
    status, link = forum("setup-link")
    assert status == 0
    address, _, token = link.strip().rpartition("/setup/")
    assert address == "http://127.0.0.1:8000"
    assert app.test_client().get(f"/setup/{token}").status_code == 200
    factories.community()
    assert forum("setup-link") == (
        1,
        "Error: This forum is set up already. Sign in as administrator.\n",
    )


@ONE_KIND
def test_invitation_is_printed_and_mailed_to_an_address(
    app: Flask, factories: Factories, forum: Forum, worker: Callable[[], int]
) -> None:
    admin = factories.community()
    for words in ((), ("nadia@example.org",)):
        status, printed = forum("invite", *words)
        path = printed.strip().removeprefix(app.extensions["forum_settings"].base_url)
        assert (status, app.test_client().get(path).status_code) == (0, 200)
    assert worker() == 1
    message = "Error: This address has an account already.\n"
    assert forum("invite", admin.email) == (1, message)


@pytest.fixture
def bare(instance: Path, empty_database: str) -> Iterator[Forum]:
    """Runs the command on an instance whose database has no tables."""

    def run(*words: str) -> tuple[int, str]:
        environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": empty_database}
        return finished(CliRunner().invoke(main, words, env=environment))

    yield run
    close(create_app(instance, database=empty_database))


def test_migrating_is_done_once(bare: Forum) -> None:
    assert [bare("migrate"), bare("migrate")] == [(0, "Migrated.\n"), (0, "Nothing to migrate.\n")]


@ONE_KIND
def test_threads_are_imported_once(app: Flask, forum: Forum, tmp_path: Path) -> None:
    line = {
        "site": "pots.example",
        "id": "t1",
        "title": "Crackle on stoneware",
        "tags": ["glaze"],
        "author": "user-pots-17",
        "author_name": None,
        "created": "2020-01-02T03:04:05Z",
        "edited": None,
        "body_html": "<p>How do you get a fine crackle?</p>",
        "url": "https://pots.example/t1",
        "licence": "CC BY-SA 4.0",
        "accepted_answer": None,
        "comments": [],
        "replies": [],
    }
    file = tmp_path / "threads.jsonl"
    file.write_text(json.dumps(line) + "\n")
    assert forum("import", "threads", str(file))[0] == 0
    assert forum("import", "threads", "-", given=file.read_text())[0] == 0
    with app.app_context():
        assert [row.title for row in rows(select(Thread.title))] == ["Crackle on stoneware"]
    file.write_text("no JSON\n")
    status, said = forum("import", "threads", str(file))
    assert status == 1
    assert "line 1" in said.lower()


@ONE_KIND
def test_missing_file_is_said(forum: Forum, tmp_path: Path) -> None:
    status, said = forum("import", "threads", str(tmp_path / "nowhere.jsonl"))
    assert status == 2
    assert "nowhere.jsonl': No such file or directory" in said


COMMANDS = [
    ("migrate",),
    ("setup-link",),
    ("groups", "add", "Kiln masters"),
    ("give-role", "ada@example.org", "admin"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_missing_instance_is_said_and_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    nowhere = tmp_path / "nowhere"
    run = CliRunner().invoke(main, ["--instance", str(nowhere), *words])
    assert finished(run) == (
        1,
        f"Error: There is no instance folder {nowhere}. Start the forum once, or give --instance.\n",
    )
    assert not nowhere.exists()


@pytest.mark.parametrize("words", [*COMMANDS, ("serve",), ("worker",)], ids=" ".join)
def test_wrong_setting_is_said(instance: Path, words: tuple[str, ...]) -> None:
    (instance / "forum.toml").write_text("workers = 0\n")
    run = CliRunner().invoke(main, list(words), env={"FORUM_INSTANCE": str(instance)})
    assert finished(run) == (
        1,
        f"Error: {instance}/forum.toml, line 1: workers must be a whole number, 1 to 64, but is 0.\n",
    )


def test_worker_without_instance_says_so(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["--instance", str(tmp_path / "nowhere"), "worker"])
    status, said = finished(run)
    assert status == 1
    assert said.startswith("Error: There is no instance folder ")


def test_database_without_tables_is_explained(bare: Forum) -> None:
    said = "Error: The database does not fit this version of Folkmoot. Run `forum migrate` first.\n"
    assert bare("setup-link") == (1, said)
    assert bare("give-role", "ada@example.org", "admin") == (1, said)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_database_that_does_not_answer_is_explained(
    instance: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    address = f"sqlite:///{tmp_path}/nowhere/forum.sqlite3"
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": address}
    run = CliRunner().invoke(main, list(words), env=environment)
    assert finished(run) == (
        1,
        "Error: The database does not answer: unable to open database file\n",
    )


@ONE_KIND
def test_findings_are_counted_by_rule(app: Flask, factories: Factories, forum: Forum) -> None:
    assert forum("findings") == (0, "Nothing was found in any post.\n")
    factories.thread(source="Look [here](https://example.org/a) and [here](https://example.org/b).")
    assert forum("findings") == (0, "      2  link-vague (warn)\n")
