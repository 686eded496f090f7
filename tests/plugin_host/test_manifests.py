"""Plugins in folders and packages: found by their manifests, and imported only when they run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.specifiers import SpecifierSet

from forum import __version__
from forum.app import create_app
from forum.cli import main
from forum.plugin_host import PluginHost
from forum.plugin_host.discovery import find_plugins
from forum.plugin_host.loading import load_plugins
from forum.plugin_host.manifest import BrokenManifest, Dependency, Manifest, read_manifest
from forum.testing.application import close

GOOD = """\
name = "quiet"
title = "Quiet hours"
version = "1.2"
requires_forum = ">=0.1"
"""
# Whoever imports it leaves a trace; so a test can tell that nobody did.
TRACE = "import pathlib\npathlib.Path(__file__).with_name('imported').touch()\n"
HOOKS = "from forum.plugin_api import hookimpl\n\n@hookimpl\ndef review_draft():\n    return []\n"

Write = Callable[..., Path]


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Write]:
    """Writes a plugin into ``plugins/forum_<name>``."""
    folder = tmp_path / "plugins"

    def write(name: str = "quiet", *, manifest: str = GOOD, hooks: str = HOOKS) -> Path:
        package = folder / f"forum_{name}"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(TRACE)
        (package / "hooks.py").write_text(hooks)
        (package / "plugin.toml").write_text(manifest.replace('"quiet"', f'"{name}"'))
        return package

    before = set(sys.modules)
    yield write
    for module in [m for m in sys.modules.keys() - before if m.startswith("forum_")]:
        del sys.modules[module]


def states(folder: Path, *wanted: str, safe_mode: bool = False) -> dict[str, str]:
    """What becomes of the plugins in a folder: state and reason of each."""
    found = load_plugins(PluginHost(), find_plugins([folder], []), wanted, safe_mode=safe_mode)
    return {p.name: f"{p.state}: {p.reason}".removesuffix(": ") for p in found}


def test_manifest_says_all_there_is_to_say(tmp_path: Path) -> None:
    more = (
        'with = ["with_post_published"]\npersonal_data = "Who is quiet when."\n'
        'dependencies = ["talks>=1", "norms"]\n'
    )
    (tmp_path / "plugin.toml").write_text(GOOD + more)
    manifest = read_manifest(tmp_path)
    versions = manifest.requires_forum
    writes = ("with_post_published",)
    needs = (Dependency("norms", SpecifierSet()), Dependency("talks", SpecifierSet(">=1")))
    assert manifest == Manifest(
        "quiet", "Quiet hours", "1.2", versions, writes, "Who is quiet when.", needs
    )
    assert str(versions) == ">=0.1"
    assert [manifest.may_write(h) for h in ("with_post_published", "with_case_needed")] == [
        True,
        False,
    ]


BROKEN = {
    "not TOML": ("name = ", "plugin.toml is not TOML: "),
    "brackets without end": ("a = " + "[" * 20_000, "plugin.toml is not TOML: "),
    "nothing": ("", "plugin.toml lacks name, title, version, requires_forum"),
    "too much": ("#" * 70_000, "plugin.toml is larger than 64 KiB"),
    "no title": (GOOD.replace("title", "#"), "plugin.toml lacks title"),
    "unknown": (GOOD + "colour = 3\n", "plugin.toml has colour, which Folkmoot does not know."),
    "name with a space": (GOOD.replace("quiet", "Quiet Hours"), "name has small letters"),
    "name that is a number": (GOOD.replace('"quiet"', "3"), "name has small letters"),
    "name of a room": (GOOD.replace("quiet", "moderation"), "name is moderation, which is a part"),
    "title of two lines": (GOOD.replace("hours", "\\n"), "title must be one line"),
    "title without end": (GOOD.replace("hours", "h" * 81), "title must be a text of 1 to 80"),
    "version": (GOOD.replace("1.2", "newest"), "version must be a version, such as 1.0.2"),
    "version that is a number": (GOOD.replace('"1.2"', "1.2"), "version must be a version"),
    "range": (GOOD.replace(">=0.1", "0.1 or so"), "requires_forum must be a range"),
    "empty range": (GOOD.replace(">=0.1", ""), "requires_forum must be a range"),
    "range that is a list": (GOOD.replace('">=0.1"', "[]"), "requires_forum must be a range"),
    "a dependency alone": (GOOD + 'dependencies = "norms"\n', "dependencies must be a list of 20"),
    "too many": (GOOD + f"dependencies = {['n'] * 21}\n", "dependencies must be a list of 20"),
    "a dependency twice": (
        GOOD + 'dependencies = ["a", "a>1"]\n',
        "dependencies names a plugin tw",
    ),
    "a number": (GOOD + "dependencies = [3]\n", "dependencies must be plugins' names"),
    "a wrong range": (GOOD + 'dependencies = ["a 3"]\n', "dependencies must be plugins' names"),
    "an address": (GOOD + 'dependencies = ["a @ file:///b"]\n', "dependencies must be plugins' "),
    "an extra": (GOOD + 'dependencies = ["a[b]"]\n', "dependencies must be plugins' names"),
    "with a word": (GOOD + 'with = "all"\n', "with must be true, or a list of hooks"),
    "with another hook": (GOOD + 'with = ["check_post"]\n', "with must be true, or a list"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_manifest_is_named_and_its_plugin_never_imported(plugin: Write, kind: str) -> None:
    text, reason = BROKEN[kind]
    folder = plugin(manifest=text)
    with pytest.raises(BrokenManifest) as broken:
        read_manifest(folder)
    assert str(broken.value).startswith(reason)
    assert states(folder.parent, "quiet") == {"quiet": f"refused: {broken.value}"}
    assert not (folder / "imported").exists()


def test_only_what_is_wanted_is_imported(plugin: Write) -> None:
    wanted, unwanted = plugin("one"), plugin("two")
    assert states(wanted.parent, "one") == {"one": "running", "two": "not enabled"}
    assert [(f / "imported").exists() for f in (wanted, unwanted)] == [True, False]


def test_safe_mode_imports_nothing(plugin: Write) -> None:
    folder = plugin()
    assert states(folder.parent, "quiet", safe_mode=True) == {"quiet": "left out: safe mode"}
    assert not (folder / "imported").exists()


def test_plugin_for_a_newer_forum_is_never_imported(plugin: Write) -> None:
    folder = plugin(manifest=GOOD.replace(">=0.1", ">=7.1, <8"))
    reason = f"refused: needs Folkmoot ≥ 7.1 and < 8, and this is {__version__}"
    assert states(folder.parent, "quiet") == {"quiet": reason}
    assert not (folder / "imported").exists()


def test_plugin_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert states(tmp_path / "nowhere", "ghost") == {
        "ghost": "refused: there is no plugin of this name"
    }


def needing(*plugins: str) -> str:
    """The manifest of a plugin that needs these."""
    return GOOD + f"dependencies = {list(plugins)}\n"


def test_plugins_come_behind_those_they_need(plugin: Write) -> None:
    folder = plugin("a", manifest=needing("c>=1", "b"))
    plugin("b", manifest=needing("c"))
    plugin("c")
    host, found = PluginHost(), find_plugins([folder.parent], [])
    load_plugins(host, found, ["a", "b", "c"])
    assert [i.plugin for i in host.implementations("review_draft")] == ["c", "b", "a"]


LACKING = {
    "absent": (needing("ghost"), "needs ghost, which is not there"),
    "off": (needing("off"), "needs off, which does not run (not enabled)"),
    "too old": (needing("fine>=2,<3"), "needs fine ≥ 2 and < 3, and that is 1.2"),
    "broken": (needing("bad"), "needs bad, which does not run (cannot be imported: "),
    "broken manifest": (needing("worse"), "needs worse, which does not run (plugin.toml lacks "),
    "itself": (needing("quiet"), "needs itself: quiet → quiet"),
    "in a circle": (needing("fine", "far"), "needs itself: quiet → far → near → quiet"),
}


@pytest.mark.parametrize("kind", LACKING)
def test_plugin_that_lacks_another_is_never_imported(plugin: Write, kind: str) -> None:
    manifest, reason = LACKING[kind]
    folder = plugin(manifest=manifest)
    for name in ("fine", "off"):
        plugin(name)
    plugin("bad", hooks="raise RuntimeError('the kiln is cold')")
    plugin("worse", manifest="")
    plugin("far", manifest=needing("near"))
    plugin("near", manifest=needing("quiet"))
    leaning = plugin("leaning", manifest=needing("quiet"))
    became = states(folder.parent, "quiet", "fine", "bad", "worse", "far", "near", "leaning")
    assert became["quiet"].startswith(f"refused: {reason}")
    assert became["leaning"].startswith(f"refused: needs quiet, which does not run ({reason}")
    assert became["fine"] == "running"
    assert [(each / "imported").exists() for each in (folder, leaning)] == [False, False]


def test_folder_called_otherwise_is_refused(plugin: Write) -> None:
    folder = plugin().rename(plugin("other").parent / "forum_loud")
    assert states(folder.parent, "quiet")["quiet"] == (
        "refused: its folder must be called forum_quiet"
    )


def test_name_belongs_to_the_first_who_has_it(plugin: Write, tmp_path: Path) -> None:
    first = plugin()
    second = tmp_path / "more" / "forum_quiet"
    second.mkdir(parents=True)
    (second / "plugin.toml").write_text(GOOD)
    found = find_plugins([first.parent, second.parent], [])
    assert [(one.place, one.fault) for one in found] == [
        (str(first), ""),
        (str(second), f"another plugin has this name: {first}"),
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_of_two_of_a_name_the_one_that_runs_is_shown_and_the_other_named(
    plugin: Write, tmp_path: Path, instance: Path, database: str
) -> None:
    first = plugin()
    second = tmp_path / "more" / "forum_quiet"
    second.mkdir(parents=True)
    (second / "plugin.toml").write_text(GOOD)
    (instance / "forum.toml").write_text(
        f'plugin_folders = ["{first.parent}", "{second.parent}"]\n'
    )
    close(create_app(instance, database=database))
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}

    def said(*words: str) -> list[str]:
        done = CliRunner().invoke(main, ["plugins", *words], env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()

    also = f"another of this name is not used: {second}"
    assert said("list") == ["quiet 1.2 – Quiet hours", f"    not enabled: {also}", f"    {first}"]
    said("enable", "quiet")
    assert said("list") == ["quiet 1.2 – Quiet hours", f"    running: {also}", f"    {first}"]


FAILING = {
    "raise RuntimeError('the kiln is cold')": "RuntimeError: the kiln is cold (hooks.py, line 1)",
    "def f(:\n": "SyntaxError: invalid syntax (hooks.py, line 1)",
    "import nowhere_at_all": "ModuleNotFoundError: No module named 'nowhere_at_all' "
    "(hooks.py, line 1)",
    "import sys; sys.exit(3)": "SystemExit: 3 (hooks.py, line 1)",
    "class Odd(BaseException): pass\nraise Odd": "Odd (hooks.py, line 2)",
}


@pytest.mark.parametrize("hooks", FAILING)
def test_plugin_that_cannot_be_imported_is_named_with_its_reason(plugin: Write, hooks: str) -> None:
    folder = plugin(hooks=hooks)
    said = states(folder.parent, "quiet")["quiet"]
    assert said == f"refused: cannot be imported: {FAILING[hooks]}"


def test_plugin_without_hooks_is_named(plugin: Write) -> None:
    folder = plugin()
    (folder / "hooks.py").unlink()
    assert states(folder.parent, "quiet")["quiet"].startswith(
        "refused: cannot be imported: ModuleNotFoundError: No module named 'forum_quiet.hooks'"
    )


def test_with_hook_needs_the_manifests_word(plugin: Write) -> None:
    writing = HOOKS.replace("review_draft():\n    return []", "with_post_published(post):\n    ...")
    folder = plugin("plain", hooks=writing)
    plugin("writer", hooks=writing, manifest=GOOD + 'with = ["with_post_published"]\n')
    plugin("other", hooks=writing, manifest=GOOD + 'with = ["with_case_needed"]\n')
    refused = (
        "refused: with_post_published writes in the forum's transaction, and this plugin may not"
    )
    assert states(folder.parent, "plain", "writer", "other") == {
        "plain": refused,
        "other": refused,
        "writer": "running",
    }


def test_package_is_found_by_its_entry_point(
    plugin: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = plugin()
    monkeypatch.syspath_prepend(folder.parent)
    entry = EntryPoint("quiet", "forum_quiet.hooks", "forum.plugins")
    found = find_plugins([], [entry])
    assert [(f.name, f.folder, f.fault) for f in found] == [("quiet", folder.resolve(), "")]
    assert not (folder / "imported").exists()
    host = PluginHost()
    [loaded] = load_plugins(host, found, ["quiet"])
    assert (loaded.state, [i.id for i in host.implementations("review_draft")]) == (
        "running",
        ["quiet:review_draft"],
    )
    # The same package, found in both ways, is one plugin.
    assert len(find_plugins([folder.parent], [entry])) == 1


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("quiet", "forum_nowhere.hooks", "its package forum_nowhere is not installed"),
        ("quiet", "json.tool", "there is no plugin.toml in its package json"),
        ("quiet", "abc", "there is no plugin.toml in its package abc"),
        ("quiet", "not a module!", "its entry point names no module"),
        ("loud", "forum_quiet.hooks", "its entry point must be called quiet"),
    ],
)
def test_entry_point_that_leads_nowhere_is_named(
    plugin: Write, monkeypatch: pytest.MonkeyPatch, name: str, value: str, fault: str
) -> None:
    monkeypatch.syspath_prepend(plugin().parent)
    [found] = find_plugins([], [EntryPoint(name, value, "forum.plugins")])
    assert (found.name, found.fault) == (name, fault)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_forum_runs_what_its_settings_name(plugin: Write, instance: Path, database: str) -> None:
    folder = plugin("one")
    plugin("bad", hooks="raise RuntimeError('no')")
    plugin("off")
    (instance / "forum.toml").write_text(
        f'plugins = ["one", "bad"]\nplugin_folders = ["{folder.parent}"]\n'
    )
    app = create_app(instance, database=database)
    assert app.test_client().get("/").status_code == 200
    close(app)
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
    listed = CliRunner().invoke(main, ["plugins", "list"], env=environment)
    assert listed.exit_code == 0
    assert listed.stdout.replace(str(folder.parent), "plugins").splitlines() == [
        "bad 1.2 – Quiet hours",
        "    refused: cannot be imported: RuntimeError: no (hooks.py, line 1)",
        "    plugins/forum_bad",
        "off 1.2 – Quiet hours",
        "    not enabled",
        "    plugins/forum_off",
        "one 1.2 – Quiet hours",
        "    running",
        "    plugins/forum_one",
    ]
