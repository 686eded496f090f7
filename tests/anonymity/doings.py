"""The script of the two worlds: everything that members, moderators, administrators and askers can do."""

from __future__ import annotations

import io
from itertools import cycle

from sqlalchemy import func, select

from forum.accounts import actions as accounts
from forum.accounts import address_actions as addresses
from forum.accounts import closing_actions as closing
from forum.accounts import community_actions as community
from forum.accounts import data_actions as data
from forum.accounts import group_actions as groups
from forum.accounts import hold_actions as holds
from forum.accounts import invitation_actions as invitations
from forum.accounts import invitation_list_actions as lists
from forum.accounts import profile_actions as profiles
from forum.accounts import role_actions as roles
from forum.accounts.models import (
    Group,
    Invitation,
    Measure,
    MeasureAppeal,
    Member,
    MemberSession,
)
from forum.accounts.rules import CommunityRules
from forum.accounts.trust_rules import Thresholds
from forum.admin import export_actions as exports
from forum.admin import job_actions as jobs
from forum.admin import level_actions as levels
from forum.admin import plugin_actions as plugins
from forum.admin import retention_actions as retention
from forum.admin.excerpt_actions import export_excerpt
from forum.admin.excerpt_extent import Wish
from forum.categories import actions as categories
from forum.categories.queries import Audiences
from forum.community import setting_actions as settings
from forum.db import db, transaction
from forum.discussion import actions as discussion
from forum.discussion import curating_actions as curating
from forum.discussion import draft_actions as drafts
from forum.discussion import picture_actions as pictures
from forum.discussion import review_actions as reviews
from forum.discussion import trust_actions as trust
from forum.discussion import upload_actions as uploads
from forum.discussion.models import Post, Thread
from forum.discussion.place_queries import WritingPlace
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as decisions
from forum.moderation import flag_actions as flags
from forum.moderation import measure_actions as measures
from forum.moderation import measure_appeal_actions as measure_appeals
from forum.moderation import note_actions as notes
from forum.moderation.models import Case, Flag
from forum.notifications import actions as notifications
from forum.record import actions as record
from forum.record.models import LogEntry
from forum_anonymous_questions import actions as asking_actions
from forum_anonymous_questions.codes import normal_code
from forum_anonymous_questions.queries import CASE_KIND
from forum_anonymous_questions.revealing_actions import reveal
from forum_anonymous_questions.tests import asking
from tests.anonymity.worlds import World
from tests.record.scene import DEEDS

TITLES = ("Why does it crawl", "How hot is too hot", "What does ash do", "Is my kiln safe")
NETWORK = {"ada": "198.51.100.1", "bo": "198.51.100.2"}


def play(world: World) -> None:
    """Do everything but revealing."""
    begin(world)
    ask(world)
    for deed in DEEDS.values():
        world.by("mo", lambda actor, deed=deed: deed(world.scene, actor))
    decide(world)
    talk(world)
    use_codes(world)
    moderate(world)
    keep_members(world)
    keep_forum(world)
    world.pass_time(days=3)


def begin(world: World) -> None:
    """Both who might ask have looked at the forum, and so have tickets."""
    world.pass_time(minutes=1)
    for who in ("ada", "bo"):
        browser = world.make.signed_in(world.people[who])
        browser.environ_base["REMOTE_ADDR"] = NETWORK[who]
        browser.get("/")
        world.kept[who] = browser


def ask(world: World) -> None:
    """The askers ask at the door, three times from one fixed time to the next."""
    for title, who in zip(TITLES[:3], cycle(world.askers), strict=False):
        browser = world.kept[who]
        with world.hesitating():
            world.codes.append(normal_code(asking.ask(browser, title=title)))
        world.pass_time(hours=8)


def decide(world: World) -> None:
    """Moderators ask for changes, let pass, refuse."""
    first, second, third = (_case_of(world, title) for title in TITLES[:3])
    world.by("mo", moderation.claim_case, first)
    world.by("mo", moderation.release_case, first)
    world.by("mo", notes.note_about_case, first, words="What do you think?")
    world.by("mo", moderation.remove_held, first, reason="Say more.", asks_for_changes=True)
    with world.app.test_request_context():
        asking_actions.clarify(world.codes[0], source="At the rim, when the clay is damp. Why?")
    world.pass_time(hours=8)
    for case in (_case_of(world, TITLES[0]), second):
        world.by("mo", decisions.settle_brought, case, words="Good question.")
    world.by("mo", moderation.remove_held, third, reason="It was asked before.")
    world.pass_time(hours=50)


