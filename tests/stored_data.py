"""``docs/stored-data.md`` as the tests read it: which columns hold something of a member."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Table

from forum.db import Base
from forum.plugin_host.tables import MARK
from forum_anonymous_questions.models import METADATA

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "stored-data.md").read_text("utf-8")
KINDS = ("personal", "content", "other")


def classified(page: str = PAGE) -> dict[str, str]:
    """The kind of each ``table.column`` that the page names."""
    found: dict[str, str] = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 5 or not re.fullmatch(r"`\w+`", cells[0]):
            continue
        for kind, cell in zip(KINDS, cells[1:4], strict=True):
            found |= {
                f"{cells[0].strip('`')}.{name}": kind for name in re.findall(r"`(\w+)`", cell)
            }
    return found


def all_columns() -> set[str]:
    """Every ``table.column`` of the core and of the plugins that ship with it."""
    tables = [*Base.metadata.sorted_tables, *_of_plugins()]
    return {f"{table.name}.{column.name}" for table in tables for column in table.columns}


def _of_plugins() -> list[Table]:
    # They name tables of the core, too, to which they point.
    return [table for table in METADATA.sorted_tables if MARK in table.name]


def columns_of_members() -> list[str]:
    """The columns of the core that hold something of a member, in their order."""
    return sorted(
        name for name, kind in classified().items() if kind != "other" and MARK not in name
    )
