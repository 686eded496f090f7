"""Forms about accounts. What is right or wrong with their values, the actions decide."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from forum.accounts.checks import known_languages, languages_to_choose
from forum.accounts.settings import PASSWORD_LENGTH
from forum.community.setting_queries import value_of
from forum.zones import zone_names


def _password_hint() -> str:
    length = value_of(PASSWORD_LENGTH)
    return str(gettext("At least %(n)d characters. A few unrelated words are good.", n=length))


# Worked out when a page shows it, since the community may decide otherwise at any time.
PASSWORD_HINT = LazyString(_password_hint)


class ButtonForm(FlaskForm):
    """A form that is only its button."""


class RegistrationForm(FlaskForm):
    """Ask for an account."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Enter the name the others should see."))],
        description=_("The others see it with everything you write."),
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Enter your e-mail address."))],
        description=_("Nobody else sees it. You confirm it with a link that we send there."),
        render_kw={"autocomplete": "email"},
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Choose a password."))],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )
    zone = HiddenField(render_kw={"data-time-zone": ""})
    proof = HiddenField()


class ConfirmForm(FlaskForm):
    """Show that it was you who asked for the account."""

    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password."))],
        description=_("The one you chose when you registered."),
        render_kw={"autocomplete": "current-password"},
    )


class SignInForm(FlaskForm):
    """Sign in."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Enter your e-mail address."))],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class ResetRequestForm(FlaskForm):
    """Ask for a link to choose a new password."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Enter your e-mail address."))],
        render_kw={"autocomplete": "email"},
    )


class NewPasswordForm(FlaskForm):
    """Choose a new password."""

    password = PasswordField(
        _("New password"),
        [InputRequired(_("Choose a password."))],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )


class AddressForm(FlaskForm):
    """Change the address that one signs in with."""

    email = EmailField(
        _("New e-mail address"),
        [InputRequired(_("Enter your e-mail address."))],
        render_kw={"autocomplete": "email"},
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class DownloadForm(FlaskForm):
    """Take away what is stored."""

    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password."))],
        description=_("So that nobody takes it who finds you signed in."),
        render_kw={"autocomplete": "current-password"},
    )


class PostsForm(FlaskForm):
    """What becomes of the posts of somebody who leaves."""

    posts = RadioField(
        _("What becomes of the posts?"),
        validators=[InputRequired(_("Choose what becomes of the posts."))],
    )

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.posts.choices = [
            ("keep", gettext("They stay, under “Former member”. Conversations stay readable.")),
            ("empty", gettext("Their words go, too, in every version. Numbers and times stay.")),
        ]


class ClosingForm(PostsForm):
    """Close the account for good."""

    posts = RadioField(
        _("What becomes of your posts?"),
        validators=[InputRequired(_("Choose what becomes of your posts."))],
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class ProfileForm(FlaskForm):
    """How a member appears, and how times are shown to them."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Enter the name the others should see."))],
        render_kw={"autocomplete": "name"},
    )
    handle = StringField(
        _("Handle"),
        [InputRequired(_("Choose a handle."))],
        description=_("Others type it after an @ to mention you. Letters from a to z, and digits."),
        render_kw={"autocomplete": "nickname", "autocapitalize": "none", "spellcheck": "false"},
    )
    pronouns = StringField(_("Pronouns"), description=_("As you would like to be spoken of."))
    unit = StringField(_("Unit or team"), render_kw={"autocomplete": "organization"})
    employer = StringField(
        _("Employer or contract"),
        description=_("If you work for somebody else, such as “Example Ltd, contractor”."),
    )
    about = TextAreaField(
        _("What you do"),
        description=_("A few lines about your practice, and what others may ask you about."),
    )
    language = SelectField(
        _("Language"), description=_("Of the forum's own words; posts stay as they were written.")
    )
    zone = SelectField(_("Time zone"), description=_("All times are shown in it."))

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.language.choices = languages_to_choose(known_languages())
        self.zone.choices = sorted(zone_names())


class StatementForm(FlaskForm):
    """What a community says about itself."""

    community = StringField(
        _("Name of the community"), [InputRequired(_("Give the community a name."))]
    )
    for_whom = TextAreaField(
        _("Who it is for"),
        [InputRequired(_("Say in a sentence who it is for."))],
        description=_("The practice you share, as in: people who design public services."),
    )
    not_for_whom = TextAreaField(
        _("Who or what it is not for"),
        description=_("As in: announcements of products."),
    )


class SetupForm(StatementForm):
    """The first administrator and their community."""

    name = StringField(
        _("Your name"),
        [InputRequired(_("Enter the name the others should see."))],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        _("Your e-mail address"),
        [InputRequired(_("Enter your e-mail address."))],
        render_kw={"autocomplete": "email"},
    )
    password = PasswordField(
        _("Your password"),
        [InputRequired(_("Choose a password."))],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )
    zone = HiddenField(render_kw={"data-time-zone": ""})
