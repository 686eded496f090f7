"""What people read about the settings, written from their definitions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forum.config.definition import Definition, as_toml
from forum.config.settings import DEFINITIONS, GROUPS

WIDTH = 100

_ABOUT_FILE = """\
# Settings of this installation. Every line may be left out. A line that has a # before its name is
# not in force: it shows the default, or an example where it says "Not set".
# The same name as FORUM_<NAME> in the environment overrides the file, an option overrides both.
# `forum config check` says what is wrong, `forum config show` what is in force and where from.
"""
_ABOUT_PAGE = """\
# Settings

Written by `script/settings` from the definitions in `forum/config/settings.py`.

A setting stands in `forum.toml` in the instance folder, or in the environment as `FORUM_` and its
name in capitals, which wins; an option of a command wins over both. In the environment a list has
commas between its parts. A change is effective with the next start.

`forum config check` names everything that is wrong in one go, with file, line and mend; its status is
1 when the forum would not start, else 0. `forum config show` lists what is in force, and where each
comes from.
"""


def example_file() -> str:
    """The ``forum.toml`` of a new installation."""
    return "\n".join([_ABOUT_FILE, *(part for group in GROUPS for part in _section(group))])


def _section(group: str) -> Iterator[str]:
    yield f"\n# ---- {group} ----\n"
    for definition in _in(group):
        # Backquotes are for pages.
        about = f"{definition.said.about} {_not_set(definition)}".strip().replace("`", "")
        yield _wrapped(about, "# ")
        yield f"# {definition.name} = {as_toml(_shown_value(definition))}\n"


def reference_page() -> str:
    """``docs/settings.md``."""
    return "\n".join([_ABOUT_PAGE, *(part for group in GROUPS for part in _chapter(group))])


def _chapter(group: str) -> Iterator[str]:
    yield f"## {group}\n"
    for definition in _in(group):
        yield f"### `{definition.name}`\n"
        yield _wrapped(definition.said.about) + "\n"
        yield _wrapped(f"- Must be {definition.values}.", after="  ")
        default = as_toml(definition.default)
        yield f"- Default: {'not set' if _not_set(definition) else f'`{default}`'}."
        yield f"- In the environment: `{definition.variable}`.\n"


def _in(group: str) -> list[Definition]:
    return [each for each in DEFINITIONS.values() if each.said.group == group]


def _not_set(definition: Definition) -> str:
    return "Not set." if definition.default in ("", (), None) else ""


def _shown_value(definition: Definition) -> Any:
    shows = _not_set(definition) and definition.said.example is not None
    return definition.said.example if shows else definition.default


def _wrapped(text: str, before: str = "", after: str | None = None) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=before,
        subsequent_indent=before if after is None else after,
        break_on_hyphens=False,
        break_long_words=False,
    )


def write_all(checkout: Path) -> list[Path]:
    """Write both files into a checkout: their paths."""
    pages = {
        checkout / "instance.example" / "forum.toml": example_file(),
        checkout / "docs" / "settings.md": reference_page(),
    }
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return list(pages)
