"""Pages of what reviewers said of posts."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _

from forum.accessibility.rules import RULES
from forum.discussion.finding_queries import OF_IMPORT, Narrowed, posts_with_findings
from forum.discussion.findings import told_findings
from forum.discussion.queries import ROWS_A_PAGE, post_facts, thread_facts
from forum.discussion.rules import can_edit, require_findings
from forum.permissions import HELP, require
from forum.review import Severity
from forum.web.addresses import number_from
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("findings", __name__)

SEVERITIES = {
    "block": _("Shuts somebody out"),
    "hold": _("For a moderator"),
    "warn": _("Could be better"),
    "hint": _("Advice"),
}


@pages.get("/moderation/findings")
def listed() -> Answer:
    """Posts of which something is open or was kept, the newest first; narrowed to a rule or a
    severity."""
    actor = current_actor()
    require(actor, HELP)
    narrowed = _narrowed()
    word = request.args.get("after")
    found = posts_with_findings(
        actor, narrowed, None if word is None else number_from(word, default=1)
    )
    shown = found[:ROWS_A_PAGE]
    words = {rule.id: rule.message for rule in RULES} | OF_IMPORT
    return render_template(
        "discussion/found.html",
        posts=[(post, sorted(Counter(post.rules).items(), key=_weight)) for post in shown],
        narrowed=narrowed,
        rules=sorted(words.items()),
        words=words,
        severities=SEVERITIES,
        older=_address(narrowed, after=shown[-1].id) if len(found) > len(shown) else None,
        newer=None if word is None else _address(narrowed),
    )


def _narrowed() -> Narrowed:
    """What the address asks for; what it cannot mean is as if it were not there."""
    severity = request.args.get("severity", "")
    return Narrowed(
        rule=request.args.get("rule", "")[:60].replace("\0", ""),
        severity=severity if severity in SEVERITIES else "",
        kept=request.args.get("state") == "kept",
    )


def _weight(counted: tuple[tuple[str, str], int]) -> tuple[int, str]:
    (rule, severity), _ = counted
    return Severity(severity).weight, rule


def _address(narrowed: Narrowed, **more: object) -> str:
    state = "kept" if narrowed.kept else ""
    values = {"rule": narrowed.rule, "severity": narrowed.severity, "state": state, **more}
    query = urlencode({name: value for name, value in values.items() if value})
    return f"/moderation/findings?{query}" if query else "/moderation/findings"


@pages.get("/t/<number:thread_id>/<number:number>/findings")
def of_post(thread_id: int, number: int) -> Answer:
    """What is open about a post's present version, and what was kept, by whom and since when."""
    actor = current_actor()
    thread = thread_facts(actor, thread_id)
    post = post_facts(thread, number)
    require_findings(actor, thread, post)
    told = told_findings(post.id, post.version, post.source, post.language)
    return render_template(
        "discussion/findings.html",
        thread=thread,
        post=post,
        open=[one for one in told if not one.is_kept],
        kept=[one for one in told if one.is_kept],
        may_edit=can_edit(actor, thread, post),
    )
