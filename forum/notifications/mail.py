"""The one mailer: through a mail server when there is one, else as readable files."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Protocol

from forum.config import Settings

# For each answer of the mail server, and for the whole conversation: less than a job's lease.
ANSWER_SECONDS = 15
LETTER_SECONDS = 25


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


class Refused(Exception):
    """The mail server takes this letter neither now nor later (a reply 5yz, RFC 5321, 4.2.1)."""


class OutOfReach(Exception):
    """The mail server takes no letter at all at present: it is away, hangs, or does not let us in."""


class SmtpMailer:
    """Sends each letter through the configured mail server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, letter: Letter) -> None:
        """Hand it to the server, which takes it or an error is raised.

        When the forum dies, or the connection breaks, between the server's yes and our note of it,
        the letter goes out again with the same Message-ID, by which many mail programs know it.

        Raises:
            Refused: this letter will never be taken.
            OutOfReach: no letter is taken at present.
            smtplib.SMTPException: this letter is not taken now.
        """
        with self._conversation() as server:
            # Not every server takes bytes beyond ASCII (RFC 6152), all take this.
            message = as_message(letter, self.settings.mail_from, cte="quoted-printable")
            try:
                server.send_message(message)
            except (smtplib.SMTPException, OSError) as error:
                raise _meaning(error) from error

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        settings = self.settings
        try:
            server = _open(settings)
        except (OSError, smtplib.SMTPException) as error:
            raise OutOfReach from error
        with closing(server):
            try:
                if settings.smtp_tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password)
            except (OSError, smtplib.SMTPException) as error:
                raise OutOfReach from error
            yield server
            # What it says to a goodbye changes nothing about the letter that it took.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()


class _Bounded:
    """A conversation with a mail server that ends after ``LETTER_SECONDS``. Each answer has its own
    limit, but a server that sends a letter of it now and then would never meet that."""

    sock: socket.socket | None
    _watch: threading.Timer | None = None

    def connect(self, *place: Any, **options: Any) -> Any:
        """Called when the object is made."""
        self._watch = threading.Timer(LETTER_SECONDS, self._break_off)
        self._watch.daemon = True
        self._watch.start()
        try:
            return super().connect(*place, **options)  # type: ignore[misc]
        except BaseException:
            self._watch.cancel()
            raise

    def close(self) -> None:
        """Called at each end."""
        super().close()  # type: ignore[misc]
        if self._watch is not None:
            self._watch.cancel()

    def _break_off(self) -> None:
        if (sock := self.sock) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class _Plain(_Bounded, smtplib.SMTP):
    pass


class _Secured(_Bounded, smtplib.SMTP_SSL):
    pass


def _open(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_tls == "tls":
        context = ssl.create_default_context()
        return _Secured(host, port, timeout=ANSWER_SECONDS, context=context)
    return _Plain(host, port, timeout=ANSWER_SECONDS)


def _meaning(error: Exception) -> Exception:
    """What an error of the conversation means for this letter and for the next."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        # 530: it wants us to sign in first (RFC 4954), whoever the letter is for.
        return Refused() if min(codes) >= 500 and 530 not in codes else error
    if isinstance(error, smtplib.SMTPDataError):
        return Refused() if error.smtp_code >= 500 else error
    if isinstance(error, smtplib.SMTPNotSupportedError):
        # An address whose letters the server cannot write (RFC 6531).
        return Refused()
    return OutOfReach()


def as_message(letter: Letter, sender: str, *, cte: str = "8bit") -> EmailMessage:
    """The letter as RFC 5322 wants it, marked as automatic (RFC 3834) so that nobody's absence replies."""
    host = parseaddr(sender)[1].partition("@")[2] or "localhost"
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body, cte=cte)
    return message


def mailer_for(settings: Settings) -> Mailer:
    """The mailer that these settings ask for."""
    if settings.smtp_host:
        return SmtpMailer(settings)
    return FileMailer(settings.mail_folder, settings.mail_from)
