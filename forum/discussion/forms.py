"""The forms of threads and posts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional

from forum.discussion.alternative_actions import LONGEST_ALTERNATIVE, checked_alternative
from forum.errors import Invalid
from forum.files.pictures import MOST_BYTES

TAGS_HINT = _("Up to five, with commas between them, such as: glaze, cone 6. They help to find it.")


class ComposerForm(FlaskForm):
    """A text on its way. What is right or wrong with it, the actions and the reviewers say."""

    title = StringField(_("Title"), description=_("What is it about, in one line?"))
    category = SelectField(_("Category"), choices=[])
    tags = StringField(_("Tags"), description=TAGS_HINT)
    source = TextAreaField(_("Text"))
    language = SelectField(_("Language of this text"), choices=[], validate_choice=False)
    in_reply_to = HiddenField()
    based_on = HiddenField()
    place = HiddenField()
    saved = HiddenField()
    submission = HiddenField()
    seen = HiddenField()
    kept = HiddenField()


class ReasonForm(FlaskForm):
    """Do something that readers should understand."""

    reason = StringField(
        _("Reason"),
        [InputRequired(_("Say why, in a sentence. Readers will find it there."))],
        description=_("A sentence. Everybody who would have read it finds this."),
    )


class MomentField(DateTimeLocalField):
    """A moment; whoever types it because their browser has no calendar is told how."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Write the moment as 2026-01-31 17:00.")) from error


class LockForm(FlaskForm):
    """Lock a thread."""

    reason = StringField(
        _("Reason (you may leave it out)"), description=_("A sentence. It stands in the thread.")
    )
    until = MomentField(
        _("Until (you may leave it out)"),
        [Optional()],
        description=_(
            "In your own time zone. Without it, the lock stays until a moderator ends it."
        ),
    )


class SlowForm(FlaskForm):
    """Set a thread's pace."""

    minutes = StringField(
        _("Minutes between two posts of a member"),
        description=_(
            "Such as 10, or 1440 for a day. Leave it empty to let everybody post freely."
        ),
        render_kw={"inputmode": "numeric"},
    )


class MoveForm(FlaskForm):
    """Choose another category."""

    category = SelectField(_("Category"), choices=[], validate_choice=False)


def _reason() -> StringField:
    return StringField(
        _("Reason (you may leave it out)"),
        description=_("A sentence. The authors read it, and it stands in the record."),
    )


class SplitForm(FlaskForm):
    """Choose posts and where they go; the checkboxes of the page stand beside it."""

    more = StringField(
        _("Further posts"),
        description=_("Numbers with commas between, and from-to, such as: 21, 24-30."),
    )
    title = StringField(
        _("Title of the new thread"), description=_("What is it about, in one line?")
    )
    category = SelectField(_("Category of the new thread"), choices=[], validate_choice=False)
    thread = StringField(
        _("Or an existing thread"),
        description=_("Its number or address. Then leave the title empty."),
    )
    reason = _reason()


class MergeForm(FlaskForm):
    """Choose the thread that another is merged into."""

    thread = StringField(_("Thread"), description=_("Its number or address."))
    reason = _reason()


class SureForm(FlaskForm):
    """What was chosen, asked about once more."""

    more = HiddenField()
    title = HiddenField()
    category = HiddenField()
    thread = HiddenField()
    reason = HiddenField()
    sure = HiddenField()


def _why() -> StringField:
    return StringField(
        _("Reason (you may leave it out)"),
        description=_("A sentence. It stands in the moderators' record."),
    )


class TagsForm(FlaskForm):
    """File a thread."""

    tags = StringField(_("Tags"), description=TAGS_HINT)
    reason = _why()


class FilingForm(FlaskForm):
    """Name a thread and file it."""

    title = StringField(_("Title"), description=_("What is it about, in one line?"))
    tags = StringField(_("Tags"), description=TAGS_HINT)
    reason = _why()


class PictureForm(FlaskForm):
    """A picture on its way into a text."""

    decision = RadioField(
        _("What the picture is for"),
        [InputRequired(_("Decide first: it says something, or it is decoration."))],
        validate_choice=False,
    )
    alternative = TextAreaField(
        _("What it shows"),
        description=_(
            "What you would say of it on the phone, in a sentence or two; %(most)d characters at "
            "most. Who cannot see the picture hears or reads this instead.",
            most=LONGEST_ALTERNATIVE,
        ),
        render_kw={"data-most": LONGEST_ALTERNATIVE},
    )
    picture = FileField(
        _("File"),
        [FileRequired(_("Choose a file."))],
        description=_(
            "PNG, JPEG, WebP or GIF, up to %(most)d MB. Where and when it was taken is removed; "
            "of what moves the first frame is kept.",
            most=MOST_BYTES // 1024**2,
        ),
        render_kw={"accept": "image/png,image/jpeg,image/webp,image/gif"},
    )

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.decision.choices = [
            ("words", gettext("It says something: I describe it below")),
            ("decoration", gettext("It is decoration, or the text says the same")),
        ]

    @property
    def words(self) -> str:
        """The alternative, white space folded; nothing for a decoration."""
        return " ".join((self.alternative.data or "").split())

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is there; a file that was chosen has to be chosen again when it is not."""
        if super().validate(extra_validators):
            return True
        if self.picture.data:
            again = gettext("Choose the file again: browsers do not keep it.")
            self.picture.errors = [*self.picture.errors, again]
        return False

    def validate_alternative(self, field: TextAreaField) -> None:
        """It fits the decision, and says something."""
        count = len(self.words)
        if self.decision.data == "decoration" and count:
            raise ValidationError(
                gettext("You chose decoration: take these words away, or choose to describe it.")
            )
        if self.decision.data == "words" and not count:
            raise ValidationError(gettext("Write what the picture shows, or choose decoration."))
        try:
            checked_alternative(self.words)
        except Invalid as error:
            raise ValidationError(error.message) from error
