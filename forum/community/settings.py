"""Settings that the community decides on pages, each defined once in the code that it changes.

A feature defines its own in ``settings.py`` with ``define``; pages, commands and the log of changes
follow from the definition. What is decided on the machine stands in ``forum.config`` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask_babel import lazy_gettext as _

from forum.setting_kinds import (
    Choice,
    Days,
    DaysOrEver,
    Kind,
    Line,
    Number,
    Pairs,
    Phrases,
    TimesOfDay,
    YesNo,
)

__all__ = [
    "AREAS",
    "Choice",
    "Days",
    "DaysOrEver",
    "Kind",
    "Line",
    "Number",
    "Pairs",
    "Phrases",
    "Setting",
    "TimesOfDay",
    "YesNo",
    "define",
    "defined_settings",
]

T = TypeVar("T")

# Where a setting stands on the page: in this order, under these words.
AREAS: Mapping[str, Any] = {
    "reading": _("Who may read"),
    "accounts": _("Accounts"),
    "threads": _("Threads"),
    "spam": _("Against spam"),
    "keeping": _("How long things are kept"),
}


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A setting: what it may be, what it is until somebody decides, and what people read about it.

    ``help`` says in plain words what it changes and for whom; ``area`` is one of ``AREAS``.
    """

    name: str
    area: str
    kind: Kind[T]
    default: T
    label: Any
    help: Any = field(default="")

    @property
    def kept_as(self) -> str:
        """What its value is kept under."""
        return self.name

    @property
    def is_secret(self) -> bool:
        """Whether its value is shown to nobody: never; secrets of the core stand in files."""
        return False

    @property
    def stays(self) -> bool:
        """Whether it is kept also at its default: never, so that a better default of a later version
        reaches whoever never decided otherwise."""
        return False


_defined: dict[str, Setting[Any]] = {}


def define(setting: Setting[T]) -> Setting[T]:
    """Make a setting known to pages and commands, once for its name.

    Raises:
        ValueError: the name is taken, the area unknown, or the default no possible value.
    """
    if setting.name in _defined or setting.area not in AREAS:
        raise ValueError(f"the setting {setting.name} is there already, or has no area")
    kind = setting.kind
    if kind.from_text(kind.to_text(setting.default)) != setting.default:
        raise ValueError(f"the setting {setting.name} cannot be its default")
    _defined[setting.name] = setting
    return setting


def defined_settings() -> list[Setting[Any]]:
    """All settings in the order of their areas, and in each as they were defined."""
    order = list(AREAS)
    return sorted(_defined.values(), key=lambda setting: order.index(setting.area))
