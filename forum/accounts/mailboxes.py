"""Addresses of mailboxes: one spelling for each, by which accounts are found again."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from forum.accounts.models import EMAIL_LENGTH


def normal_mailbox(address: str) -> str | None:
    """The address as the database keeps it (RFC 5321, RFC 6531); None when mail cannot go there.

    The domain in the letters of ASCII, which every mail server takes. Letters beyond ASCII in front
    of it are small, because SQLite knows their capitals no better than PostgreSQL in some locales.
    """
    if len(address) > EMAIL_LENGTH:
        return None
    try:
        found = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    name = "".join(sign if sign.isascii() else sign.lower() for sign in found.local_part)
    return f"{name}@{found.ascii_domain}"


def normal_domain(domain: str) -> str | None:
    """A mail domain in its normal form, with the dot in front that it may have; None when no mail
    can go there."""
    below = "." if domain.startswith(".") else ""
    mailbox = normal_mailbox(f"someone@{domain.removeprefix('.')}")
    return None if mailbox is None else below + mailbox.partition("@")[2].lower()
