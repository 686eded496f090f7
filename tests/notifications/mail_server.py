"""A mail server on this machine that can be told to misbehave."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP (RFC 5321) as it takes to receive a letter.

    ``answers`` has what it says to a verb, in place of yes; ``lost`` addresses it refuses for good.
    With ``drips`` it sends its answers one byte at a time, with so many seconds between; with
    ``silent`` it never says anything. ``forgets`` breaks so many connections off after it has taken
    the letter, before it says so.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.lost: set[str] = set()
        self.offers = ["SMTPUTF8", "8BITMIME"]
        self.drips = 0.0
        self.silent = False
        self.forgets = 0
        self.connections = 0
        self.closing = threading.Event()
        self.meanwhile: Callable[[], None] = lambda: None

    @contextmanager
    def running(self) -> Iterator[MailServer]:
        """Answer meanwhile."""
        thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self.shutdown()
            thread.join()
            self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        data = f"{line}\r\n".encode()
        if not self.server.drips:
            self.wfile.write(data)
            return
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if self.server.closing.wait(self.server.drips):
                return

    def handle(self) -> None:
        self.server.connections += 1
        if self.server.silent:
            self.server.closing.wait(60)
            return
        try:
            self.converse()
        except (BrokenPipeError, ConnectionResetError):
            # The forum had no patience any more.
            return

    def converse(self) -> None:
        self.say("220 hello")
        envelope: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb in ("MAIL", "RCPT"):
                envelope.append(line)
            if verb == "DATA":
                self.say("354 go on")
                if not self.receive(envelope):
                    return
            elif verb == "EHLO":
                self.say("250-here")
                for offer in self.server.offers:
                    self.say(f"250-{offer}")
                self.say("250 HELP")
            elif verb == "RCPT" and any(address in line for address in self.server.lost):
                self.say("550 nobody of this name")
            else:
                self.say(
                    self.server.answers.get(verb) or ("221 bye" if verb == "QUIT" else "250 yes")
                )

    def receive(self, envelope: list[str]) -> bool:
        body = b"".join(iter(self.rfile.readline, b".\r\n"))
        self.server.meanwhile()
        if refusal := self.server.answers.get("DATA"):
            self.say(refusal)
            return True
        message = message_from_bytes(body, policy=default)
        assert isinstance(message, EmailMessage)
        self.server.received.append((list(envelope), message))
        envelope.clear()
        if self.server.forgets:
            self.server.forgets -= 1
            return False
        self.say("250 yes")
        return True
