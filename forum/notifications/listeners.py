"""What notifications do when something happens elsewhere."""

from __future__ import annotations

from forum.db import transaction
from forum.events import CaseDecided, FlagsAnswered, PostCurated, PostEdited, PostPublished
from forum.hookspecs import AccountClosing, PersonalData
from forum.jobs.worker import Work, handler
from forum.notifications.actions import (
    forget_notifications,
    tell_of_answered_flag,
    tell_of_curating,
    tell_of_decision,
    tell_of_edit,
    tell_of_post,
)
from forum.notifications.letter_file_actions import remove_letters
from forum.notifications.mail_closing_actions import (
    FORGET_LETTER,
    FORGET_LETTERS,
    forget_asking,
    forget_farewell,
    forget_sent_mail,
)
from forum.notifications.personal_queries import told_data
from forum.plugin_host import hookimpl


@hookimpl
def on_post_published(event: PostPublished) -> None:
    """Tell whoever the post concerns. The worker runs this in a transaction of its own."""
    tell_of_post(event.post_id)


@hookimpl
def on_post_edited(event: PostEdited) -> None:
    """Tell whoever the new version mentions. The worker runs this in a transaction of its own."""
    tell_of_edit(event.post_id)


@hookimpl
def on_case_decided(event: CaseDecided) -> None:
    """Tell the author what a moderator decided. So does the worker here."""
    tell_of_decision(event)


@hookimpl
def on_post_curated(event: PostCurated) -> None:
    """Tell the author what a moderator did to their post. So does the worker here."""
    tell_of_curating(event)


@hookimpl
def on_flags_answered(event: FlagsAnswered) -> None:
    """Tell those who flagged a post what was decided. So does the worker here."""
    tell_of_answered_flag(event)


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """Nobody is left to be told, and no letter to them is kept."""
    forget_notifications(closing.member_id)
    forget_sent_mail(closing)


@handler(FORGET_LETTERS, in_transaction=False)
def forget_letters(work: Work) -> None:
    """Remove the letters in the instance folder that were to somebody who has left, or about them."""
    given = work.arguments
    asked = given.get("asked", [])
    with transaction():
        forget_asking(asked)
    remove_letters(int(given["former"]), given["addresses"], given["letters"], asked=asked)


@handler(FORGET_LETTER)
def forget_letter(work: Work) -> None:
    """Remove the last letter that somebody got, also if it could not be sent."""
    forget_farewell(int(work.arguments["letter"]))


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """This room's part of what a member takes away."""
    return told_data(member_id)
