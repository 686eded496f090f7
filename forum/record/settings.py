"""What the community decides about the moderators' record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from forum.community.settings import Setting, YesNo, define

PUBLIC_LOG = define(
    Setting(
        name="public_log",
        area="reading",
        kind=YesNo(),
        default=False,
        label=_("Show everybody what moderators do"),
        help=_(
            "A page, linked from “About”, says on which day moderators did what in which category that "
            "guests may read, and what was undone: without names, threads, posts and reasons."
        ),
    )
)
