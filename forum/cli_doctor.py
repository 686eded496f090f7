"""``forum doctor``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def doctor(instance: Path, as_json: bool) -> None:
    """Look at everything that keeps a forum well, and say what to do about what is not.

    A line for each part: ok, look (it works, but see to it) or wrong. The status is 0, 1 or 2
    accordingly. Nothing is changed and no letter is sent.
    """
    from forum.cli import require_instance
    from forum.doctor.examination import examined

    require_instance(instance)
    worst = 0
    for result in examined(instance):
        state = result.state.name.lower()
        worst = max(worst, result.state)
        if as_json:
            said = {"check": result.check, "state": state, "says": result.says, "next": result.next}
            click.echo(json.dumps(said, ensure_ascii=False))
        else:
            click.echo(f"{state:<6} {result.check:<14} {result.says}")
            if result.next:
                click.echo(f"{'':<21} → {result.next}")
    sys.exit(worst)
