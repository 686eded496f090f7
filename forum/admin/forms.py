"""Forms for administrators."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from forum.accounts.forms import StatementForm
from forum.categories.actions import EVERYONE, MEMBERS, Audiences


class CommunityForm(StatementForm):
    """The community's name and words, the zone in which guests see times, and its rules."""

    zone = SelectField(_("Time zone"), description=_("Guests see times in it."))
    registration = SelectField(
        _("Who may register"), description=_("Invitations work with every choice.")
    )
    email_domains = TextAreaField(
        _("E-mail domains"),
        description=_(
            "Parted by spaces: example.org for addresses there, .example.org for those in domains "
            "below it."
        ),
    )
    edit_minutes = IntegerField(
        _("Minutes for which authors may change a post"),
        [Optional()],
        description=_("Leave it empty for no end. Moderators are not bound by it."),
    )

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.zone.choices = sorted(available_timezones())
        self.registration.choices = [
            ("open", gettext("Everybody")),
            ("domain", gettext("Whoever has an address at one of the domains below")),
            ("invitation", gettext("Whoever was invited")),
        ]


class InvitationForm(FlaskForm):
    """Whom to invite."""

    email = EmailField(
        _("E-mail address"),
        description=_(
            "A letter takes the invitation there, and only this address can use it. Leave it empty "
            "to get a link that you hand over yourself."
        ),
    )


class HoldForm(FlaskForm):
    """Why nothing of a member may be erased."""

    reason = TextAreaField(
        _("Reason"),
        [InputRequired(_("Say why. The member reads it."))],
        description=_("The member reads it on the pages of their account."),
    )


class CategoryForm(FlaskForm):
    """A category and who may do what in it."""

    title = StringField(_("Title"), [InputRequired(_("Give the category a title."))])
    description = TextAreaField(_("Description"), description=_("One sentence: what belongs here?"))
    position = IntegerField(
        _("Position"),
        [NumberRange(-10_000, 10_000, _("Enter a number between -10000 and 10000."))],
        default=0,
        description=_("Lists show categories by this number, the smallest first."),
    )
    see = SelectField(_("Who may see its threads"), default=EVERYONE)
    start = SelectField(_("Who may start threads"), default=MEMBERS)
    reply = SelectField(_("Who may reply"), default=MEMBERS)

    def offer(self, groups: list[tuple[int, str]]) -> None:
        """Let the form offer these groups beside everyone and members."""
        named = [(str(key), gettext("Group: %(name)s", name=name)) for key, name in groups]
        writers = [(MEMBERS, gettext("All members")), *named]
        self.see.choices = [(EVERYONE, gettext("Everyone, guests too")), *writers]
        self.start.choices = self.reply.choices = writers

    @property
    def audiences(self) -> Audiences:
        """What was chosen."""
        return Audiences(see=self.see.data, start=self.start.data, reply=self.reply.data)
