"""``forum config``: what an administrator reads about the settings before and after a mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forum.app import create_app
from forum.cli import main
from forum.config import ConfigError
from forum.config.reference import example_file


@pytest.fixture(autouse=True)
def other_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing from outside, and files as open as they were."""
    monkeypatch.setattr(os, "umask", lambda mask: mask)
    for name in [name for name in os.environ if name.startswith("FORUM_")]:
        monkeypatch.delenv(name)


def run(folder: Path, *words: str, **environ: str) -> Result:
    """``forum config …`` on this instance."""
    return CliRunner().invoke(main, ["--instance", str(folder), "config", *words], env=environ)


def test_check_names_all_faults_and_warnings_and_fails(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").write_text(
        'public_url = "http://forum.example.org"\nworkers = 0\ntheme = "nope"\n'
    )
    result = run(tmp_path, "check", FORUM_THREADS="0")
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert [line.partition(f"{tmp_path}/")[2] or line for line in lines] == [
        "forum.toml, line 2: workers must be a whole number, 1 to 64, but is 0.",
        'Error: FORUM_THREADS: threads must be a whole number, 1 to 256, but is "0".',
        "forum.toml, line 1: public_url: over http, passwords can be read on their way. Put a "
        "proxy with HTTPS in front of the forum.",
        "forum.toml, line 3: theme: There is no theme called “nope”. Themes installed: default.",
    ]
    assert [line.partition(":")[0] for line in lines] == ["Error", "Error", "Warning", "Error"]


def test_start_says_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").write_text('workers = 0\ntheme = "nope"\n')
    checked = run(tmp_path, "check").output.replace("Error: ", "")
    with pytest.raises(ConfigError) as refused:
        create_app(tmp_path)
    assert f"{refused.value}\n" == checked
    served = CliRunner().invoke(main, ["serve", "--instance", str(tmp_path)])
    assert (served.exit_code, served.output) == (1, f"Error: {checked}")


def test_warning_alone_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").write_text('public_url = "http://forum.example.org"\n')
    result = run(tmp_path, "check")
    assert (result.exit_code, result.output.count("Warning: ")) == (0, 1)


def test_check_says_that_nothing_is_wrong_and_makes_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, "check")
    assert (result.exit_code, result.output) == (0, "Nothing is wrong with the settings.\n")
    assert list(tmp_path.iterdir()) == []


def test_check_of_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    result = run(tmp_path / "none", "check")
    assert result.exit_code == 1
    assert "There is no instance folder" in result.output


def test_show_tells_values_and_origins_and_hides_passwords(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").touch(0o600)
    (tmp_path / "forum.toml").write_text(
        '\ndatabase = "postgresql://ada:tops3cret@host/name"\nsmtp_password = "tops3cret"\n'
        "threads = 3\n"
    )
    result = run(tmp_path, "show", FORUM_THREADS="5", FORUM_PLUGINS="one,two")
    assert result.exit_code == 0
    shown = dict(line.split(" = ", 1) for line in result.output.splitlines())
    assert shown["threads"] == "5  # FORUM_THREADS"
    assert shown["plugins"] == '["one", "two"]  # FORUM_PLUGINS'
    assert shown["workers"] == "2  # default"
    place = f"{tmp_path}/forum.toml, line"
    assert shown["database"] == f'"postgresql://ada:***@host/name"  # {place} 2'
    assert shown["smtp_password"] == f'"(hidden)"  # {place} 3'
    assert "tops3cret" not in result.output


def test_show_says_that_something_is_unfit(tmp_path: Path) -> None:
    result = run(tmp_path, "show", FORUM_THREADS="0")
    assert result.exit_code == 1
    assert "threads = 4  # default" in result.output
    assert "`forum config check` says what is wrong." in result.output


def test_example_is_printed(tmp_path: Path) -> None:
    assert run(tmp_path, "example").output == example_file()
