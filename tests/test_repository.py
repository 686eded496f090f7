"""What the repository keeps: pins that fit, and nothing of the machine it was made on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

# Written in pieces, so that this file does not find itself.
INDEX_HOSTS = [
    ["py", "pi.org"],
    ["py", "thonhosted.org"],
    ["registry.np", "mjs.org"],
    ["registry.ya", "rnpkg.com"],
    ["crates", ".io"],
    ["proxy.go", "lang.org"],
    ["deb.de", "bian.org"],
    ["archive.ubu", "ntu.com"],
    ["--index", "-url"],
    ["--extra-index", "-url"],
    ["--find", "-links"],
]
MACHINE_PATHS = [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"], ["/Us", "ers/"], ["/opt/", "py"]]
FORBIDDEN = re.compile(
    "|".join(
        [re.escape("".join(pieces)) for pieces in INDEX_HOSTS]
        + [rf"(?<![\w.]){re.escape(''.join(pieces))}" for pieces in MACHINE_PATHS]
    )
)
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;\\]+)(?P<marker>[^\\]*)\\$")


def forbidden_lines(name: str, text: str) -> list[str]:
    """The lines of a file that name an index, a registry or a place on somebody's machine."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for number, line in enumerate(text.splitlines(), start=1)
        if FORBIDDEN.search(line)
    ]


def _files() -> list[Path]:
    # New files count before they are added, ignored ones never.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this is not a git checkout, so nobody knows which files belong to it")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_an_index_or_a_place_on_a_machine() -> None:
    found = []
    for path in _files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += forbidden_lines(str(path.relative_to(ROOT)), text)
    assert found == []


def test_planted_host_and_path_are_found() -> None:
    planted = "fine\nsee https://" + "py" + "pi.org/simple\ncd /wo" + "rk/somewhere\n/t/12/3\n"
    assert [line.split(":")[1] for line in forbidden_lines("planted", planted)] == ["2", "3"]


def _pins(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / name).read_text("utf-8").splitlines():
        if match := PINNED.match(line):
            pins.setdefault(match["name"], set()).add(match["version"])
    return pins


def _asked(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [project["project"]["optional-dependencies"][extra] for extra in extras]
    if not extras:
        lists = [project["project"]["dependencies"], project["build-system"]["requires"]]
    return [Requirement(text) for texts in lists for text in texts]


@pytest.mark.parametrize(
    ("name", "extras"), [("runtime.txt", ()), ("test.txt", ("test",)), ("lint.txt", ("lint",))]
)
def test_pins_fit_what_the_project_asks_for(name: str, extras: tuple[str, ...]) -> None:
    pins = _pins(name)
    unfit = [
        f"{wanted}: pinned {sorted(pins.get(wanted.name.lower(), set())) or 'nowhere'}"
        for wanted in _asked(*extras)
        if not any(
            wanted.specifier.contains(pin, prereleases=True)
            for pin in pins.get(wanted.name.lower(), set())
        )
    ]
    assert unfit == [], "run script/requirements"


def test_tests_run_with_the_packages_that_the_forum_runs_with() -> None:
    runtime, test = _pins("runtime.txt"), _pins("test.txt")
    assert {name: test.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", ["runtime.txt", "test.txt", "lint.txt"])
def test_every_line_of_the_requirements_is_a_pin_or_its_hash(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    hashes = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
    assert [line for line in lines if not PINNED.match(line) and not hashes.match(line)] == []
