"""The one mailer: through a mail server when there is one, else as readable files."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol

from forum.config import Settings

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. The same ``key`` means the same mail: sent again, it replaces or repeats the first."""

    key: str
    written_at: datetime
    to: str
    subject: str
    body: str


class Mailer(Protocol):
    """Something that sends letters."""

    def send(self, letter: Letter) -> None:
        """Send it, or raise."""


class FileMailer:
    """Writes each letter into a folder, for communities without a mail server and for trying out."""

    def __init__(self, folder: Path, sender: str) -> None:
        self.folder = folder
        self.sender = sender

    def send(self, letter: Letter) -> None:
        """Write ``<time>-<key>.eml``; a letter sent twice is one file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{letter.written_at:%Y%m%d-%H%M%S}-{letter.key}.eml"
        partial = self.folder / f".{name}.part"
        partial.write_bytes(
            as_message(letter, self.sender).as_bytes(policy=default.clone(cte_type="8bit"))
        )
        partial.rename(self.folder / name)


class SmtpMailer:
    """Sends each letter through the configured mail server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, letter: Letter) -> None:
        """Hand it to the server, which takes it or an error is raised.

        When the forum dies between the server's yes and its own note of it, the letter goes out
        again with the same Message-ID, by which many mail programs recognise it.
        """
        settings = self.settings
        kind = smtplib.SMTP_SSL if settings.smtp_tls == "tls" else smtplib.SMTP
        with kind(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS) as server:
            if settings.smtp_tls == "starttls":
                server.starttls()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(as_message(letter, settings.mail_from))


def as_message(letter: Letter, sender: str) -> EmailMessage:
    """The letter as RFC 5322 wants it, marked as automatic (RFC 3834) so that nobody's absence replies."""
    host = parseaddr(sender)[1].partition("@")[2] or "localhost"
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body, cte="8bit")
    return message


def mailer_for(settings: Settings) -> Mailer:
    """The mailer that these settings ask for."""
    if settings.smtp_host:
        return SmtpMailer(settings)
    return FileMailer(settings.mail_folder, settings.mail_from)
