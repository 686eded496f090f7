"""What the community decides about threads and who may read them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from forum.community.settings import Number, Setting, YesNo, define

FEEDS = define(
    Setting(
        name="feeds",
        area="reading",
        kind=YesNo(),
        default=True,
        label=_("Offer feeds of new posts"),
        help=_(
            "Feeds show posts that guests may read to programs that look for new ones. Without "
            "feeds their addresses answer that there is no such page."
        ),
    )
)
PINNED = define(
    Setting(
        name="pinned_threads",
        area="threads",
        kind=Number(1, 20),
        default=5,
        label=_("Threads that may be pinned in a category"),
        help=_("They stand first in its list. More than a few hide what is new."),
    )
)
