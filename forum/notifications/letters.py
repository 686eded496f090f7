"""What the letters say. Each writer decides at the moment of sending whether there is one to send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext

from forum import db as database
from forum.accounts.invitation_queries import is_open_invitation
from forum.accounts.measure_appeal_queries import appeal_about, told_appeal
from forum.accounts.measure_queries import BARS, WARNING, ToldMeasure, told_measure
from forum.accounts.models import Member
from forum.accounts.queries import CommunityFacts, actor_by_id, guest_visit
from forum.accounts.tokens import OF_MEASURES, signed, token_from
from forum.clock import utcnow
from forum.config import current_settings
from forum.discussion.rules import is_unreviewed
from forum.hookspecs import LetterText
from forum.jobs.worker import Work
from forum.moments import in_words
from forum.notifications.administrator_letters import backup_failed, told_to_administrators
from forum.notifications.mail import Letter
from forum.notifications.queries import NotificationRow, notification_for
from forum.permissions import MUTE, SUSPENSION
from forum.plugin_host import current_host
from forum.record.decisions import (
    CAN_BE_APPEALED,
    NOT_PUBLISHED,
    decision_in_words,
    measure_appeal_in_words,
)
from forum.record.sentences import reason_in_words
from forum.spoken import recalled

Content = tuple[str, str, str]
DAYS_TO_APPEAL = 60


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as its job asks for it, ``whose`` if it is a member's."""

    letter: Letter
    kind: str
    whose: int | None


def written(work: Work) -> Written | None:
    """The letter that this job asks for, in its reader's language; ``None`` when there is none any
    more, because its reader is gone or may not see what it is about."""
    kind = str(work.arguments["kind"])
    community = guest_visit().community
    language = _language(work.arguments, community)
    # Babel's own tags have another sign between their parts than those of BCP 47.
    with force_locale(language.replace("-", "_")):
        content = WRITERS[kind](work.arguments, community)
    if content is None:
        return None
    to, subject, body = content
    text = current_host().filter_letter(LetterText(kind, language, subject, body))
    letter = Letter(
        key=f"{kind}-{work.id}",
        written_at=work.created_at,
        to=to,
        subject=text.subject,
        body=f"{text.body}\n\n-- \n{community.name}\n{_address()}\n",
    )
    return Written(letter, kind, work.arguments.get("member"))


def _language(arguments: dict[str, Any], community: CommunityFacts) -> str:
    """BCP 47 tag: the member's at this moment, or the one the job names, or the community's."""
    reader = actor_by_id(arguments["member"]) if "member" in arguments else None
    return reader.language if reader else arguments.get("language") or community.language


def _address(path: str = "/") -> str:
    return current_settings().base_url + path


def _confirm(arguments: dict[str, Any], community: CommunityFacts) -> Content:
    # Whoever typed the address chose the name, too: it could be an advertisement to a stranger.
    body = gettext(
        "Hello,\n\n"
        "confirm that this address is yours, within two days:\n\n%(link)s\n\n"
        "If you did not ask for an account, do nothing; none will be made.",
        link=_address(f"/confirm/{token_from(arguments['seed'])}"),
    )
    return arguments["to"], gettext("Confirm your address"), body


def _already_registered(arguments: dict[str, Any], community: CommunityFacts) -> Content:
    body = gettext(
        "Hello,\n\n"
        "somebody, probably you, asked for an account with this address. It has one already.\n\n"
        "Sign in: %(sign_in)s\nForgot the password? %(reset)s\n\n"
        "If it was not you, do nothing; nothing has changed.",
        sign_in=_address("/sign-in"),
        reset=_address("/reset"),
    )
    return arguments["to"], gettext("You already have an account"), body


def _reset(arguments: dict[str, Any], community: CommunityFacts) -> Content:
    body = gettext(
        "Hello %(name)s,\n\n"
        "choose a new password, within two hours:\n\n%(link)s\n\n"
        "If you did not ask for this, do nothing; your password stays as it is.",
        name=arguments["name"],
        link=_address(f"/reset/{token_from(arguments['seed'])}"),
    )
    return arguments["to"], gettext("Choose a new password"), body


