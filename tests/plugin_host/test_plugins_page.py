"""``docs/plugins.md`` names what is there: files, keys of the manifest, what may be imported and called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forum import plugin_api
from forum.plugin_host.manifest import OPTIONAL, REQUIRED
from forum.plugin_host.outlining import write_plugin
from forum.testing.factories import Factories
from forum.testing.plugin_forum import PluginForum

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
OWNERS = {"forum.": PluginForum, "forum.make.": Factories, "": plugin_api}


def first_cells(page: str, heading: str) -> list[str]:
    """What is named in the first column of the table with this heading."""
    table = page.split(heading, 1)[1].split("\n\n", 1)[0]
    return [
        name
        for line in table.splitlines()[2:]
        for name in re.findall(r"`(.+?)`", line.split("|")[1])
    ]


def missing_calls(page: str) -> list[str]:
    """What the page calls that is not there."""
    called = re.findall(r"`((?:forum\.(?:make\.)?)?)([a-z_]+)\(", page)
    return [before + name for before, name in called if not hasattr(OWNERS[before], name)]


def test_every_key_of_the_manifest_stands_on_the_page() -> None:
    assert sorted(first_cells(PAGE, "| Key |")) == sorted([*REQUIRED, *OPTIONAL])


def test_every_file_that_the_page_names_is_written(tmp_path: Path) -> None:
    write_plugin(tmp_path / "kiln", "kiln")
    package = tmp_path / "kiln" / "forum_kiln"
    assert [n for n in first_cells(PAGE, "| File |") if not (package / n).exists()] == []
    assert "LONGEST = " in (package / "actions.py").read_text()


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
