"""Letters as administrators see them: to whom, of what kind, when, and what became of them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from forum.admin.listing import Column, Filter, Listing
from forum.notifications.models import SentMail

_STATES = {"waiting": _("waiting"), "sent": _("sent"), "set aside": _("set aside")}
_state = SentMail.state.expression

MAIL = Listing(
    name="mail",
    title=_("Sent mail"),
    empty=_("No letter was sent yet."),
    source=SentMail.__table__,
    key=SentMail.id.expression,
    columns=(
        Column("recipient", _("Recipient"), SentMail.recipient.expression, searched=True),
        Column("kind", _("Kind"), SentMail.kind.expression, searched=True),
        Column("state", _("State"), _state, words=_STATES),
        Column("created_at", _("First tried"), SentMail.created_at.expression),
        Column("sent_at", _("Sent"), SentMail.sent_at.expression),
        Column("attempts", _("Attempts"), SentMail.attempts.expression),
        Column("job", _("Job"), SentMail.job_id.expression),
    ),
    filters=(Filter("state", _("State"), _state, _STATES),),
)
