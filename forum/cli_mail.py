"""``forum mail``: what was sent, and whether the mail server takes letters."""

from __future__ import annotations

import smtplib
import ssl
from pathlib import Path

import click

from forum.cli_lists import list_options, print_list


@click.group()
def mail() -> None:
    """Letters that the forum sends."""


@mail.command("list")
@list_options
@click.option("--state", type=click.Choice(["waiting", "sent", "set aside"]))
@click.pass_obj
def list_mail(instance: Path, kind: str | None, search: str, state: str | None) -> None:
    """Show to whom letters went: recipient, kind, state, times, attempts. Never what they say."""
    from forum.admin.mail_queries import MAIL

    print_list(instance, MAIL, kind, search, state=state)


@mail.command("test")
@click.argument("address")
@click.pass_obj
def try_mail(instance: Path, address: str) -> None:
    """Send a trial letter to ADDRESS now, and say what the mail server answers."""
    from flask_babel import gettext

    from forum.accounts.checks import checked_email
    from forum.cli import application
    from forum.clock import utcnow
    from forum.config import current_settings
    from forum.notifications.mail import Letter, OutOfReach, Refused, mailer_for

    with application(instance, safe_mode=True):
        settings = current_settings()
        now = utcnow()
        letter = Letter(
            key=f"trial-{now:%Y%m%d%H%M%S}",
            written_at=now,
            to=checked_email(address),
            subject=gettext("A trial letter"),
            body=gettext("The forum can send letters.\n\n%(link)s\n", link=settings.base_url),
        )
        try:
            mailer_for(settings).send(letter)
        except (OutOfReach, Refused) as error:
            raise click.ClickException(words_of(error.__cause__ or error)) from error
        except smtplib.SMTPException as error:
            raise click.ClickException(words_of(error)) from error
    where = f"The mail server took it: {settings.smtp_host}." if settings.smtp_host else ""
    click.echo(where or f"No mail server is named, so it lies in {settings.mail_folder}.")


def words_of(error: BaseException) -> str:
    """What went wrong on the way to the mail server, and what to do."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"The server does not take smtp_user and smtp_password. It says: {_said(error)}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, said)] = error.recipients.values()
        return f"The server does not take letters for this address. It says: {code} {_text(said)}"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"The server does not take letters from mail_from. It says: {_said(error)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The server does not take the letter. It says: {_said(error)}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"The server cannot do what smtp_tls, smtp_user or the address need: {error}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The server's certificate cannot be trusted: {error.verify_message}. Name the server as "
            "its certificate does, or give its authority in the variable SSL_CERT_FILE."
        )
    if isinstance(error, ssl.SSLError):
        return "The server does not speak TLS on this port. Look at smtp_port and smtp_tls."
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        return "The server did not answer in time, or broke off. Look at smtp_port and smtp_tls."
    return f"The server cannot be reached: {error}. Look at smtp_host and smtp_port."


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", errors="replace") if isinstance(said, bytes) else said
    # A server's words could hold what a terminal obeys.
    return "".join(letter if letter.isprintable() else " " for letter in text)
