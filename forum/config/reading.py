"""Where settings come from: ``forum.toml``, then the environment, then options."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from forum.config.faults import ConfigError, Fault, at_line
from forum.config.file import read_file
from forum.config.passwords import with_passwords
from forum.config.rights import open_to_others
from forum.config.settings import DEFINITIONS, Settings
from forum.config.together import contradictions_in

# The rest of the environment that begins like our settings.
NOT_SETTINGS = {
    "FORUM_INSTANCE",
    "FORUM_TEST_REQUIRE",
    "FORUM_TEST_DISK",
    "FORUM_CHROMIUM",
    "FORUM_PYTHON",
}
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        settings: the settings; one that cannot be used has its default.
        origins: where each comes from, by name: file and line, variable, option, or ``default``.
        faults: everything that is wrong, also what is only worth a warning.
    """

    settings: Settings
    origins: Mapping[str, str]
    faults: tuple[Fault, ...]

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What the forum runs with all the same."""
        return tuple(fault for fault in self.faults if fault.is_warning)

    def required(self) -> Settings:
        """The settings.

        Raises:
            ConfigError: one cannot be used; it names all of them.
        """
        if faults := [fault for fault in self.faults if not fault.is_warning]:
            raise ConfigError(faults)
        return self.settings


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=lambda: dict.fromkeys(DEFINITIONS, DEFAULT))
    unfit: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def take(self, name: str, value: Any, place: str, line: int = 0) -> None:
        """One value from one place; what comes later wins."""
        try:
            self.values[name] = DEFINITIONS[name].read(value)
        except ValueError as error:
            self.unfit.add(name)
            self.faults.append(Fault(place, str(error), line=line))
        else:
            self.unfit.discard(name)
            self.origins[name] = at_line(place, line)


def read_settings(
    instance: Path, *, environ: Mapping[str, str] | None = None, **options: Any
) -> Reading:
    """The settings of ``instance`` and everything that is wrong with them.

    ``forum.toml`` is overridden by ``FORUM_*``, and that by options that are not ``None``.
    """
    draft = _Draft()
    path = instance / "forum.toml"
    from_file = _take_file(draft, path)
    _take_environment(draft, os.environ if environ is None else environ)
    _take_options(draft, {name: value for name, value in options.items() if value is not None})
    settings = replace(Settings(instance=instance.resolve()), **draft.values)
    settings, unread = with_passwords(settings, draft.origins)
    draft.faults += unread
    draft.faults += _too_open(path, from_file)
    draft.faults += _contradictions(settings, draft)
    return Reading(settings, draft.origins, tuple(draft.faults))


def load_settings(
    instance: Path, *, environ: Mapping[str, str] | None = None, **options: Any
) -> Settings:
    """The settings of ``instance``: its ``forum.toml``, overridden by ``FORUM_*``, then by options.

    Raises:
        ConfigError: something cannot be used; it names every place and its mend.
    """
    return read_settings(instance, environ=environ, **options).required()


def _take_file(draft: _Draft, path: Path) -> dict[str, Any]:
    found, faults = read_file(path)
    draft.faults += faults
    for each in found:
        if each.name in DEFINITIONS:
            draft.take(each.name, each.value, str(path), each.line)
        else:
            message = _unknown(each.name, DEFINITIONS)
            draft.faults.append(Fault(str(path), message, line=each.line))
    draft.faults.sort(key=lambda fault: fault.line)
    return {each.name: each.value for each in found}


def _take_environment(draft: _Draft, environ: Mapping[str, str]) -> None:
    variables = {definition.variable: name for name, definition in DEFINITIONS.items()}
    for variable in sorted(environ):
        if variable in variables and environ[variable]:
            draft.take(variables[variable], environ[variable], variable)
        elif variable.startswith("FORUM_") and variable not in {*variables, *NOT_SETTINGS}:
            draft.faults.append(Fault("the environment", _unknown(variable, variables)))


def _take_options(draft: _Draft, options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name in DEFINITIONS:
            draft.take(name, value, f"--{name.replace('_', '-')}")
        else:
            draft.faults.append(Fault("the options", _unknown(name, DEFINITIONS)))


def _unknown(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, list(known), n=1)
    meant = f" Did you mean {nearest[0]}?" if nearest else " Remove it."
    return f"Folkmoot has no setting {name[:60]}.{meant} `forum config show` lists all."


def _too_open(path: Path, values: Mapping[str, Any]) -> Iterator[Fault]:
    masks = {name: d.said.mask for name, d in DEFINITIONS.items() if d.said.mask}
    secret = [
        name
        for name, value in values.items()
        if name in masks and isinstance(value, str) and value and masks[name](value) != value
    ]
    if secret and open_to_others(path):
        names = " and ".join(secret)
        message = (
            f"it holds a password ({names}), and every user of this machine can read it. Type: "
            f"chmod 600 {path}"
        )
        yield Fault(str(path), message)


def _contradictions(settings: Settings, draft: _Draft) -> Iterator[Fault]:
    for each in contradictions_in(settings):
        # What is said of a default that stands for an unfit value would only confuse.
        if draft.unfit.isdisjoint(each.names):
            name = each.names[0]
            place = draft.origins[name]
            place = place if place != DEFAULT else "not set"
            yield Fault(place, f"{name}: {each.message}", each.is_warning)