def _new_address(arguments: dict[str, Any], community: CommunityFacts) -> Content:
    body = gettext(
        "Hello,\n\n"
        "make this the address of your account, within a day:\n\n%(link)s\n\n"
        "If you did not ask for this, do nothing; nothing will change.",
        link=_address(f"/account/address/{token_from(arguments['seed'])}"),
    )
    return arguments["to"], gettext("Confirm your new address"), body


def _address_notice(arguments: dict[str, Any], community: CommunityFacts) -> Content:
    body = gettext(
        "Hello %(name)s,\n\n"
        "somebody, probably you, asked with your password for another address for your account.\n\n"
        "If it was not you, choose a new password at once; the link to the other address then ends:"
        "\n\n%(link)s",
        name=arguments["name"],
        link=_address("/reset"),
    )
    return arguments["to"], gettext("Your address is about to change"), body


def _closed(arguments: dict[str, Any], community: CommunityFacts) -> Content:
    body = gettext(
        "Hello %(name)s,\n\n"
        "your account is closed, as asked for with its password. This is the last letter.\n\n"
        "If it was not you, write to somebody who runs this community. What was deleted cannot be "
        "brought back.",
        name=arguments["name"],
    )
    return arguments["to"], gettext("Your account is closed"), body


def _told(arguments: dict[str, Any]) -> tuple[str, NotificationRow] | None:
    """Whom to write to, and of what; nothing when they are gone or may not see it any more."""
    member = database.db.session.get(Member, arguments["member"])
    actor = actor_by_id(arguments["member"])
    if member is None or member.email is None or actor is None:
        return None
    if actor.bar is not None and actor.bar.kind == SUSPENSION and arguments["kind"] != "decision":
        # They cannot come in, so what is said there does not go out to them.
        return None
    # Permission is decided now: what the reader may no longer see is not sent.
    told = notification_for(actor, arguments["notification"])
    return None if told is None else (member.email, told)


