"""Predicates over people and what they ask for. They query nothing."""

from __future__ import annotations

from dataclasses import dataclass

REGISTRATION = ("open", "domain", "invitation")


@dataclass(frozen=True, slots=True)
class CommunityRules:
    """Who may ask for an account, and for how long authors may change a post.

    Attributes:
        registration: ``open`` to anybody, to addresses of some ``domain``, or by ``invitation``.
        email_domains: ``example.org`` for addresses there, ``.example.org`` for those of the
            domains below it; parted by spaces.
        edit_minutes: ``None`` is without end.
    """

    registration: str = "open"
    email_domains: str = ""
    edit_minutes: int | None = None


def can_register(rules: CommunityRules, email: str) -> bool:
    """Whether somebody with this address, in its normal form, may register without an invitation."""
    if rules.registration != "domain":
        return rules.registration == "open"
    domain = email.rpartition("@")[2].lower()
    return any(
        domain.endswith(listed) if listed.startswith(".") else domain == listed
        for listed in rules.email_domains.split()
    )
