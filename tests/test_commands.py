"""``script/serve`` on a machine that has only Python: what it installs, and when it does not.

The Python in these tests is a shell script that notes how it is called, so that nothing is
downloaded; ``tests/test_wheel.py`` installs for real.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# `python3 -m venv --clear FOLDER` puts a copy of itself there, and a `forum` that says its options.
FAKE_PYTHON = """#!/bin/sh
echo "$@" >>"$CALLS"
case "$*" in
    --version) echo "Python 3.11.9" ;;
    -c*) exit "${PYTHON_IS_UNFIT:-0}" ;;
    *"-m venv"*)
        rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python"
        printf '#!/bin/sh\\necho "forum $* in $FORUM_INSTANCE"\\n' >"$4/bin/forum"
        chmod +x "$4/bin/forum" ;;
    *install*) exit "${INSTALLING_FAILS:-0}" ;;
esac
"""


class Machine:
    """A folder with a checkout, and a PATH on which only a Python and the usual tools are."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.calls, self.bin = folder / "forum", folder / "calls", folder / "bin"
        shutil.copytree(ROOT / "script", self.checkout / "script")
        shutil.copytree(ROOT / "requirements", self.checkout / "requirements")
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        self.bin.mkdir()
        (self.bin / "python3").write_text(FAKE_PYTHON)
        (self.bin / "python3").chmod(0o755)
        for tool in ("sh", "dirname", "cat", "cmp", "rm", "mkdir", "cp", "chmod"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def serve(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``script/serve`` to its end."""
        return subprocess.run(
            [str(self.checkout / "script" / "serve"), *options],
            env={"PATH": str(self.bin), "CALLS": str(self.calls), **environment},
            capture_output=True,
            text=True,
        )

    def installations(self) -> list[str]:
        """What pip was asked to install since this was last asked."""
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return [call.partition(" install ")[2] for call in calls if " install " in call]

    @property
    def first_installations(self) -> list[str]:
        """What a fresh machine installs."""
        checkout = self.checkout.resolve()
        return [
            f"--require-hashes --requirement {checkout}/requirements/runtime.txt",
            f"--no-deps --no-build-isolation --editable {checkout}",
        ]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which the forum was never started."""
    return Machine(tmp_path)


def test_first_start_installs_pinned_packages_and_starts(machine: Machine) -> None:
    run = machine.serve("--bind", "127.0.0.1:9000")
    instance = machine.checkout.resolve() / "instance"
    assert run.stdout == f"forum serve --bind 127.0.0.1:9000 in {instance}\n"
    assert machine.installations() == machine.first_installations
    assert len(run.stderr.splitlines()) == 2, run.stderr


def test_second_start_installs_nothing_and_says_nothing(machine: Machine) -> None:
    machine.serve()
    machine.installations()
    run = machine.serve(FORUM_INSTANCE="/srv/potters")
    assert (run.stdout, run.stderr) == ("forum serve in /srv/potters\n", "")
    assert not machine.calls.exists(), "Python was started"


def test_start_on_a_ready_machine_takes_no_time(machine: Machine) -> None:
    machine.serve()
    seconds = []
    for _ in range(5):
        before = time.monotonic()
        machine.serve()
        seconds.append(time.monotonic() - before)
    assert min(seconds) < 0.1, seconds


@pytest.mark.parametrize("changed", ["requirements/runtime.txt", "pyproject.toml"])
def test_changed_requirements_are_installed_at_the_next_start(
    machine: Machine, changed: str
) -> None:
    machine.serve()
    machine.installations()
    with (machine.checkout / changed).open("a") as file:
        file.write("# changed\n")
    machine.serve()
    assert machine.installations() == machine.first_installations


def test_moved_checkout_is_installed_again(machine: Machine) -> None:
    machine.serve()
    machine.installations()
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))
    machine.serve()
    assert machine.installations() == machine.first_installations


def test_named_python_takes_the_place_of_another(machine: Machine) -> None:
    machine.serve()
    machine.installations()
    newer = machine.bin / "python3.13"
    newer.write_text(FAKE_PYTHON.replace("3.11.9", "3.13.0"))
    newer.chmod(0o755)
    changed = machine.serve(FORUM_PYTHON="python3.13")
    assert "Making .venv with Python 3.13.0 …" in changed.stderr
    assert machine.installations() == machine.first_installations
    again = machine.serve(FORUM_PYTHON="python3.13")
    assert (again.returncode, again.stderr, machine.installations()) == (0, "", [])


def test_named_python_that_is_not_there_is_explained(machine: Machine) -> None:
    machine.serve()
    run = machine.serve(FORUM_PYTHON="python4")
    assert (run.returncode, run.stdout) == (1, "")
    assert "Found: no python4 on PATH." in run.stderr


def test_failed_installation_is_said_and_done_afresh_next_time(machine: Machine) -> None:
    failed = machine.serve(INSTALLING_FAILS="1")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "run the same command again" in failed.stderr
    machine.installations()
    again = machine.serve()
    assert "Making .venv" in again.stderr
    assert machine.installations() == machine.first_installations


def test_python_that_is_too_old_is_explained(machine: Machine) -> None:
    run = machine.serve(PYTHON_IS_UNFIT="1")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines()[:2] == [
        "Folkmoot needs Python 3.11 or newer with its venv module.",
        "Found: Python 3.11.9.",
    ]


def test_machine_without_python_is_explained(machine: Machine) -> None:
    (machine.bin / "python3").unlink()
    run = machine.serve()
    assert run.returncode == 1
    assert "Found: no python3 on PATH." in run.stderr


@pytest.mark.parametrize(
    "script", ["script/serve", "script/test", "script/requirements", ".ci/run"]
)
def test_commands_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
