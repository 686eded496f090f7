"""What a moderator decided, in the words in which an author, or whoever flagged a post, reads it."""

from __future__ import annotations

from flask_babel import gettext

from forum.events import RELOCATED

CAN_BE_APPEALED = (
    *("removed", "t_removed", "changes", "labelled", "moved", "placed"),
    *("h_removed", "h_changes", "p_labelled"),
)
NOT_PUBLISHED = ("h_removed", "h_changes")


def decision_in_words(decision: str, number: int | None, title: str, category: str = "") -> str:
    """What happened to an author's post: a sentence or two.

    Args:
        decision: of a case, as in ``CaseDecided``, or what was done, as in ``PostCurated``; of a post
            that waited, one of ``OF_HELD``.
        number: the post's in its thread; ``None`` when it was held and never published.
        category: where its thread stands, if that may be said.
    """
    if number is None or decision in NOT_PUBLISHED:
        return _about_held(decision.removeprefix("h_"), title)
    if decision == "placed":
        return _about_placed(title, category)
    said: dict[str, str] = {
        "published": gettext("A moderator has published your post in “%(title)s”.", title=title),
        "labelled": gettext(
            "A moderator has put a label above your post in “%(title)s”, for its readers.",
            title=title,
        ),
        "changes": gettext(
            "A moderator asks you to change your post in “%(title)s”. It stays as it is until you do.",
            title=title,
        ),
        "removed": gettext(
            "A moderator has removed your post in “%(title)s”. The reason:", title=title
        ),
        "moved": gettext(
            "A moderator has moved the thread “%(title)s”, in which you wrote, to another category.",
            title=title,
        ),
        "nothing": gettext(
            "Your post in “%(title)s” was flagged. A moderator has read it and found nothing wrong. "
            "You need not do anything.",
            title=title,
        ),
        "looked": gettext("A moderator has looked at your post in “%(title)s”.", title=title),
        "unreviewed": gettext(
            "Nobody had decided in time about your post in “%(title)s”. So it is published now, with a "
            "line above it that says that no moderator has read it yet.",
            title=title,
        ),
        "reviewed": gettext(
            "A moderator has read your post in “%(title)s”. It is as it should be.", title=title
        ),
        "done": gettext(
            "Your post in “%(title)s”, for which you asked for help, was looked at.", title=title
        ),
    }
    return said.get(decision) or _about_deed(decision, number, title)


def _about_deed(decision: str, number: int, title: str) -> str:
    published: str = gettext(
        "A moderator has published your post in “%(title)s”, with a label above it for its readers.",
        title=title,
    )
    said: dict[str, str] = {
        "p_labelled": published,
        # Told before such a label could be appealed against.
        "h_labelled": published,
        "restored": gettext(
            "A moderator has brought back your post in “%(title)s”: readers find it again.",
            title=title,
        ),
        "t_removed": gettext(
            "A moderator has removed your thread “%(title)s”. The reason:", title=title
        ),
        "t_restored": gettext(
            "A moderator has brought back your thread “%(title)s”: readers find it again.",
            title=title,
        ),
        RELOCATED: gettext(
            "A moderator has moved what you wrote: it stands in “%(title)s” now, at #%(number)s. Links "
            "to its old place lead there.",
            title=title,
            number=number,
        ),
    }
    return said.get(decision) or _about_undoing(decision, title)


def _about_placed(title: str, category: str) -> str:
    published: str = gettext(
        "A moderator has published your thread “%(title)s” in another category than you chose.",
        title=title,
    )
    where: str = gettext("It stands in “%(category)s” now.", category=category)
    return f"{published} {where}" if category else published


def _about_undoing(decision: str, title: str) -> str:
    said: dict[str, str] = {
        "undone": gettext(
            "A moderator has taken back what was decided about your post in “%(title)s”. It is as it "
            "was before.",
            title=title,
        ),
        "waiting": gettext(
            "A moderator has taken back what was decided about your post in “%(title)s”. It waits "
            "again, and you are told what is decided.",
            title=title,
        ),
        "reopened": gettext(
            "What was decided about your post in “%(title)s” is taken back. A moderator looks at it "
            "once more, and you are told what they decide.",
            title=title,
        ),
    }
    return said.get(decision) or _about_appeal(decision, title)


