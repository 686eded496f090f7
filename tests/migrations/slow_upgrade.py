"""Brings the database at an address to the present schema, a while for each statement.

    python slow_upgrade.py ADDRESS [--planted]

With ``--planted`` it commits after each statement, which leaves halves when it is killed.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from sqlalchemy import create_engine, event

from forum.db import engine_options, prepare_engine
from forum.migrate import upgrade

SECONDS = 0.02
changes = 0


def slowly(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Wait after a statement; say when something is changed for the first time."""
    global changes
    if statement.lstrip().upper().startswith(("CREATE", "ALTER")):
        if "--planted" in sys.argv:
            connection.connection.commit()
        if not changes:
            print("begun", flush=True)
        changes += 1
    time.sleep(SECONDS)


if __name__ == "__main__":
    engine = create_engine(sys.argv[1], **engine_options(sys.argv[1]))
    prepare_engine(engine)
    event.listen(engine, "after_cursor_execute", slowly)
    upgrade(engine)