def talk(world: World) -> None:
    """Members answer the published question, quote it, follow it, write drafts."""
    number = world.thread_of(TITLES[0])
    mine = f"> [Asker wrote in #1](/t/{number}/1):\n>\n> At the rim\n\nMine too, Asker!"
    for who in ("ada", "bo", "mo"):
        actor = world.make.actor(world.people[who])
        with world.app.test_request_context():
            text = discussion.prepare(mine, reader=actor)
        world.by(who, discussion.reply, number, text=text, posting=discussion.Posting())
        world.by(who, drafts.save_draft, f"reply:{number}", drafts.DraftText("And why?"))
        world.by(who, notifications.mark_posts_seen, number, 1, 3)
        world.make.signed_in(world.people[who]).get(f"/t/{number}")
    with world.app.test_request_context():
        names = db.session.scalars(select(Member.handle).where(Member.name.in_(("Ada", "Bo"))))
        text = discussion.prepare(" ".join(f"@{name}" for name in sorted(map(str, names))))
    world.by("mo", discussion.reply, number, text=text, posting=discussion.Posting())
    place = WritingPlace(f"reply:{number}", f"/t/{number}/reply")
    world.by("ada", uploads.insert_picture, place, "![A pot](/files/none.png)")
    world.by("ada", drafts.discard_draft, f"reply:{number}")
    world.by("bo", flags.flag_post, number, 1, words="Too short.")
    world.by("bo", flags.withdraw_flag, world.found(select(func.max(Flag.id))))
    world.by("ada", flags.flag_post, number, 1, words="Too short.")
    flagged = world.found(select(func.max(Case.id)).where(Case.kind == "flag"))
    world.by("mo", decisions.label_flagged, flagged, label="Short.", words="It is short.")
    post = world.post_in(number, 1)
    with world.app.test_request_context():
        better = discussion.prepare("At the rim, whenever it is damp. Why is that?")
    world.by("mo", discussion.edit_post, post, text=better, based_on=_version(world, post))


def use_codes(world: World) -> None:
    """The asker reads what became of it, thanks, writes more, chooses an answer, takes back, asks again."""
    browser, code = world.kept[world.askers[0]], world.codes[0]
    asking.open_with(browser, code)
    with world.app.test_request_context(), world.hesitating():
        asking_actions.thank(code)
        asking_actions.choose_answer(code, 2)
        asking_actions.clarify(code, source="And what helps in winter?")
        ticket = asking_actions.ticket_back(code)
        category = next(
            c for c in db.session.scalars(select(Thread.category_id).order_by(Thread.id))
        )
        fourth = asking_actions.ask(ticket, title=TITLES[3], category_id=category, source="Is it?")
        asking_actions.withdraw(fourth)
    world.pass_time(hours=8)
    late = world.found(select(func.max(Case.id)).where(Case.kind == CASE_KIND))
    world.by("mo", decisions.settle_brought, late, words="Good.")
    world.pass_time(hours=50)
    number = world.thread_of(TITLES[0])
    world.by("mo", curating.feature_thread, number)
    world.by("mo", curating.lock_thread, number, reason="Enough.")
    world.by("mo", curating.unlock_thread, number)
    world.by("mo", curating.remove_post, number, 1, reason="A mistake.")
    world.by("max", record.undo, _entry(world), reason="It was right.")


def moderate(world: World) -> None:
    """What is left of moderating: appeals, measures, posts that are taken back."""
    sale = world.scene.sale
    held = world.by(
        "bo", discussion.reply, world.scene.kiln, text=sale, posting=discussion.Posting()
    )
    if held is not None:
        world.by("bo", moderation.withdraw_held, held.id)
        world.by("bo", moderation.draft_anew, held.id)
    world.by("max", measures.warn_member, world.scene.bo.id, reason="Loud.")
    warned = world.found(select(func.max(Measure.id)))
    world.by("bo", measure_appeals.appeal_against_measure, warned, words="I was not.")
    asked = world.found(select(func.max(MeasureAppeal.id)))
    world.by("mo", measure_appeals.claim_appeal, asked)
    world.by("mo", measure_appeals.release_appeal, asked)
    world.by("mo", measure_appeals.overturn_measure, asked, words="Not so loud.")


