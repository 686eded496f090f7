"""The forum as a wheel: everything it needs is in it, and it starts where there is no checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from forum.testing.capabilities import missing
from forum.testing.site import Site

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("themes", "migrations", "instance.example")
UNREACHABLE = re.compile(r"NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def _tracked(*folders: str) -> set[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this is not a git checkout, so nobody knows which files belong to it")
    return {name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()}


def test_wheel_holds_the_package_and_what_ships_with_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if n.startswith("forum/")}
    shipped = {f"forum/{name}" for name in _tracked(*SHIPPED)}
    assert names == _tracked("forum") | shipped


def test_wheel_holds_the_plugins_that_ship_without_their_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if n.startswith("forum_")}
        (entries,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
        said = archive.read(entries).decode()
    tracked = {name.removeprefix("plugins/") for name in _tracked("plugins/forum_*")}
    assert names == {name for name in tracked if "/tests/" not in name}
    for package in {name.partition("/")[0] for name in names}:
        plugin = package.removeprefix("forum_").replace("_", "-")
        assert f"{plugin} = {package}.hooks" in said


def _install(folder: Path, wheel: Path, config: pytest.Config) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    pins = str(ROOT / "requirements" / "runtime.txt")
    run = subprocess.run(
        [*pip, "--require-hashes", "--requirement", pins], capture_output=True, text=True
    )
    if run.returncode and UNREACHABLE.search(run.stderr):
        missing(config, "the package index", "pip could not reach it to install the requirements")
    assert run.returncode == 0, run.stderr
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    return folder / "bin" / "forum"


@pytest.mark.full
def test_installed_wheel_starts_and_answers(
    wheel: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    forum = _install(tmp_path / "venv", wheel, pytestconfig)
    site = Site(tmp_path / "instance", command=[str(forum), "serve"])
    site.start()
    try:
        with urllib.request.urlopen(site.url) as answer:
            page = answer.read().decode()
        assert (answer.status, "<title>" in page) == (200, True)
        # What is enabled from the start runs, and is found by its entry point.
        assert urllib.request.urlopen(f"{site.url}/ask").status == 200
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        assert [urllib.request.urlopen(site.url + path).status for path in styles] == [200] * len(
            styles
        )
        assert styles, "the theme came along"
    finally:
        status = site.stop()
    assert status == 0
