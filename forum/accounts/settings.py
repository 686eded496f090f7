"""What the community decides about accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from forum.accounts.passwords import SHORTEST
from forum.community.settings import Choice, Days, Line, Number, Setting, YesNo, define

LONGEST_SESSION = 365

MEMBER_PAGES = define(
    Setting(
        name="member_pages",
        area="reading",
        kind=Choice(
            {"everyone": _("Everyone, guests too"), "members": _("Only members who signed in")}
        ),
        default="everyone",
        label=_("Who may see members' pages"),
        help=_(
            "Guests see a member's page only if that member has written something they may read. "
            "Names stand beside posts in any case."
        ),
    )
)
CONTACT = define(
    Setting(
        name="contact",
        area="reading",
        kind=Line(200),
        default="",
        label=_("Whom to turn to"),
        help=_(
            "How to reach whoever runs this forum, in a line: a name, a room, a telephone number, "
            "an address. Everybody reads it under “About”."
        ),
    )
)
PASSWORD_LENGTH = define(
    Setting(
        name="password_length",
        area="accounts",
        kind=Number(SHORTEST, 64),
        default=SHORTEST,
        label=_("Characters that a password needs"),
        help=_("For new passwords; those that members have stay as they are."),
    )
)
SESSION_DAYS = define(
    Setting(
        name="session_days",
        area="accounts",
        kind=Days(1, LONGEST_SESSION),
        default=60,
        label=_("Days after which members sign in anew"),
        help=_(
            "Counted from when they signed in. It holds for who signs in from now on; those who "
            "are signed in stay so for as long as they were promised."
        ),
    )
)
PROOF = define(
    Setting(
        name="proof_of_work",
        area="spam",
        kind=YesNo(),
        default=True,
        label=_("Ask the browser of whoever registers to solve a small task"),
        help=_(
            "It takes a second, nobody sees it, and it makes registering by the thousand costly. Where "
            "a browser cannot do it, the account is made all the same, and its first post waits for a "
            "moderator. Of whoever was invited, or must have an address of yours, nothing is asked."
        ),
    )
)
