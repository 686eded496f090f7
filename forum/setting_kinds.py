"""What a setting may be: how a value is typed, kept and told. Settings of the core and of plugins are
made of these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from flask_babel import gettext, ngettext

from forum.errors import Invalid
from forum.text.lines import is_readable_line
from forum.text.word_list import words_in

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def told(setting: Defined[Any], value: Any) -> str:
    """The value in words for people; of a secret only whether there is one."""
    if setting.is_secret:
        return str(gettext("set") if setting.kind.to_text(value) else gettext("not set"))
    return setting.kind.words(value)


class Defined(Protocol[T_co]):
    """A setting, of the core or of a plugin."""

    @property
    def name(self) -> str:
        """What it is called in forms and commands."""

    @property
    def kept_as(self) -> str:
        """What its value is kept under."""

    @property
    def kind(self) -> Kind[Any]:
        """What its value may be."""

    @property
    def default(self) -> T_co:
        """What it is until somebody decides."""

    @property
    def label(self) -> Any:
        """What people read beside its field."""

    @property
    def help(self) -> Any:
        """What it changes, and for whom."""

    @property
    def is_secret(self) -> bool:
        """Whether its value is shown to nobody."""

    @property
    def stays(self) -> bool:
        """Whether it is kept also at its default."""


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
class TimesOfDay:
    """Times of the community's own clock, such as ``07:00, 15:00``; kept in the order of the day.

    Attributes:
        least, most: so many of them.
        apart: so many hours at least from each to the next, round midnight, too.
    """

    least: int
    most: int
    apart: int = 0

    def from_text(self, text: str) -> list[str]:
        """The times, each once."""
        found = [_TIME.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
        times = {f"{int(one[1]):02}:{one[2]}" for one in found if one is not None}
        if None in found or not self.least <= len(times) <= self.most:
            message = gettext(
                "Enter times such as 07:00, 15:00: at least %(least)d, at most %(most)d.",
                least=self.least,
                most=self.most,
            )
            raise Invalid("", message)
        if _shortest(sorted(times)) < self.apart * 60:
            message = gettext(
                "Leave at least %(hours)d hours between two times, also from the last one to the first "
                "one of the next day.",
                hours=self.apart,
            )
            raise Invalid("", message)
        return sorted(times)

    def to_text(self, value: list[str]) -> str:
        """The times with commas between them."""
        return ", ".join(value)

    def words(self, value: list[str]) -> str:
        """The times with commas between them."""
        return ", ".join(value) or str(gettext("nothing"))


def _shortest(times: list[str]) -> int:
    """The minutes from one of these times to the next, where that is soonest; a day where there is one."""
    day = 24 * 60
    minutes = [int(time[:2]) * 60 + int(time[3:]) for time in times]
    round_midnight = [*minutes, *(first + day for first in minutes[:1])]
    return min((later - earlier for earlier, later in pairwise(round_midnight)), default=day)


_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
