"""What people read about the settings says what their definitions say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from forum.config import DEFINITIONS, Settings, read_settings
from forum.config.definition import definitions_of, setting
from forum.config.reference import example_file, reference_page
from forum.config.settings import GROUPS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_files_say_what_the_definitions_say() -> None:
    said = "differs from forum/config/settings.py: run script/settings"
    assert (ROOT / "instance.example" / "forum.toml").read_text() == example_file(), said
    assert (ROOT / "docs" / "settings.md").read_text() == reference_page(), said


def test_every_setting_is_defined_and_described() -> None:
    assert ["instance", *DEFINITIONS] == [field.name for field in fields(Settings)]
    for name, definition in DEFINITIONS.items():
        assert definition.said.group in GROUPS, name
        assert definition.said.about.endswith("."), name
        assert f"\n### `{name}`\n" in reference_page()


def test_every_setting_is_read_from_the_example_without_its_hash(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in example_file().splitlines()]
    wanted = [line for line in lines if line.partition(" = ")[0] in DEFINITIONS]
    # These two name files, or stand instead of another one.
    wanted = [line for line in wanted if "_password_file = " not in line]
    (tmp_path / "forum.toml").touch(0o600)
    (tmp_path / "forum.toml").write_text("\n".join(wanted))
    reading = read_settings(tmp_path, environ={})
    assert [str(fault) for fault in reading.faults if not fault.is_warning] == []
    assert len(wanted) == len(DEFINITIONS) - 2


def test_example_sets_nothing(tmp_path: Path) -> None:
    assert tomllib.loads(example_file()) == {}


def test_every_default_is_a_value_that_may_be_set() -> None:
    for definition in DEFINITIONS.values():
        if definition.default is not None:
            assert definition.read(definition.default) == definition.default


def test_definition_that_changes_changes_what_is_read_about_it() -> None:
    @dataclass
    class Changed:
        speed: int = setting(3, "How fast.", group="Limits", least=1, most=9)

    definition = definitions_of(Changed)["speed"]
    assert (definition.values, definition.variable) == ("a whole number, 1 to 9", "FORUM_SPEED")
    with pytest.raises(ValueError, match=r"^speed must be a whole number, 1 to 9, but is 10\.$"):
        definition.read(10)
