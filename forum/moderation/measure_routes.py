"""The moderators' pages about a member: what was decided, and deciding."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext

from forum.discussion.trust_queries import standings_of
from forum.errors import NotFound
from forum.moderation.forms import EndingForm, LiftForm, NoteForm, WarningForm
from forum.moderation.measure_actions import (
    lift_measure,
    mute_member,
    note_member,
    suspend_member,
    warn_member,
)
from forum.moderation.measure_queries import Judged, judged_member, measures_of
from forum.permissions import require
from forum.web.forms import Answer
from forum.web.questions import Question, ask
from forum.web.visit import current_actor

pages = Blueprint("measures", __name__, url_prefix="/moderation/members/<number:member_id>")


def _url(member_id: int) -> str:
    return f"/moderation/members/{member_id}"


@pages.get("")
def of_member(member_id: int) -> Answer:
    """What moderators noted and decided about a member, and what they can decide now."""
    actor = current_actor()
    require(actor, "member.moderate")
    member = judged_member(actor, member_id)
    return render_template(
        "moderation/member.html",
        member=member,
        measures=measures_of(member_id),
        standings=standings_of(member_id, actor),
    )


@pages.route("/note", methods=["GET", "POST"])
def note(member_id: int) -> Answer:
    """Note something for other moderators."""
    actor, form = current_actor(), NoteForm()
    member = judged_member(actor, member_id)
    question = Question(
        title=gettext("Note something about %(name)s", name=member.name),
        consequences=[
            gettext("Moderators read it, with your name. The member is not told."),
            gettext(
                "Write only what you could say to them: whoever takes their data with them finds "
                "the note there, without your name."
            ),
        ],
        submit=gettext("Keep the note"),
        act=lambda: note_member(actor, member_id, reason=form.reason.data or ""),
        done=gettext("Noted."),
        form=form,
    )
    return _answer(question, member)


@pages.route("/warn", methods=["GET", "POST"])
def warn(member_id: int) -> Answer:
    """Warn a member."""
    actor, form = current_actor(), WarningForm()
    member = judged_member(actor, member_id)
    question = Question(
        title=gettext("Warn %(name)s?", name=member.name),
        consequences=[
            gettext("They read the reason among their notifications and in a letter."),
            gettext("Nothing else changes for them. Say what they should do otherwise."),
        ],
        submit=gettext("Warn them"),
        act=lambda: warn_member(actor, member_id, reason=form.reason.data or ""),
        done=gettext("Warned. They are told, with your reason."),
        form=form,
    )
    return _answer(question, member)


@pages.route("/mute", methods=["GET", "POST"])
def mute(member_id: int) -> Answer:
    """Keep a member from writing for a while."""
    actor = current_actor()
    member = judged_member(actor, member_id)
    form = EndingForm(actor.zone, may_be_open=False)
    question = Question(
        title=gettext("Mute %(name)s for a time?", name=member.name),
        consequences=[
            gettext(
                "At once, also where they are signed in: they read on, but cannot post, reply or "
                "change posts until the time is over. Their drafts stay."
            ),
            gettext("They read the reason and the end among their notifications and in a letter."),
        ],
        submit=gettext("Mute them"),
        act=lambda: mute_member(actor, member_id, reason=form.reason.data or "", until=form.end),
        done=gettext("Muted. They are told, with your reason and the end."),
        form=form,
    )
    return _answer(question, member)


@pages.route("/suspend", methods=["GET", "POST"])
def suspend(member_id: int) -> Answer:
    """Keep a member out."""
    actor = current_actor()
    member = judged_member(actor, member_id)
    form = EndingForm(actor.zone, may_be_open=True)
    question = Question(
        title=gettext("Suspend %(name)s?", name=member.name),
        consequences=[
            gettext(
                "Where they are signed in, the next page that they ask for says why and until when, "
                "and signs them out. They cannot sign in until the time is over. What guests may "
                "read they can still read."
            ),
            gettext("They read the reason and the end in a letter. Their posts stay."),
            gettext("Cases that they had taken are free for others."),
        ],
        submit=gettext("Suspend them"),
        act=lambda: suspend_member(actor, member_id, reason=form.reason.data or "", until=form.end),
        done=gettext("Suspended. They are told, with your reason and the end."),
        form=form,
    )
    return _answer(question, member)


@pages.route("/measures/<number:measure_id>/lift", methods=["GET", "POST"])
def lift(member_id: int, measure_id: int) -> Answer:
    """End a mute or a suspension before its time."""
    actor, form = current_actor(), LiftForm()
    member = judged_member(actor, member_id)
    found = [m for m in measures_of(member_id) if m.id == measure_id]
    if not found:
        raise NotFound(gettext("There is no such measure, or it was undone."))
    question = Question(
        title=gettext("Lift the mute of %(name)s?", name=member.name)
        if found[0].kind == "mute"
        else gettext("Lift the suspension of %(name)s?", name=member.name),
        consequences=[
            gettext("The reason was: %(reason)s", reason=found[0].reason),
            gettext("It ends at once, and a letter tells them."),
        ],
        submit=gettext("Lift it"),
        act=lambda: lift_measure(actor, member_id, measure_id, reason=form.reason.data or ""),
        done=gettext("Lifted. They are told."),
        form=form,
    )
    return _answer(question, member)


def _answer(question: Question, member: Judged) -> Answer:
    back = gettext("Back to %(name)s", name=member.name), _url(member.id)
    return ask(question, back, leads_to=_url(member.id))
