"""The forms of threads and posts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField

TAGS_HINT = _("Up to five, with commas between them, such as: glaze, cone 6. They help to find it.")


class ComposerForm(FlaskForm):
    """A text on its way. What is right or wrong with it, the actions and the reviewers say."""

    title = StringField(_("Title"), description=_("What is it about, in one line?"))
    category = SelectField(_("Category"), choices=[])
    tags = StringField(_("Tags"), description=TAGS_HINT)
    source = TextAreaField(_("Text"))
    in_reply_to = HiddenField()
    based_on = HiddenField()
    submission = HiddenField()
    seen = HiddenField()
    kept = HiddenField()


class ReasonForm(FlaskForm):
    """Do something that readers should understand."""

    reason = StringField(
        _("Reason"), description=_("A sentence. Everybody who would have read it finds this.")
    )


class LockForm(FlaskForm):
    """Lock a thread."""

    reason = StringField(
        _("Reason (you may leave it out)"), description=_("A sentence. It stands in the thread.")
    )


class MoveForm(FlaskForm):
    """Choose another category."""

    category = SelectField(_("Category"), choices=[], validate_choice=False)


class TagsForm(FlaskForm):
    """File a thread."""

    tags = StringField(_("Tags"), description=TAGS_HINT)


class FilingForm(FlaskForm):
    """Name a thread and file it."""

    title = StringField(_("Title"), description=_("What is it about, in one line?"))
    tags = StringField(_("Tags"), description=TAGS_HINT)
