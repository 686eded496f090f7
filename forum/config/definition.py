"""What one setting is: its default, what it is for, and what it may be.

A setting is a field of ``Settings`` that is made with ``setting()``. Everything else follows from
that: how it is read and checked, ``instance.example/forum.toml``, ``docs/settings.md`` and
``forum config show``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, get_type_hints

_KINDS = {str: str, int: int, bool: bool, bool | None: bool, tuple[str, ...]: tuple}
_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_WORDS |= {"false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class About:
    """What a definition says besides name, kind and default. See ``setting``."""

    about: str
    group: str
    values: str
    example: Any
    least: int | None
    most: int | None
    choices: Sequence[str]
    check: Callable[[Any], str] | None
    mask: Callable[[str], str] | None


def setting(
    default: Any,
    about: str,
    *,
    group: str,
    values: str = "",
    example: Any = None,
    least: int | None = None,
    most: int | None = None,
    choices: Sequence[str] = (),
    check: Callable[[Any], str] | None = None,
    mask: Callable[[str], str] | None = None,
) -> Any:
    """The field of one setting.

    Args:
        default: what holds where nothing is set.
        about: what it is, in whole sentences.
        group: the heading under which it is documented.
        values: what it may be, as the end of "must be …"; made from the other arguments if empty.
        example: what the documents show where the default says little.
        least: the smallest number allowed; ``most`` the largest.
        choices: the only texts allowed.
        check: given a value of the right kind, says how to mend it, or nothing.
        mask: the value of a secret as it may be shown. A fault never quotes a secret.
    """
    said = About(about, group, values, example, least, most, choices, check, mask)
    return field(default=default, metadata={"setting": said})


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting.

    Attributes:
        name: as it stands in ``forum.toml``.
        kind: ``str``, ``int``, ``bool`` or ``tuple`` (of texts).
        default: what holds where nothing is set.
        said: the rest.
    """

    name: str
    kind: type
    default: Any
    said: About

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"FORUM_{self.name.upper()}"

    @property
    def values(self) -> str:
        """What it may be, as the end of "must be …"."""
        said = self.said
        if said.values:
            return said.values
        if said.choices:
            quoted = [f'"{choice}"' for choice in said.choices]
            return " or ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part)
        if self.kind is int:
            end = "or more" if said.most is None else f"to {said.most}"
            return f"a whole number, {said.least} {end}"
        plain = {bool: "true or false", str: "a text", tuple: 'a list such as ["one", "two"]'}
        return plain[self.kind]

    def read(self, value: Any) -> Any:
        """The value as this kind; texts come from the environment, where everything is one.

        Raises:
            ValueError: it cannot be used; the message says why, and how to mend it.
        """
        found = _as_kind(self.kind, value)
        if found is None or not self._is_allowed(found):
            raise ValueError(self._refusal(value, ""))
        mend = self.said.check(found) if self.said.check else ""
        if mend:
            raise ValueError(self._refusal(value, mend))
        return found

    def _is_allowed(self, value: Any) -> bool:
        said = self.said
        if self.kind is int:
            return (said.least is None or value >= said.least) and (
                said.most is None or value <= said.most
            )
        return not said.choices or value in said.choices

    def _refusal(self, value: Any, mend: str) -> str:
        but_is = "" if self.said.mask else f", but is {as_toml(value)}"
        return f"{self.name} must be {self.values}{but_is}. {mend}".rstrip()

    def shown(self, value: Any) -> str:
        """The value as TOML, a secret masked."""
        if self.said.mask and value:
            value = self.said.mask(value)
        return as_toml(value)


def _as_kind(kind: type, value: Any) -> Any:
    """The value as this kind, or ``None``."""
    if kind is bool and isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    if kind is int and isinstance(value, str):
        word = value.strip()
        return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None
    if kind is tuple:
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
            return None
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    return value if type(value) is kind else None


def as_toml(value: Any) -> str:
    """A value as it would stand in ``forum.toml``; a long one is cut."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(as_toml(each) for each in value)}]"
    if isinstance(value, str):
        value = value if len(value) <= 200 else value[:200] + "…"
        return '"' + "".join(_escaped(letter) for letter in value) + '"'
    return str(value)[:200]


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\u{ord(letter):04X}"


def definitions_of(settings: type) -> dict[str, Definition]:
    """The settings that a class has, by name, in the order in which they stand there."""
    hints = get_type_hints(settings)
    return {
        each.name: _definition(each, hints[each.name])
        for each in fields(settings)
        if "setting" in each.metadata
    }


def _definition(each: Field[Any], hint: Any) -> Definition:
    return Definition(each.name, _KINDS[hint], each.default, each.metadata["setting"])