def _reply(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    if (found := _told(arguments)) is None:
        return None
    to, told = found
    body = gettext(
        "%(author)s replied in “%(title)s”:\n\n%(excerpt)s\n\nRead and answer: %(link)s",
        author=told.author,
        title=told.title,
        excerpt=_beginning(told),
        link=_address(f"/t/{told.thread_id}/{told.number}"),
    )
    return to, gettext("%(author)s replied: %(title)s", author=told.author, title=told.title), body


def _beginning(told: NotificationRow) -> str:
    """How the post begins, below what a moderator put above it for its readers."""
    if not told.label:
        return told.excerpt
    if is_unreviewed(told.label):
        return f"{recalled(told.label)}\n\n{told.excerpt}"
    return f"{gettext('A moderator says:')} {told.label}\n\n{told.excerpt}"


def _mention(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    if (found := _told(arguments)) is None:
        return None
    to, told = found
    body = gettext(
        "%(author)s mentioned you in “%(title)s”:\n\n%(excerpt)s\n\nRead and answer: %(link)s",
        author=told.author,
        title=told.title,
        excerpt=_beginning(told),
        link=_address(f"/t/{told.thread_id}/{told.number}"),
    )
    subject = gettext("%(author)s mentioned you: %(title)s", author=told.author, title=told.title)
    return to, subject, body


def _decision(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    if (found := _told(arguments)) is None:
        return None
    to, told = found
    happened, then = _what_was_decided(told)
    body = "\n\n".join(part for part in (happened, reason_in_words(told.words), then) if part)
    return to, gettext("Your post in “%(title)s”", title=told.title), body


def _what_was_decided(told: NotificationRow) -> tuple[str, str]:
    """What happened to the post, and what its author can do now."""
    happened = decision_in_words(told.decision or "", told.number, told.title, told.category)
    appeal = gettext(
        "If you think that this is wrong, another moderator will look at it: %(link)s",
        link=_address(f"/decided/{told.post_id}"),
    )
    if told.decision == "t_removed":
        # Nobody but moderators finds the thread.
        return happened, appeal
    if told.decision == "waiting":
        then = gettext("Read it: %(link)s", link=_address(f"/held/{told.post_id}"))
    elif told.number is None or told.decision in NOT_PUBLISHED:
        link = _address(f"/held/{told.post_id}")
        then = gettext(
            "Your text is kept for you. Read it, and write it anew if you like: %(link)s", link=link
        )
    else:
        link = _address(f"/t/{told.thread_id}/{told.number}")
        then = gettext("Read it: %(link)s", link=link)
    if told.decision in CAN_BE_APPEALED:
        return happened, f"{then}\n\n{appeal}"
    return happened, then


def _invitation(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    token = token_from(arguments["seed"])
    if not is_open_invitation(token):
        # Withdrawn in time, such as a list of the wrong people; or sent again with another link.
        return None
    until = datetime.fromisoformat(arguments["until"])
    body = gettext(
        "Hello,\n\n"
        "you are invited to %(community)s. %(for_whom)s\n\n"
        "Choose a name and a password until %(until)s:\n\n%(link)s\n\n"
        "The invitation is for this address. If you do not want to come, do nothing.",
        community=community.name,
        for_whom=community.for_whom,
        until=in_words(until, community.zone, community.language),
        link=_address(f"/invitation/{token}"),
    )
    subject = gettext("You are invited to %(community)s", community=community.name)
    return arguments["to"], subject, body


def _sign_in(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    member = database.db.session.get(Member, arguments["member"])
    if member is None or member.email is None:
        return None
    body = gettext(
        "Hello %(name)s,\n\n"
        "somebody, probably you, signed in with your password in a browser in which you had not "
        "signed in before.\n\n"
        "When: %(at)s\nBrowser: %(browser)s\n\n"
        "If it was not you, choose a new password at once; that signs out every browser:\n\n"
        "%(reset)s\n\nWhere you are signed in: %(sessions)s",
        name=member.name,
        at=_at(arguments, member),
        browser=_browser(arguments),
        reset=_address("/reset"),
        sessions=_address("/account/sessions"),
    )
    return member.email, gettext("You signed in in a new browser"), body


def _at(arguments: dict[str, Any], member: Member) -> str:
    return in_words(datetime.fromisoformat(arguments["at"]), member.zone, member.language)


def _browser(arguments: dict[str, Any]) -> str:
    browser, system = arguments["browser"], arguments["system"]
    if browser and system:
        return str(gettext("%(browser)s on %(system)s", browser=browser, system=system))
    return str(browser or system or gettext("An unknown browser"))


def _password(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    member = database.db.session.get(Member, arguments["member"])
    if member is None or member.email is None:
        return None
    body = gettext(
        "Hello %(name)s,\n\n"
        "your account has a new password since %(at)s, and every browser was signed out.\n\n"
        "If it was not you, somebody can read your mail: secure your mailbox first, then choose a "
        "new password:\n\n%(reset)s",
        name=member.name,
        at=_at(arguments, member),
        reset=_address("/reset"),
    )
    return member.email, gettext("Your password was changed"), body


def _measure(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    member = database.db.session.get(Member, arguments["member"])
    told = told_measure(arguments["member"], arguments["measure"])
    if member is None or member.email is None or told is None or told.lifted_at is not None:
        return None
    subject, happened = _what_moderators_did(told, member, community)
    body = gettext(
        "Hello %(name)s,\n\n%(happened)s The reason, in a moderator's words:\n\n%(reason)s\n\n%(then)s",
        name=member.name,
        happened=happened,
        reason=told.reason,
        then=_what_to_do_about(told, member.id),
    )
    return member.email, subject, body


def _what_to_do_about(told: ToldMeasure, member_id: int) -> str:
    if appeal_about(member_id, told.id) is not None:
        # It was lifted, and stands again.
        return str(
            gettext(
                "You have appealed against this already; each decision is looked at once more. Read what "
                "became of that, without signing in; the link works for %(days)s days:\n\n%(link)s",
                days=DAYS_TO_APPEAL,
                link=_link_to_measure(told.id),
            )
        )
    return str(
        gettext(
            "If you think that this is wrong, another moderator will look at it, once. You need not sign "
            "in; the link works for %(days)s days:\n\n%(link)s",
            days=DAYS_TO_APPEAL,
            link=_link_to_measure(told.id),
        )
    )


def _link_to_measure(measure_id: int) -> str:
    until = int(utcnow().timestamp()) + DAYS_TO_APPEAL * 24 * 3600
    return _address(f"/appeal/{signed(OF_MEASURES, measure_id, until)}")


def _measure_appeal(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    member = database.db.session.get(Member, arguments["member"])
    appeal = told_appeal(arguments["member"], arguments["appeal"])
    if member is None or member.email is None or appeal is None:
        return None
    subject = gettext("Your appeal in %(community)s", community=community.name)
    if appeal.decision is None:
        body = gettext(
            "Hello %(name)s,\n\nwhat was decided about your appeal is taken back. A moderator looks at it "
            "once more, and you are told what they decide.",
            name=member.name,
        )
        return member.email, subject, body
    body = gettext(
        "Hello %(name)s,\n\n%(happened)s In their words:\n\n%(words)s",
        name=member.name,
        happened=measure_appeal_in_words(
            appeal.decision,
            is_undone=not appeal.is_there,
            stays=appeal.stays,
            is_over=appeal.is_over,
        ),
        words=appeal.decision_reason,
    )
    if appeal.decision == "overturned" and (now := _what_is_open_again(appeal.kind, member)):
        body = f"{body}\n\n{now}"
    return member.email, subject, body


def _what_is_open_again(ended: str, member: Member) -> str:
    """What a member can do now that a mute or a suspension has ended, with the way there; empty when
    something else still keeps them from just that."""
    actor = actor_by_id(member.id)
    if ended not in BARS or actor is None:
        return ""
    if actor.bar is None:
        words = gettext("You can sign in, read and write again.")
        return f"{words}\n\n{_address()}"
    if ended != SUSPENSION or actor.bar.kind != MUTE or actor.bar.until is None:
        return ""
    words = gettext(
        "You can sign in and read again. You are still muted: until %(until)s you cannot write.",
        until=in_words(actor.bar.until, member.zone, member.language),
    )
    return f"{words}\n\n{_address()}"


def _what_moderators_did(
    told: ToldMeasure, member: Member, community: CommunityFacts
) -> tuple[str, str]:
    """The subject of the letter, and its first sentences: what changes, and until when."""
    name = community.name
    until = None if told.until is None else in_words(told.until, member.zone, member.language)
    if told.kind == WARNING:
        return gettext("A warning from %(community)s", community=name), gettext(
            "a moderator of %(community)s has warned you. You can go on reading and writing.",
            community=name,
        )
    if told.kind == MUTE:
        return gettext("You are muted in %(community)s", community=name), gettext(
            "a moderator of %(community)s has muted you: until %(until)s you can read, but not write. "
            "Your drafts stay.",
            community=name,
            until=until,
        )
    subject = gettext("You are suspended from %(community)s", community=name)
    if until is None:
        return subject, gettext(
            "a moderator of %(community)s has suspended you: you cannot sign in any more. Your posts "
            "stay.",
            community=name,
        )
    return subject, gettext(
        "a moderator of %(community)s has suspended you: until %(until)s you cannot sign in. Your "
        "posts stay.",
        community=name,
        until=until,
    )


def _measure_over(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    member = database.db.session.get(Member, arguments["member"])
    if member is None or member.email is None or _was_told_with_appeal(arguments):
        return None
    # Jobs of an older version do not say what ended.
    now = _what_is_open_again(arguments.get("ended", MUTE), member)
    if not now:
        # Something else still keeps them out, of which they know.
        return None
    body = gettext(
        "Hello %(name)s,\n\n"
        "what the moderators of %(community)s had decided about you is lifted. %(now)s",
        name=member.name,
        community=community.name,
        now=now,
    )
    actor = actor_by_id(member.id)
    subject = (
        gettext("You can write again in %(community)s", community=community.name)
        if actor is not None and actor.bar is None
        else gettext("You can sign in again in %(community)s", community=community.name)
    )
    return member.email, subject, body


def _was_told_with_appeal(arguments: dict[str, Any]) -> bool:
    """Whether the answer to the member's appeal says it already."""
    if "measure" not in arguments:
        return False
    appeal = appeal_about(arguments["member"], arguments["measure"])
    return appeal is not None and appeal.decision == "overturned"


WRITERS: dict[str, Callable[[dict[str, Any], CommunityFacts], Content | None]] = {
    "confirm": _confirm,
    "already_registered": _already_registered,
    "reset": _reset,
    "closed": _closed,
    "address": _new_address,
    "address_notice": _address_notice,
    "invitation": _invitation,
    "reply": _reply,
    "mention": _mention,
    "decision": _decision,
    "measure": _measure,
    "measure_over": _measure_over,
    "measure_appeal": _measure_appeal,
    "sign_in": _sign_in,
    "password": _password,
    "backup_failed": backup_failed,
    "administrators": told_to_administrators,
}
