"""How often somebody may try: counted in the database, so that it holds across processes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import ngettext
from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from forum import db as database
from forum.accounts.models import Attempt
from forum.accounts.tokens import keyed_hash
from forum.clock import utcnow
from forum.db import db
from forum.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` in each window of ``seconds``."""

    name: str
    times: int
    seconds: int


SIGN_IN_BY_ACCOUNT_AND_ADDRESS = Limit("sign-in-both", 10, 15 * 60)
# Larger, so that a stranger's ten tries do not keep out the owner, who comes from elsewhere.
SIGN_IN_BY_ACCOUNT = Limit("sign-in-account", 50, 15 * 60)
SIGN_IN_BY_ADDRESS = Limit("sign-in-address", 50, 15 * 60)
# What others try elsewhere keeps nobody out of a browser in which they have signed in before.
SIGN_IN_BY_BROWSER = Limit("sign-in-browser", 10, 15 * 60)
PASSWORD_BY_MEMBER = Limit("password-member", 10, 15 * 60)
MAIL_BY_ACCOUNT = Limit("mail-account", 5, 60 * 60)
MAIL_BY_ADDRESS = Limit("mail-address", 20, 60 * 60)
SETUP_BY_ADDRESS = Limit("setup-address", 20, 15 * 60)
DOWNLOADS_BY_MEMBER = Limit("download-member", 3, 60 * 60)
PICTURES_BY_MEMBER = Limit("pictures-member", 60, 60 * 60)
POSTS_BY_MEMBER = Limit("posts-member", 60, 60 * 60)
FLAGS_BY_MEMBER = Limit("flags-member", 30, 60 * 60)
APPEALS_BY_MEMBER = Limit("appeals-member", 10, 60 * 60)
APPEALS_BY_ADDRESS = Limit("appeals-address", 20, 15 * 60)
PREVIEWS_BY_MEMBER = Limit("previews-member", 60, 60)
REVIEWS_BY_MEMBER = Limit("reviews-member", 60, 60)
DRAFTS_BY_MEMBER = Limit("drafts-member", 60, 60)
PROOFS = Limit("proof", 1, 2 * 60 * 60)

_COUNT = select(Attempt.count).where(
    Attempt.key == bindparam("key"), Attempt.window == bindparam("window")
)


def count_attempt(limit: Limit, *subjects: str) -> None:
    """Count one try of ``subjects`` together; to be called, and committed, before anything costly.

    Raises:
        TooMany: this try is over the limit.
    """
    now = int(utcnow().timestamp())
    key, window = _key(limit, *subjects), now // limit.seconds
    if _add_one(key, window) > limit.times:
        raise _too_many(limit, now)


def count_password_try(email: str, address: str | None) -> None:
    """Count one password typed for an account: by network, by account from there, by account.

    Ten tries lock an account for the network they come from, fifty from several networks for all.
    To be called, and committed, before the password is hashed. One that is refused counts nowhere.

    Raises:
        TooMany: this try is over one of the limits.
    """
    network, account = network_of(address), email.lower()
    count_attempt(SIGN_IN_BY_ADDRESS, network)
    count_attempt(SIGN_IN_BY_ACCOUNT_AND_ADDRESS, account, network)
    count_attempt(SIGN_IN_BY_ACCOUNT, account)


def count_password_try_in(email: str, browser: str) -> None:
    """The same in a browser in which the account's owner has signed in before, by that alone.

    Args:
        browser: what no other browser has.

    Raises:
        TooMany: this try is over the limit.
    """
    count_attempt(SIGN_IN_BY_BROWSER, email.lower(), browser)


def require_room(limit: Limit, subject: str) -> None:
    """Refuse where the limit is reached already; writes nothing.

    For what is counted afterwards, by ``note_attempt``, in a transaction that is needed anyway.

    Raises:
        TooMany: one more try would be over the limit.
    """
    now = int(utcnow().timestamp())
    at = {"key": _key(limit, subject), "window": now // limit.seconds}
    if int(database.value(_COUNT, at) or 0) >= limit.times:
        raise _too_many(limit, now)


def note_attempt(limit: Limit, subject: str) -> None:
    """Count one try of ``subject``, whatever the limit."""
    now = int(utcnow().timestamp())
    _add_one(_key(limit, subject), now // limit.seconds)


def is_first_use(limit: Limit, subject: str, until: int) -> bool:
    """Whether nobody has used this before. It is remembered until the second ``until`` at least."""
    return _add_one(_key(limit, subject), until // limit.seconds) == 1


def _key(limit: Limit, *subjects: str) -> str:
    return ":".join([limit.name, *(keyed_hash(subject) for subject in subjects)])


def _too_many(limit: Limit, now: int) -> TooMany:
    wait = limit.seconds - now % limit.seconds
    message = ngettext(
        "That was too often in a short time. Try again in %(num)s minute.",
        "That was too often in a short time. Try again in %(num)s minutes.",
        max(1, -(-wait // 60)),
    )
    return TooMany(message, retry_after=wait)


def _add_one(key: str, window: int) -> int:
    insert = sqlite_insert if db.engine.dialect.name == "sqlite" else postgresql_insert
    statement = (
        insert(Attempt)
        .values(key=key, window=window, count=1)
        .on_conflict_do_update(
            index_elements=[Attempt.key, Attempt.window],
            set_={"count": Attempt.count + 1},
        )
        .returning(Attempt.count)
    )
    return int(db.session.execute(statement).scalar_one())


def forget_old_attempts() -> None:
    """Remove what no limit looks at any more."""
    now = int(utcnow().timestamp())
    for limit in (
        SIGN_IN_BY_ACCOUNT_AND_ADDRESS,
        SIGN_IN_BY_ACCOUNT,
        SIGN_IN_BY_ADDRESS,
        SIGN_IN_BY_BROWSER,
        PASSWORD_BY_MEMBER,
        MAIL_BY_ACCOUNT,
        MAIL_BY_ADDRESS,
        SETUP_BY_ADDRESS,
        DOWNLOADS_BY_MEMBER,
        PICTURES_BY_MEMBER,
        POSTS_BY_MEMBER,
        APPEALS_BY_MEMBER,
        APPEALS_BY_ADDRESS,
        PREVIEWS_BY_MEMBER,
        DRAFTS_BY_MEMBER,
        PROOFS,
    ):
        prefix = f"{limit.name}:%"
        oldest = now // limit.seconds
        db.session.execute(delete(Attempt).where(Attempt.key.like(prefix), Attempt.window < oldest))


def forget_attempts_of(subjects: Iterable[str]) -> None:
    """Remove all counts of tries of somebody who has left."""
    names = [keyed_hash(subject) for subject in subjects]
    # Some stand for somebody together with a network, whose name follows.
    theirs = or_(
        *(Attempt.key.endswith(f":{name}") for name in names),
        *(Attempt.key.contains(f":{name}:") for name in names),
    )
    db.session.execute(delete(Attempt).where(theirs))


def network_of(address: str | None) -> str:
    """The address that limits count by; of IPv6 the /64, since one household has that whole."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    # A server that listens on both kinds sees IPv4 as ::ffff:192.0.2.1: all of it would be one /64.
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
