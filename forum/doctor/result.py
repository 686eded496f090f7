"""What a look at one part of an installation found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """How a part is; the number is the command's status when nothing is worse."""

    OK = 0
    LOOK = 1
    WRONG = 2


@dataclass(frozen=True, slots=True)
class Result:
    """One line of ``forum doctor``.

    Attributes:
        check: which part.
        state: how it is.
        says: what was found.
        next: what to do; empty where nothing is to be done.
    """

    check: str
    state: State
    says: str
    next: str = ""


def ok(check: str, says: str) -> Result:
    """Nothing is to be done."""
    return Result(check, State.OK, says)


def look(check: str, says: str, next_: str) -> Result:
    """It works, but somebody should look."""
    return Result(check, State.LOOK, says, next_)


def wrong(check: str, says: str, next_: str) -> Result:
    """People are harmed by it, or will be."""
    return Result(check, State.WRONG, says, next_)
