"""Forms for administrators."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forum.accounts.checks import known_languages, languages_to_choose
from forum.accounts.forms import StatementForm
from forum.accounts.invitation_actions import INVITATION_DAYS
from forum.accounts.invitation_actions import MOST_DAYS as MOST_INVITATION_DAYS
from forum.accounts.trust_rules import MOST_DAYS, MOST_POSTS
from forum.admin.excerpt_extent import Wish
from forum.categories.queries import EVERYONE, MEMBERS, MODERATORS, Audiences, CategoryRow
from forum.discussion.settings import WORD_LIST
from forum.zones import zone_names


class CommunityForm(StatementForm):
    """The community's name and words, the zone in which guests see times, and its rules."""

    zone = SelectField(_("Time zone"), description=_("Guests see times in it."))
    language = SelectField(
        _("Language"),
        description=_(
            "Of the forum's own words, for guests and those who register. Members choose."
        ),
    )
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
    seen = HiddenField()

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.zone.choices = sorted(zone_names())
        known = {*known_languages(), str(self.language.data or "en")}
        self.language.choices = languages_to_choose(sorted(known))
        self.registration.choices = [
            ("open", gettext("Everybody")),
            ("domain", gettext("Whoever has an address at one of the domains below")),
            ("invitation", gettext("Whoever was invited")),
        ]


def _days_field() -> IntegerField:
    message = _("Enter a number of days from 1 to 90.")
    return IntegerField(
        _("Days for which the invitation is open"),
        [InputRequired(message), NumberRange(1, MOST_INVITATION_DAYS, message)],
        default=INVITATION_DAYS,
        description=_("From 1 to 90. The letter says until when."),
    )


class InvitationForm(FlaskForm):
    """Whom to invite."""

    email = EmailField(
        _("E-mail address"),
        description=_(
            "A letter takes the invitation there, and only this address can use it. Leave it empty "
            "to get a link that you hand over yourself."
        ),
    )
    days = _days_field()


class InvitationListForm(FlaskForm):
    """Whom to invite, many at once."""

    addresses = TextAreaField(
        _("E-mail addresses"),
        [InputRequired(_("Enter at least one e-mail address."))],
        description=_(
            "One a line, with or without names before them; commas or semicolons may part them, "
            "too. At most 500."
        ),
    )
    days = _days_field()


class AgainForm(FlaskForm):
    """For how long an invitation is open that is sent again."""

    days = _days_field()


class HoldForm(FlaskForm):
    """Why nothing of a member may be erased."""

    reason = TextAreaField(
        _("Reason"),
        [InputRequired(_("Say why. The member reads it."))],
        description=_("The member reads it on the pages of their account."),
    )


class DayField(DateField):
    """A day; whoever types it because their browser has no calendar is told how."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Write the day as 2026-01-31.")) from error


class ExportForm(FlaskForm):
    """What to export, and as what."""

    kind = RadioField(_("As what"), default="pages")
    categories = SelectMultipleField(
        _("Categories"),
        description=_("Choose none for all of them."),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    since = DayField(
        _("From this day"),
        [Optional()],
        description=_("Posts written on it or later, by the community's clock. Empty for all."),
    )
    until = DayField(_("To this day"), [Optional()], description=_("It is in it, too."))
    with_removed = BooleanField(_("Also posts that are removed, held, or were not published"))
    with_addresses = BooleanField(
        _("Also e-mail addresses of the authors"), description=_("Only as data.")
    )

    def offer(self, categories: list[CategoryRow]) -> None:
        """Let the form offer these categories."""
        self.categories.choices = [(category.slug, category.title) for category in categories]
        self.kind.choices = [
            ("pages", gettext("Pages that every browser shows without the forum")),
            ("excerpt", gettext("Data in an open format, with every version")),
        ]

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        return Wish(
            tuple(self.categories.data or ()),
            self.since.data,
            self.until.data,
            self.with_removed.data,
            self.with_addresses.data,
        )


class GroupForm(FlaskForm):
    """The name of a group."""

    name = StringField(_("Name"), [InputRequired(_("Give the group a name."))])


class RenameForm(GroupForm):
    """Another name for a group that has one."""

    seen = HiddenField()


class PastedForm(FlaskForm):
    """Whom to put into a group."""

    members = TextAreaField(
        _("Members"),
        [InputRequired(_("Name at least one member."))],
        description=_("An e-mail address or a handle like @ada on each line."),
    )


def _threshold(label: Any, most: int, description: Any = "") -> IntegerField:
    message = _("Enter a number from 0 to %(most)s.", most=most)
    return IntegerField(
        label,
        [InputRequired(message), NumberRange(0, most, message)],
        default=0,
        description=description,
    )


class LevelForm(FlaskForm):
    """A level of trust, and what it asks for."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Give the level a name."))],
        description=_("Of the level and its group. Members read it."),
    )
    position = IntegerField(
        _("Position"),
        [NumberRange(-10_000, 10_000, _("Enter a number between -10000 and 10000."))],
        default=0,
        description=_("Pages show levels by this number, the smallest first."),
    )
    days = _threshold(_("Days as a member"), MOST_DAYS)
    posts = _threshold(
        _("Posts"), MOST_POSTS, _("That were published and are not removed. 0 asks for none.")
    )
    answers = _threshold(
        _("Answers"),
        MOST_POSTS,
        _("Posts that are marked as the answer in somebody else's thread. 0 asks for none."),
    )
    most_removed = _threshold(
        _("Posts that moderators removed, at most"),
        MOST_POSTS,
        _("In the last 90 days. Whoever is muted or suspended has no level in any case."),
    )
    seen = HiddenField()


class GroupChoiceForm(FlaskForm):
    """One of the groups."""

    group = SelectField(_("Group"))


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
    curate = SelectField(
        _("Who curates"),
        default=MODERATORS,
        description=_(
            "They lock, pin, move and remove threads here, as moderators may everywhere."
        ),
    )
    seen = HiddenField()

    def offer(self, groups: list[tuple[int, str]]) -> None:
        """Let the form offer these groups beside everyone and members."""
        named = [(str(key), gettext("Group: %(name)s", name=name)) for key, name in groups]
        named.append((MODERATORS, gettext("Only moderators and administrators")))
        writers = [(MEMBERS, gettext("All members")), *named]
        self.see.choices = [(EVERYONE, gettext("Everyone, guests too")), *writers]
        self.start.choices = self.reply.choices = writers
        self.curate.choices = named

    @property
    def audiences(self) -> Audiences:
        """What was chosen."""
        return Audiences(
            see=self.see.data,
            start=self.start.data,
            reply=self.reply.data,
            curate=self.curate.data,
        )


class UndoForm(FlaskForm):
    """Undo what a moderator did."""

    reason = StringField(
        _("Why"),
        description=_("As you like. Whoever reads this record finds it; 500 characters at most."),
    )


class WordListForm(FlaskForm):
    """Words that make a post wait. ``shown`` keeps what they were when the form was made."""

    word_list = TextAreaField(
        WORD_LIST.label,
        description=WORD_LIST.help,
        render_kw={"rows": 10},
    )
    shown = HiddenField()
