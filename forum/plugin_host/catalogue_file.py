"""Catalogues in the form in which they are looked up."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def as_mo(catalogue: Catalog) -> bytes:
    """What stands in ``messages.mo``; always the same bytes for the same words."""
    # Babel writes both times down, as the present one where the catalogue names none.
    catalogue.creation_date = catalogue.revision_date = LONG_AGO
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()
