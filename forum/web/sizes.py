"""Sizes of files, as each language writes them."""

from __future__ import annotations

from babel.units import format_unit
from flask_babel import get_locale

_UNITS = ("digital-byte", "digital-kilobyte", "digital-megabyte", "digital-gigabyte")


def size(count: int) -> str:
    """So many bytes in the largest unit of which there is one, in the reader's language: ``1,2 MB``."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    # A size in whole bytes is no measurement, so it has no decimal places.
    written: str = format_unit(
        amount, _UNITS[unit], "short", format="#,##0.#", locale=get_locale() or "en"
    )
    return written
