"""``forum <plugin> <command>``: what plugins bring to the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from forum.cli import main
from forum.plugin_host import PluginHost
from forum.plugin_host.gifts import FORUM_COMMANDS

ForumWith = Callable[..., Flask]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

KILN = """
import click
from sqlalchemy import text

@click.command("count")
@click.option("--loud", is_flag=True)
def count(loud):
    "Count the members."
    click.echo(value(text("SELECT count(*) FROM members")))
    if loud:
        raise Conflict("The kiln is too hot to be counted. Wait an hour.")

@hookimpl
def register_commands():
    return [count]
"""


@pytest.fixture
def run(instance: Path, database: str) -> Callable[..., Result]:
    """Runs ``forum`` with these words."""
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
    return lambda *words: CliRunner().invoke(main, list(words), env=environment)


def test_plugins_command_runs_in_the_forum_and_says_errors_in_its_words(
    forum_with: ForumWith, run: Callable[..., Result]
) -> None:
    forum_with(kiln=KILN)
    assert run("kiln", "count").output == "0\n"
    loud = run("kiln", "count", "--loud")
    assert (loud.exit_code, loud.output.splitlines()[-1]) == (
        1,
        "Error: The kiln is too hot to be counted. Wait an hour.",
    )
    assert "Count the members." in run("kiln", "--help").output


def test_what_is_no_command_is_said_whether_there_is_a_forum_or_not(
    forum_with: ForumWith, run: Callable[..., Result], tmp_path: Path
) -> None:
    forum_with(quiet="")
    for words in (
        ["kiln", "count"],
        ["quiet", "count"],
        ["--instance", str(tmp_path / "no"), "kiln"],
    ):
        said = run(*words)
        assert (said.exit_code, "No such command" in said.output) == (2, True), said.output


def test_no_plugin_takes_a_command_of_the_forum(forum_with: ForumWith) -> None:
    assert set(main.commands) == set(FORUM_COMMANDS)
    host: PluginHost = forum_with(backup=KILN).extensions["forum_plugins"]
    [plugin] = host.plugins
    assert plugin.reason == (
        "register_commands gave commands, but `forum backup` is one of the forum's own"
    )
