"""A fresh look at what a composer holds while somebody types, as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, get_template_attribute, jsonify
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.limits import REVIEWS_BY_MEMBER, count_attempt
from forum.db import transaction
from forum.discussion.composer import fingerprints_in, prepared_from
from forum.discussion.forms import ComposerForm
from forum.discussion.languages import storable_language
from forum.discussion.panel import Panel, panel_of
from forum.errors import ForumError
from forum.review import Finding
from forum.spoken import spoken
from forum.web.errors import status_of
from forum.web.forms import gives_text_back, is_forged
from forum.web.visit import current_actor

pages = Blueprint("review", __name__)


@pages.post("/review")
@gives_text_back
def review() -> Response:
    """What the reviewers say of the text in a composer; nothing is written but that it was asked."""
    actor, form = current_actor(), ComposerForm()
    if not actor.is_member:
        return _refused(403, gettext("Sign in to do this."))
    if is_forged():
        return _refused(400, gettext("This page is too old. Preview keeps your text."))
    if not (form.source.data or "").strip():
        return _answer({"html": "", "findings": []}, Panel())
    try:
        with transaction():
            count_attempt(REVIEWS_BY_MEMBER, str(actor.id))
        # Whether it may be chosen is said when it is published.
        prepared = prepared_from(form, storable_language(form.language.data or ""))
    except ForumError as error:
        return _refused(status_of(error), error.message)
    panel = panel_of(prepared.source, prepared.review, fingerprints_in(form.kept.data))
    found = [_facts(finding) for finding in prepared.review.findings]
    return _answer({"html": prepared.html, "findings": found}, panel)


def _answer(facts: dict[str, Any], panel: Panel) -> Response:
    findings = get_template_attribute("discussion/panel.html", "findings")
    summary = get_template_attribute("discussion/panel.html", "summary")
    return jsonify(**facts, panel=findings(panel, {}), summary=summary(panel))


def _refused(status: int, why: str) -> Response:
    answer = jsonify(error=why)
    answer.status_code = status
    return answer


def _facts(finding: Finding) -> dict[str, Any]:
    span, repair = finding.span, finding.repair
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "wcag": finding.wcag,
        "act": list(finding.act),
        "message": spoken(finding.message),
        "help": spoken(finding.help),
        "span": [span.start, span.end] if span else None,
        "text": finding.text,
        "repair": repair
        and {
            "span": [repair.span.start, repair.span.end],
            "replacement": repair.replacement,
            "label": spoken(repair.label),
        },
    }