def _about_held(decision: str, title: str) -> str:
    said: dict[str, str] = {
        "changes": gettext(
            "A moderator has read your post in “%(title)s” and asks you to change it first. What to "
            "change:",
            title=title,
        ),
        "removed": gettext(
            "A moderator has read your post in “%(title)s” and did not publish it. The reason:",
            title=title,
        ),
    }
    return said.get(decision) or _about_undoing(decision, title)


def _about_appeal(decision: str, title: str) -> str:
    stays: str = gettext(
        "Another moderator has looked at your post in “%(title)s”. What was decided stays.",
        title=title,
    )
    undone: str = gettext(
        "Another moderator has looked at your post in “%(title)s”, and undone what was decided.",
        title=title,
    )
    wrong: str = gettext(
        "Another moderator has looked at your post in “%(title)s” and says that it was decided wrongly. "
        "Nothing of it was left to undo: it does not stand any more as it was decided then.",
        title=title,
    )
    right: str = gettext(
        "Another moderator has looked at your post in “%(title)s” and says that it was decided rightly. "
        "Still, it does not stand any more as it was decided then, and that stays so.",
        title=title,
    )
    said = {"overturned": undone, "conceded": wrong, "affirmed": right}
    return said.get(decision, stays)


def hidden_decision_in_words(decision: str, *, was_held: bool) -> str:
    """The same about a post that stands by now where its author may not look: nothing of that place.

    Args:
        decision: one that can be appealed against.
        was_held: whether the post was not published when it was decided.
    """
    was_held = was_held or decision in NOT_PUBLISHED
    if was_held and decision.removeprefix("h_") == "changes":
        return str(
            gettext(
                "A moderator has read your post and asks you to change it first. What to change:"
            )
        )
    if was_held:
        return str(gettext("A moderator has read your post and did not publish it. The reason:"))
    said: dict[str, str] = {
        "changes": gettext(
            "A moderator asks you to change your post. It stays as it is until you do."
        ),
        "labelled": gettext("A moderator has put a label above your post, for its readers."),
        "p_labelled": gettext(
            "A moderator has published your post, with a label above it for its readers."
        ),
        "moved": gettext(
            "A moderator has moved the thread in which you wrote to another category."
        ),
        "placed": gettext(
            "A moderator has published your thread in another category than you chose."
        ),
        "t_removed": gettext("A moderator has removed your thread. The reason:"),
    }
    removed: str = gettext("A moderator has removed your post. The reason:")
    return said.get(decision, removed)


def measure_appeal_in_words(decision: str, *, is_undone: bool, stays: bool, is_over: bool) -> str:
    """What became of a member's appeal about a warning, a mute or a suspension: a sentence.

    Args:
        is_undone: whether the measure is gone.
        stays: whether it was neither undone nor lifted.
        is_over: whether it has ended by its date.
    """
    if decision != "overturned" and is_over:
        return str(
            gettext(
                "Another moderator has looked at what was decided about you and says that it was decided "
                "rightly. It is over by now."
            )
        )
    if decision != "overturned" and stays:
        return str(gettext("Another moderator has looked at what was decided about you. It stays."))
    if decision != "overturned":
        return str(
            gettext(
                "Another moderator has looked at what was decided about you and says that it was decided "
                "rightly. It was lifted or undone all the same, and does not come back."
            )
        )
    if is_undone:
        return str(
            gettext("Another moderator has looked at what was decided about you, and undone it.")
        )
    return str(
        gettext(
            "Another moderator has looked at what was decided about you and says that it was decided "
            "wrongly. Nothing of it was left to undo."
        )
    )


def outcome_in_words(decision: str) -> str:
    """What became of a post that the reader flagged: a sentence."""
    said: dict[str, str] = {
        "labelled": gettext("A moderator has put a label above the post that you flagged."),
        "changes": gettext(
            "A moderator has asked the author of the post that you flagged to change it."
        ),
        "removed": gettext("The post that you flagged is removed."),
        "moved": gettext("The thread of the post that you flagged was moved to another category."),
        "overturned": gettext(
            "After the author of the post that you flagged appealed, another moderator has undone "
            "what was decided."
        ),
    }
    nothing: str = gettext(
        "A moderator has read the post that you flagged and found nothing wrong with it."
    )
    return said.get(decision, nothing)
