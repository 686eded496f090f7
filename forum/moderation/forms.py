"""Forms of moderation. What is right or wrong with their values, the actions decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from forum.discussion.forms import MomentField
from forum.moments import zone_named


class DecisionForm(FlaskForm):
    """Decide about a case; the buttons say how."""

    sentence = SelectField(
        _("Sentence for the author"),
        choices=[],
        validate_choice=False,
        description=_(
            "Sent if you write nothing below. To whom it does not fit, the usual one for them; the next "
            "page shows it."
        ),
    )
    words = TextAreaField(_("Words to the author"))
    label = StringField(
        _("Label for readers"),
        description=_(
            "Only for a label: one line that readers find above the post; 120 characters at most."
        ),
    )
    category = SelectField(
        _("Category"),
        choices=[],
        validate_choice=False,
        description=_("Only for moving: where the whole thread goes."),
    )


class SeveralForm(DecisionForm):
    """Decide about several cases at once."""

    decision = RadioField(_("What to decide"), choices=[], validate_choice=False)


class SureAboutSeveralForm(DecisionForm):
    """The same, asked about once more."""

    decision = HiddenField()
    sentence = HiddenField()
    words = HiddenField()
    label = HiddenField()
    category = HiddenField()


class CaseNoteForm(FlaskForm):
    """Note something about a case for other moderators."""

    note = TextAreaField(_("New note"))


class FlagForm(FlaskForm):
    """Say what is wrong with a post."""

    words = TextAreaField(
        _("What is wrong with it?"),
        description=_(
            "In your own words, such as which sentence, and what it does. 1,000 characters at most."
        ),
    )


class AppealForm(FlaskForm):
    """Say why it should be decided otherwise."""

    words = TextAreaField(
        _("Why should it be decided otherwise?"),
        description=_("Moderators read this; 1,000 characters at most."),
    )


class MeasureDecisionForm(FlaskForm):
    """Decide about an appeal of a member; the buttons say how."""

    words = TextAreaField(
        _("Words to the member"),
        description=_("The member reads this. Say why; 1,000 characters at most."),
    )


class NoteForm(FlaskForm):
    """What other moderators should know of a member."""

    reason = TextAreaField(_("Note"), description=_("Only moderators read it on these pages."))


class WarningForm(FlaskForm):
    """What a member should do otherwise."""

    reason = TextAreaField(_("Reason"), description=_("The member reads it, in these words."))


class EndingForm(WarningForm):
    """Why, and until when."""

    until = MomentField(_("Until"), [Optional()])

    def __init__(self, zone: str = "UTC", *, may_be_open: bool = True, **values: Any) -> None:
        super().__init__(**values)
        self._zone = zone
        self.until.description = (
            gettext("In your time (%(zone)s). Leave it empty for no end.", zone=zone)
            if may_be_open
            else gettext("In your time (%(zone)s).", zone=zone)
        )

    @property
    def end(self) -> datetime | None:
        """The end that was chosen, if one was."""
        chosen: datetime | None = self.until.data
        if chosen is None:
            return None
        try:
            return chosen.replace(tzinfo=zone_named(self._zone)).astimezone(UTC)
        except OverflowError:
            # The first and the last year that there are, in a zone that goes beyond.
            return chosen.replace(tzinfo=UTC)


class LiftForm(FlaskForm):
    """Why something ends before its time."""

    reason = TextAreaField(
        _("Reason"), description=_("For the record; the member does not read it.")
    )