def keep_members(world: World) -> None:
    """Accounts, groups, invitations, roles."""
    ada, bo = world.scene.ada, world.scene.bo
    world.by("ada", profiles.change_profile, profiles.ProfileText("Ada", "ada-of-clay", "UTC"))
    world.alone(
        "ada",
        addresses.ask_for_address,
        "a@example.net",
        password=ada.password,
        address="127.0.0.1",
    )
    world.alone("ada", data.take_data, password=ada.password, target=io.BytesIO())
    world.alone("olga", data.export_member, bo.id, io.BytesIO())
    newest = world.found(
        select(func.max(MemberSession.id)).where(MemberSession.member_id == ada.id)
    )
    world.by("ada", accounts.end_session, newest)
    world.by("ada", accounts.end_other_sessions, None)
    world.by("olga", groups.add_group, "Kiln masters")
    group = world.found(select(func.max(Group.id)))
    world.by("olga", groups.rename_group, group, "Masters")
    world.by("olga", groups.let_help, group, helps=True)
    world.by("olga", groups.add_member, group, ada.id)
    world.by("olga", groups.remove_member, group, ada.id)
    world.by("olga", groups.add_pasted, group, bo.email)
    world.by("operator", groups.add_to_group, "Masters", ada.email)
    world.by("operator", groups.remove_from_group, "Masters", ada.email)
    world.by("olga", groups.delete_group, group)
    world.by("olga", holds.place_hold, ada.id, reason="Pots v. Pans")
    world.by("olga", holds.lift_hold, ada.id)
    world.by("olga", invitations.invite, "new@example.org")
    invited = world.found(select(func.max(Invitation.id)))
    world.by("olga", invitations.invite_again, invited)
    world.by("olga", invitations.withdraw_invitation, invited)
    world.by("olga", lists.invite_all, "one@example.org\ntwo@example.org")
    world.by("operator", roles.give_role, ada.email, "moderator")
    world.by("olga", roles.take_role_from, ada.id, "moderator")
    world.by("olga", roles.give_role_to, bo.id, "moderator")
    world.by("olga", roles.take_role_from, bo.id, "moderator")
    world.by("olga", roles.end_sessions_of, bo.id)
    world.by("olga", roles.have_password_reset, bo.id)
    for who in ("ada", "bo", "mo"):
        world.by(who, notifications.mark_all_seen, 100)
        world.by(who, notifications.mark_measures_seen, 100)
        world.by(who, notifications.mark_appeals_seen, 100)
        world.by(who, trust.mark_steps_seen, 100)


def keep_forum(world: World) -> None:
    """Categories, levels, settings, jobs, exports, plugins."""
    added = world.by("olga", categories.add_category, title="Raku")
    everybody = Audiences()
    world.by(
        "olga",
        categories.change_category,
        added.id,
        title="Raku ware",
        description="",
        position=3,
        audiences=everybody,
    )
    world.by("olga", categories.remove_category, added.id)
    level = world.by("olga", levels.add_level, "Known", Thresholds(days=1, posts=1))
    world.by("olga", levels.change_level, level, name="Regular", asked=Thresholds(days=2, posts=1))
    world.by("olga", levels.remove_level, level)
    world.by("olga", community.change_rules, CommunityRules())
    words = community.CommunityStatement("Potters", "People who throw pots.", "Sellers.")
    world.by("olga", community.change_community, words, zone="UTC", language="en")
    world.by("olga", settings.change_settings, {"anonymous-questions.least": "2"})
    world.by("olga", settings.reset_setting, "anonymous-questions.least")
    with world.app.app_context(), transaction():
        enqueue("mail", kind="reset", to="nobody@example.org", name="N", language="en", seed="s")
    job = world.found(select(func.max(Job.id)))
    world.by("olga", jobs.set_job_aside, job)
    world.by("olga", jobs.retry_job, job)
    world.by("olga", jobs.drop_job, job)
    word = world.by("olga", exports.order_export, "excerpt", Wish())
    world.by("olga", exports.remove_export, word)
    world.alone("olga", export_excerpt, world.folder / "excerpt.zip", Wish(), force=True)
    world.by("olga", plugins.look_again, "no_sales")
    world.by("olga", retention.remove_old)
    world.by("olga", pictures.forget_unused_pictures)
    world.by("olga", reviews.order_review)
    world.alone("operator", reviews.review_some, after=0)
    world.by("bo", notifications.mark_decision_seen, world.post_in(1, 2))
    world.kept["cy"] = cy = world.make.member("Cy")
    world.alone("cy", closing.close_account, password=cy.password, empty_posts=True)
    world.alone("olga", closing.erase_member, world.scene.max.id, empty_posts=False)


def show_oneself(world: World) -> None:
    """The asker reveals that the first question was theirs."""
    world.by(world.askers[0], reveal, world.codes[0])


def _case_of(world: World, title: str) -> int:
    asked = (
        select(func.max(Case.id))
        .join(Post, Post.id == Case.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Thread.title == title, Case.kind == CASE_KIND)
    )
    return int(world.found(asked) or 0)


def _entry(world: World) -> int:
    return int(world.found(select(func.max(LogEntry.id))) or 0)


def _version(world: World, post: int) -> int:
    return int(world.found(select(Post.version).where(Post.id == post)) or 0)
