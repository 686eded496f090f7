"""Words for the places of drafts."""

from __future__ import annotations

import re

MOST_SPARES = 9
_PLACE = re.compile(r"(?:new|(?:reply|edit):[1-9][0-9]{0,17})(?:~[2-9])?")


def is_place(word: str) -> bool:
    """Whether a draft can have this place (see ``Draft.place``)."""
    return _PLACE.fullmatch(word) is not None


def base_place(place: str) -> str:
    """The place where the text would go, of a spare place, too."""
    return place.partition("~")[0]


def spare_places(place: str) -> list[str]:
    """Further places for drafts that would go to the same place."""
    return [f"{base_place(place)}~{n}" for n in range(2, MOST_SPARES + 1)]
