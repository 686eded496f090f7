"""``forum review``: what the reviewers say of texts, for programs."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from forum.discussion.reviewing import Occasion

log = logging.getLogger(__name__)

LONGEST_LINE = 2 * 1024 * 1024
"""Bytes: the largest HTML that is reviewed, were each sign of it written as an escape."""


@click.command("review")
@click.option(
    "--jsonl",
    "as_lines",
    is_flag=True,
    help="Read texts from standard input and write what is found, one JSON object a line.",
)
@click.option("--all", "all_posts", is_flag=True, help="Have all posts reviewed again.")
@click.option("--language", help="Language of the texts, such as fr. Default: the community's.")
@click.pass_obj
def review(instance: Path, as_lines: bool, all_posts: bool, language: str | None) -> None:
    """Say what the reviewers find in texts that are no posts yet, or have all posts reviewed again.

    With --jsonl, each line of standard input is {"id": …, "markdown": …} or {"id": …, "html": …}.
    For each, in order, one line is written: {"id", "html", "findings", "removed", "hold"}. A line
    that cannot be reviewed gives {"id", "error"}; the others go on, and the exit status is 1.

    With --all, the worker reviews the present version of every post, as after a change of a rule.
    """
    from forum.cli import application

    if as_lines == all_posts:
        raise click.UsageError("Give either --jsonl or --all.")
    if all_posts:
        _order(instance)
        return
    with application(instance):
        failed = False
        for answer in answers_to(sys.stdin.buffer, _occasion(language)):
            failed = failed or "error" in answer
            click.echo(json.dumps(answer))
            sys.stdout.flush()
    sys.exit(1 if failed else 0)


def _order(instance: Path) -> None:
    from forum.cli_changes import change
    from forum.discussion.review_actions import order_review
    from forum.permissions import OPERATOR

    count = change(instance, lambda: order_review(OPERATOR))
    click.echo(f"Posts to be reviewed again by the worker: {count}. No text is changed.")


def _occasion(language: str | None) -> Occasion:
    from forum.accounts.checks import is_language
    from forum.accounts.queries import guest_visit
    from forum.categories.queries import all_categories
    from forum.discussion.reviewing import Occasion

    if language is not None and not is_language(language):
        raise click.BadParameter(f"{language!r} is no language tag, such as fr or pt-BR.")
    community = guest_visit().community.language
    first = next((category.id for category in all_categories()), 0)
    return Occasion(language or community, community, category_id=first)


def answers_to(lines: IO[bytes], occasion: Occasion) -> Iterator[dict[str, Any]]:
    """The answer to each line, before the next is read; ``occasion`` is that of all texts."""
    from forum.errors import Invalid
    from forum.spoken import spoken

    while line := lines.readline(LONGEST_LINE + 1):
        identifier: str | int | None = None
        try:
            if len(line) > LONGEST_LINE:
                _skip_rest(lines, line)
                raise Invalid("line", f"The line is longer than {LONGEST_LINE} bytes.")
            if not line.strip():
                continue
            facts = _read(line)
            identifier = _identifier(facts)
            yield _reviewed(identifier, facts, occasion)
        except Invalid as error:
            yield {"id": identifier, "error": spoken(error.message)}
        except Exception:
            # A fault of ours must not take the lines after it away.
            log.exception("a text could not be reviewed")
            yield {"id": identifier, "error": "This text could not be reviewed; see the log."}


def _skip_rest(lines: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = lines.readline(LONGEST_LINE)


def _read(line: bytes) -> dict[str, Any]:
    from forum.errors import Invalid

    try:
        facts = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid("line", "The line is not JSON.") from error
    if not isinstance(facts, dict):
        raise Invalid("line", "The line is no JSON object, such as {…}.")
    return facts


def _identifier(facts: dict[str, Any]) -> str | int:
    from forum.errors import Invalid

    identifier = facts.get("id")
    if not isinstance(identifier, str | int) or isinstance(identifier, bool):
        raise Invalid("id", "The line needs an “id” that is a text or a whole number.")
    return identifier


def _reviewed(identifier: str | int, facts: dict[str, Any], occasion: Occasion) -> dict[str, Any]:
    from forum.discussion.reviewing import as_facts, review_given_html, review_markdown
    from forum.errors import Invalid

    given = {name: facts[name] for name in ("markdown", "html") if name in facts}
    if len(given) != 1:
        raise Invalid("line", "The line needs either “markdown” or “html”, and not both.")
    ((kind, text),) = given.items()
    if not isinstance(text, str):
        raise Invalid("line", f"“{kind}” is not a text.")
    read = review_markdown if kind == "markdown" else review_given_html
    return as_facts(identifier, read(text, occasion))
