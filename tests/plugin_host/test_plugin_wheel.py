"""A plugin's wheel, installed beside a forum, is all that the forum needs to run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from forum.plugin_host.outlining import write_plugin

pytestmark = pytest.mark.full


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in which the wheel of a new plugin is installed, and nothing else."""
    write_plugin(tmp_path / "source", "my-kiln")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path / "source")
    [wheel] = tmp_path.glob("*.whl")
    # Of pure Python, so that to install it is to unpack it (PEP 427).
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    return tmp_path / "installed"


def forum(instance: Path, installed: Path, *words: str) -> list[str]:
    """What the command says, with the plugin installed."""
    command = [sys.executable, "-m", "forum.cli", "--instance", str(instance), *words]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FORUM_")}
    path = os.pathsep.join([str(installed), *filter(None, [environment.get("PYTHONPATH")])])
    done = subprocess.run(
        command, capture_output=True, text=True, env={**environment, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_plugin_runs_from_its_wheel(tmp_path: Path, installed: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    forum(instance, installed, "migrate")
    forum(instance, installed, "plugins", "enable", "my-kiln")
    forum(instance, installed, "migrate")
    said = forum(instance, installed, "plugins", "list")
    at = said.index("my-kiln 0.1 – My kiln")
    assert said[at + 1].strip() == "running"
    assert said[at + 2].strip() == "entry point my-kiln = forum_my_kiln.hooks"
    catalogues = [path.name for path in installed.rglob("translations/de/LC_MESSAGES/*")]
    assert sorted(catalogues) == ["messages.mo", "messages.po"]
