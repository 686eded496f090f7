"""Whoever follows ``docs/plugins.md`` finds its commands, hooks and links, and its steps do what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from forum import plugin_api
from forum.cli import main
from forum.plugin_host import PluginHost
from forum.plugin_host.loading import _forget
from forum.plugin_host.manifest import OPTIONAL, REQUIRED
from forum.testing.catalogues import faults_in
from forum.testing.conformance import Conformance
from forum.testing.factories import Factories
from forum.testing.plugin_forum import PluginForum

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE = (DOCS / "plugins.md").read_text("utf-8")
OWNERS = {"forum.": PluginForum, "forum.make.": Factories, "": plugin_api}
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def part(page: str, heading: str) -> str:
    """What stands under a heading."""
    return re.split(r"^## ", page.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """What stands in the first column of the tables, word by word."""
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`(.+?)`", cell)]


def spans(page: str) -> list[str]:
    """All code within sentences."""
    sentences = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", sentences)]


def unknown_commands(page: str) -> list[str]:
    """The commands and options of ``forum`` that the page names and nobody can give."""
    written = [span for span in spans(page) if span.startswith("forum ")]
    written += re.findall(r"^    (forum [^#\n]+)", page, re.MULTILINE)
    # Several in a line.
    commands = [one.strip() for line in written for one in line.split("&&")]
    return [command for command in commands if not _is_command(command.split()[1:])]


def _is_command(words: list[str]) -> bool:
    command: click.Command = main
    while isinstance(command, click.Group) and words:
        found = command.commands.get(words[0])
        if found is None:
            return False
        command, words = found, words[1:]
    options = {option for one in command.params for option in one.opts}
    return all(word.partition("=")[0] in options for word in words if word.startswith("--"))


def unknown_hooks(page: str) -> list[str]:
    """What the page names as a hook and is none."""
    kinds = r"(?:register|filter|slot|review|check|with|export|on)_[a-z]\w*"
    named = {span for span in spans(page) if re.fullmatch(kinds, span)}
    return sorted(named - set(PluginHost().hooks))


def dead_links(page: str) -> list[str]:
    """Links to files, and places in this page, that are not there."""
    places_in = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    links = re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]*))?\)", page)
    return [
        file or place
        for file, place in links
        if (not (DOCS / file).exists() if file else place not in places_in)
    ]


def missing_calls(page: str) -> list[str]:
    """What the page calls that is not there."""
    called = re.findall(r"`((?:forum\.(?:make\.)?)?)([a-z_]+)\(", page)
    return [before + name for before, name in called if not hasattr(OWNERS[before], name)]


def test_commands_hooks_and_links_of_the_page_are_there() -> None:
    assert unknown_commands(PAGE) == []
    assert unknown_hooks(PAGE) == []
    assert dead_links(PAGE) == []
    modules = re.findall(r"python -m (forum[\w.]+)", PAGE)
    assert modules
    assert all(find_spec(module) for module in modules)


def test_commands_hooks_and_links_that_are_not_there_are_found() -> None:
    page = (
        "`forum plugins conjure x`, `forum plugins enable kiln --soon`, `forum plugins list`\n\n"
        "    forum kilns\n\n"
        "`on_full_moon` and `on_post_published`, [there](nowhere.md), [here](#page)\n"
    )
    assert unknown_commands(page) == [
        "forum plugins conjure x",
        "forum plugins enable kiln --soon",
        "forum kilns",
    ]
    assert unknown_hooks(page) == ["on_full_moon"]
    assert dead_links(page) == ["nowhere.md", "page"]


def test_what_the_page_calls_is_there() -> None:
    assert missing_calls(PAGE) == []
    assert missing_calls(PAGE.replace("`shown_thread(", "`seen_thread(")) == ["seen_thread"]


@pytest.mark.parametrize("number", range(PAGE.count("\n```python\n")))
def test_examples_can_be_read_as_python(number: int) -> None:
    source = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[number]
    compile(source, "docs/plugins.md", "exec")
    imported = re.findall(r"^from forum\.plugin_api import (.+)$", source, re.MULTILINE)
    names = [name.strip() for line in imported for name in line.split(",")]
    assert [name for name in names if name not in plugin_api.__all__] == []


def test_every_key_of_the_manifest_stands_on_the_page() -> None:
    assert sorted(first_cells(part(PAGE, "The manifest"))) == sorted([*REQUIRED, *OPTIONAL])


def test_what_the_page_gives_the_kit_is_what_it_takes() -> None:
    [block] = re.findall(r"^class TestConformance.*?(?=^```)", PAGE, re.MULTILINE | re.DOTALL)
    given = re.findall(r"^    (?:def )?(\w+)", block, re.MULTILINE)
    known = {*Conformance.__annotations__, *vars(Conformance)}
    assert given
    assert set(given) <= known


@pytest.fixture
def kiln(tmp_path: Path) -> Iterator[Path]:
    """The package that the first step writes."""
    folder = tmp_path / "folkmoot-kiln"
    done = CliRunner().invoke(main, ["plugins", "new", "kiln", "--folder", str(folder)])
    assert f'plugin_folders = ["{folder}"]' in done.output
    assert "forum plugins enable kiln" in done.output
    yield folder / "forum_kiln"
    _forget("forum_kiln")


def test_files_of_the_page_are_those_that_new_writes(kiln: Path) -> None:
    named = first_cells(part(PAGE, "The first one, in fifteen minutes"))
    # What is named elsewhere: the manifest has a part of its own, the templates stand there, too.
    others = {"__init__.py", "plugin.toml", "templates"}
    assert {name.rstrip("/") for name in named} == {path.name for path in kiln.iterdir()} - others


def test_what_the_page_has_changed_can_be_changed(kiln: Path) -> None:
    actions, routes = kiln / "actions.py", kiln / "routes.py"
    assert "LONGEST = 500\n" in actions.read_text()
    said = "One line, for nobody but you."
    assert said in routes.read_text()
    assert faults_in(kiln, ()) == []
    routes.write_text(routes.read_text().replace(said, "A line for yourself."))
    assert faults_in(kiln, ()) == ["de: is missing: 'A line for yourself.'"]


@ONE_KIND
def test_migration_of_the_page_makes_its_table(
    kiln: Path, instance: Path, database: str, only_migration: Callable[[Path], None]
) -> None:
    only_migration(kiln)
    forum = PluginForum(kiln, instance, database)
    try:
        forum.enable()
        assert (forum.state(), "kiln__firings" in forum.shape()) == ("running", True)
    finally:
        forum.close()


@pytest.fixture
def only_migration() -> Callable[[Path], None]:
    """Gives a plugin the migration that stands in the page, and no other nor any hook."""

    def give(package: Path) -> None:
        [(name, source)] = re.findall(
            r'^```python\n"""migrations/(\w+\.py)"""\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL
        )
        for path in (package / "migrations").iterdir():
            path.unlink()
        (package / "migrations" / name).write_text(source)
        (package / "hooks.py").write_text("")
        manifest = package / "plugin.toml"
        manifest.write_text(manifest.read_text().replace('["kiln.write"]', "[]"))

    return give
