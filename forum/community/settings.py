"""Settings that the community decides on pages, each defined once in the code that it changes.

A feature defines its own in ``settings.py`` with ``define``; pages, commands and the log of changes
follow from the definition. What is decided on the machine stands in ``forum.config`` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from forum.errors import Invalid
from forum.text.lines import is_readable_line
from forum.text.word_list import words_in

T = TypeVar("T")

# Where a setting stands on the page: in this order, under these words.
AREAS: Mapping[str, Any] = {
    "reading": _("Who may read"),
    "accounts": _("Accounts"),
    "threads": _("Threads"),
    "spam": _("Against spam"),
    "keeping": _("How long things are kept"),
}


class Kind(Protocol[T]):
    """What a value may be. ``from_text`` raises ``Invalid`` with what to enter instead."""

    def from_text(self, text: str) -> T:
        """The value that somebody typed, in a form or a command."""

    def to_text(self, value: T) -> str:
        """The value as it is typed."""

    def words(self, value: T) -> str:
        """The value in words for people."""


@dataclass(frozen=True, slots=True)
class YesNo:
    """Whether something is so."""

    def from_text(self, text: str) -> bool:
        """``yes`` or ``no``."""
        if text not in ("yes", "no"):
            raise Invalid("", gettext("Enter yes or no."))
        return text == "yes"

    def to_text(self, value: bool) -> str:
        """``yes`` or ``no``."""
        return "yes" if value else "no"

    def words(self, value: bool) -> str:
        """Yes or no, in the reader's language."""
        return str(gettext("yes") if value else gettext("no"))


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from ``least`` to ``most``."""

    least: int
    most: int

    def from_text(self, text: str) -> int:
        """The number; other digits than 0 to 9 are none."""
        digits = text.strip()
        # Python reads other scripts' digits and underscores, too, and numbers without end.
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1
        if not self.least <= number <= self.most:
            message = gettext(
                "Enter a number from %(least)d to %(most)d.", least=self.least, most=self.most
            )
            raise Invalid("", message)
        return number

    def to_text(self, value: int) -> str:
        """Its digits."""
        return str(value)

    def words(self, value: int) -> str:
        """Its digits."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Days(Number):
    """A time in days, from ``least`` to ``most``."""

    def words(self, value: int) -> str:
        """So many days."""
        return str(ngettext("%(num)s day", "%(num)s days", value))


@dataclass(frozen=True, slots=True)
class DaysOrEver:
    """A time in days, from ``least`` to ``most``, or None: without end."""

    least: int
    most: int

    def from_text(self, text: str) -> int | None:
        """So many days; nothing, or ``never``, where there is no end."""
        if text.strip().lower() in ("", "never"):
            return None
        return Number(self.least, self.most).from_text(text)

    def to_text(self, value: int | None) -> str:
        """Its digits, or nothing."""
        return "" if value is None else str(value)

    def words(self, value: int | None) -> str:
        """So many days, or that there is no end."""
        if value is None:
            return str(gettext("without end"))
        return Days(self.least, self.most).words(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: what is kept, and the words for it."""

    options: Mapping[str, Any]

    def from_text(self, text: str) -> str:
        """One of the options."""
        if text not in self.options:
            message = gettext("Choose one of these: %(options)s.", options=", ".join(self.options))
            raise Invalid("", message)
        return text

    def to_text(self, value: str) -> str:
        """Itself."""
        return value

    def words(self, value: str) -> str:
        """What the option is called."""
        return str(self.options[value])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, which may be empty."""

    most: int

    def from_text(self, text: str) -> str:
        """The line with its white space folded."""
        folded = " ".join(text.split())
        if len(folded) > self.most:
            raise Invalid("", gettext("Shorten this to %(most)d characters.", most=self.most))
        if not is_readable_line(folded):
            raise Invalid("", gettext("Leave invisible characters out of this."))
        return folded

    def to_text(self, value: str) -> str:
        """Itself."""
        return value

    def words(self, value: str) -> str:
        """Itself."""
        return value or str(gettext("nothing"))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Words and what they stand for, a line each: ``ABC = Always Be Calm``; there may be none.

    Attributes:
        most: so many pairs at most.
        short, long: characters that a word, and what it stands for, may have.
    """

    most: int
    short: int
    long: int

    def from_text(self, text: str) -> dict[str, str]:
        """The pairs in the order in which they were typed; empty lines count for nothing."""
        pairs: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                word, meaning = self._pair(line, number)
                if pairs.get(word, meaning) != meaning:
                    raise Invalid("", gettext("“%(word)s” is there twice. Keep one.", word=word))
                pairs[word] = meaning
        if len(pairs) > self.most:
            raise Invalid("", gettext("Enter at most %(most)d lines.", most=self.most))
        return pairs

    def _pair(self, line: str, number: int) -> tuple[str, str]:
        word, equals, meaning = (" ".join(part.split()) for part in line.partition("="))
        if not (equals and word and meaning and " " not in word):
            raise Invalid("", gettext("Line %(n)d is not like “ABC = Always Be Calm”.", n=number))
        if len(word) > self.short or len(meaning) > self.long:
            message = gettext(
                "Line %(n)d is too long: before the equals sign %(short)d characters may stand, "
                "behind it %(long)d.",
                n=number,
                short=self.short,
                long=self.long,
            )
            raise Invalid("", message)
        if not is_readable_line(word + meaning):
            raise Invalid("", gettext("Leave invisible characters out of line %(n)d.", n=number))
        return word, meaning

    def to_text(self, value: dict[str, str]) -> str:
        """A line for each pair."""
        return "\n".join(f"{word} = {meaning}" for word, meaning in value.items())

    def words(self, value: dict[str, str]) -> str:
        """The pairs, one after the other."""
        pairs = "; ".join(f"{word} = {meaning}" for word, meaning in value.items())
        return pairs or str(gettext("nothing"))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words and phrases, a line each; there may be none.

    Attributes:
        most: so many lines at most.
        length: characters that a line may have.
    """

    most: int
    length: int

    def from_text(self, text: str) -> list[str]:
        """The phrases, each once, in the order in which they were typed; empty lines count for
        nothing, and two that differ only in what does not count are one."""
        phrases: dict[tuple[str, ...], str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if phrase := " ".join(line.split()):
                phrases.setdefault(self._words(phrase, number), phrase)
        if len(phrases) > self.most:
            raise Invalid("", gettext("Enter at most %(most)d lines.", most=self.most))
        return list(phrases.values())

    def _words(self, phrase: str, number: int) -> tuple[str, ...]:
        if len(phrase) > self.length:
            message = gettext(
                "Shorten line %(n)d to %(most)d characters.", n=number, most=self.length
            )
            raise Invalid("", message)
        if not is_readable_line(phrase):
            raise Invalid("", gettext("Leave invisible characters out of line %(n)d.", n=number))
        if not (words := words_in(phrase)):
            raise Invalid("", gettext("Line %(n)d has no letter and no digit.", n=number))
        return tuple(words)

    def to_text(self, value: list[str]) -> str:
        """A line for each phrase."""
        return "\n".join(value)

    def words(self, value: list[str]) -> str:
        """The phrases, one after the other."""
        return "; ".join(value) or str(gettext("nothing"))


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
