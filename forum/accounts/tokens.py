"""Random tokens for links and cookies. The browser has the token, the database only its hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from flask import current_app

from forum.config.secret import Secrets

MOST_KNOWN = 5
OF_MEASURES = "measure"
"""Links that lead to what was decided about somebody who may not be able to sign in."""
_SIGNED = re.compile(r"[1-9][0-9]{0,15}\.[0-9]{1,12}\.[A-Za-z0-9_-]{43}")
_KNOWN = re.compile(rf"[A-Za-z0-9_-]{{43}}(?:\.[0-9a-f]{{40}}){{1,{MOST_KNOWN}}}")


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps: enough to find the row, useless to whoever reads a backup."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_seed() -> str:
    """What a token is made from. It says which secret to make it with, should that change meanwhile."""
    return f"{new_token()}.{_name_of(_secrets().current())}"


def token_from(seed: str) -> str:
    """The token that this instance, and nobody without its secret, makes of ``seed``.

    The seed can wait in the jobs table for its letter, which a backup may show to others.
    """
    kept = _secrets()
    name = seed.rpartition(".")[2]
    known = [secret for secret in kept.before() if _name_of(secret) == name]
    key = known[0] if known else kept.current()
    return base64.urlsafe_b64encode(_keyed(f"token {seed}", key)).decode().rstrip("=")


def keyed_hash(text: str) -> str:
    """A name for ``text`` that only somebody with the instance's secret can work out.

    It is another one after a change of the secret: for what may be forgotten then, as counts of tries.
    """
    return _keyed(text, _secrets().current()).hex()[:40]


def key_for(purpose: str) -> str:
    """A key that only this instance has, another one for each purpose and after a change of the secret."""
    return _keyed(f"key {purpose}", _secrets().current()).hex()


def signed(purpose: str, number: int, until: int) -> str:
    """A word for a link: a number that holds until the second ``until``. Nobody without the instance's
    secret can make another one; nothing of it is stored."""
    said = f"{number}.{until}"
    return f"{said}.{_signature(purpose, said, _secrets().current())}"


def signed_number(purpose: str, word: str, now: int) -> int | None:
    """The number in such a word; ``None`` when it is not ours, not whole, or its time is over."""
    if not _SIGNED.fullmatch(word):
        return None
    said, _dot, signature = word.rpartition(".")
    keys = [_secrets().current(), *_secrets().before()]
    if not any(hmac.compare_digest(_signature(purpose, said, key), signature) for key in keys):
        return None
    number, until = (int(part) for part in said.split("."))
    return number if now < until else None


def _signature(purpose: str, said: str, key: str) -> str:
    return base64.urlsafe_b64encode(_keyed(f"link {purpose} {said}", key)).decode().rstrip("=")


def is_known(cookie: str, member_id: int) -> bool:
    """Whether this cookie, made by ``known_with``, says that the member has signed in there."""
    seed, marks = _parts_of(cookie)
    mine = _mark(seed, member_id)
    return any(hmac.compare_digest(mark, mine) for mark in marks)


def browser_in(cookie: str) -> str:
    """The random number of a browser, which stays while others sign in there."""
    return _parts_of(cookie)[0]


def known_with(cookie: str, member_id: int) -> str:
    """The cookie of a browser in which the member has signed in, beside at most four others who did
    so before. It names nobody to whoever has not the instance's secret, and nothing of it is stored.
    """
    seed, marks = _parts_of(cookie)
    mine = _mark(seed, member_id)
    others = [mark for mark in marks if mark != mine]
    return ".".join([seed, *others[-(MOST_KNOWN - 1) :], mine])


def _parts_of(cookie: str) -> tuple[str, list[str]]:
    # What did not come from us begins anew.
    if not _KNOWN.fullmatch(cookie):
        return new_token(), []
    seed, *marks = cookie.split(".")
    return seed, marks


def _mark(seed: str, member_id: int) -> str:
    return keyed_hash(f"browser {seed} {member_id}")


def _keyed(text: str, key: str) -> bytes:
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256)


def _name_of(secret: str) -> str:
    return hashlib.sha256(f"name {secret}".encode()).hexdigest()[:12]


def _secrets() -> Secrets:
    found: Secrets = current_app.extensions["forum_secrets"]
    return found
