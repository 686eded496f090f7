"""What is wrong with an installation: the place, what is wrong there, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that whoever runs the forum should mend.

    Attributes:
        place: a file and line, a variable of the environment, an option or a file; may be empty.
        message: what is wrong, and what to do. It never quotes a password.
        is_warning: the forum runs all the same.
        line: its line, where ``place`` is a file.
    """

    place: str
    message: str
    is_warning: bool = False
    line: int = 0

    def __str__(self) -> str:
        return f"{at_line(self.place, self.line)}: {self.message}" if self.place else self.message


def at_line(place: str, line: int) -> str:
    """A place for people; line 0 is none."""
    return f"{place}, line {line}" if line else place


class ConfigError(Exception):
    """The forum cannot run like this; the message names each place and its mend, one a line."""

    def __init__(self, faults: str | Iterable[Fault]) -> None:
        self.faults = (Fault("", faults),) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
