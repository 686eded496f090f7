"""Forms for administrators."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from forum.accounts.forms import StatementForm
from forum.categories.actions import EVERYONE, MEMBERS, Audiences


class CommunityForm(StatementForm):
    """The community's name, whom it is for, and the zone in which guests see times."""

    zone = SelectField(_("Time zone"), description=_("Guests see times in it."))

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.zone.choices = sorted(available_timezones())


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
