"""What the settings are at this moment.

Every visit brings what was changed from its default along, in the statement that it needs anyway;
what has no visit asks once for each request or job. So a change holds at once in all processes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from flask import g
from flask_babel import gettext
from sqlalchemy import ScalarSelect, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from forum import db as database
from forum.community import models
from forum.community.settings import defined_settings
from forum.db import Statement
from forum.errors import Invalid, NotFound
from forum.hookspecs import PluginSetting
from forum.plugin_host import current_host
from forum.setting_kinds import Defined
from forum.traces import trace_of

T = TypeVar("T")
log = logging.getLogger("forum.plugins")


class in_object(FunctionElement[str]):  # noqa: N801 - used like a function
    """Names and JSON values of rows as one JSON object: ``(SELECT in_object(name, value) …)``."""

    type = String()
    inherit_cache = True


@compiles(in_object, "sqlite")
def _in_object_of_sqlite(element: in_object, compiler: SQLCompiler, **options: Any) -> str:
    name, value = (compiler.process(clause, **options) for clause in element.clauses)
    return f"json_group_object({name}, json({value}))"


@compiles(in_object, "postgresql")
def _in_object_of_postgresql(element: in_object, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_object_agg({compiler.process(element.clauses, **options)})::text"


CHANGED: ScalarSelect[str] = select(
    in_object(models.Setting.name, models.Setting.value)
).scalar_subquery()
_ASKED: Statement = select(CHANGED)


def note_settings(changed: str | None) -> None:
    """Keep for this request what a statement with ``CHANGED`` has found."""
    g.settings = changed or ""


def forget_settings() -> None:
    """Ask anew at the next use, because some were changed."""
    g.pop("settings", None)


def value_of(setting: Defined[T]) -> T:
    """What the setting is, of the core or of a plugin; its default also where what is kept is no possible
    value any more, and nothing makes it one."""
    if "settings" not in g:
        note_settings(database.value(_ASKED))
    found: T
    if isinstance(setting, PluginSetting):
        found = _value_of_plugin(g.settings, setting)
    else:
        found = _values(g.settings).get(setting.name, setting.default)
    return found


@lru_cache(maxsize=64)
def _values(changed: str) -> Mapping[str, Any]:
    kept = json.loads(changed or "{}")
    return {
        setting.name: value
        for setting in defined_settings()
        if setting.name in kept and _is_possible(setting, value := kept[setting.name])
    }


@lru_cache(maxsize=256)
def _value_of_plugin(changed: str, setting: PluginSetting[Any]) -> Any:
    kept = json.loads(changed or "{}")
    if setting.kept_as in kept and _is_possible(setting, value := kept[setting.kept_as]):
        return value
    plugin = setting.name.partition(".")[0]
    own = {
        name[len(plugin) + 1 :]: value
        for name, value in kept.items()
        if name.startswith((f"{plugin}.", f"{plugin}:"))
    }
    return _upgraded(setting, own) if own and setting.upgrade else setting.default


def _upgraded(setting: PluginSetting[Any], own: Mapping[str, Any]) -> Any:
    assert setting.upgrade is not None
    try:
        value = setting.upgrade(own)
    # The plugin's own code, which may meet what it never expected.
    except Exception as error:
        log.error("%s: its old value cannot be upgraded: %s", setting.name, trace_of(error))
        return setting.default
    return value if _is_possible(setting, value) else setting.default


def _is_possible(setting: Defined[Any], value: Any) -> bool:
    # A backup of another version may hold what this one does not know.
    try:
        return bool(setting.kind.from_text(setting.kind.to_text(value)) == value)
    except (Invalid, KeyError, TypeError, ValueError, AttributeError):
        return False


def all_settings() -> list[Defined[Any]]:
    """Those of the core, and behind them those of the plugins that run."""
    return [*defined_settings(), *current_host().settings]


def setting_named(name: str) -> Defined[Any]:
    """The setting of this name, of the core or of a plugin.

    Raises:
        NotFound: there is none.
    """
    for setting in all_settings():
        if setting.name == name:
            return setting
    raise NotFound(gettext("There is no such setting."))
