"""What the community decides about its moderators' desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from forum.community.settings import Days, Setting, define

DAYS_TO_DECIDE = define(
    Setting(
        name="days_to_decide",
        area="spam",
        kind=Days(0, 90),
        default=3,
        label=_("Days in which a post that waits is decided about"),
        help=_(
            "When nobody has decided by then, it is published with a line above it that says so, "
            "and moderators can still look at it. Not what may do harm, nor a newcomer's post with "
            "links. 0: it waits for a person without end."
        ),
    )
)
