"""A mail server and a webhook of a few lines, and a clinic that is told through them."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = base64.b64encode(bytes(range(32))).decode()
# What the servers speak from the first byte, and what the mail server offers to change to.
TLS: ssl.SSLContext | None = None
START_TLS: ssl.SSLContext | None = None
SIGN_IN = "https://forms.clinic.example"

ROSTER = """\
tell:
  - id: desk
    name: The desk
    mail: desk@clinic.example
    priorities: [emergency, urgent, review]
    hours: staffed
    minutes: 10
  - id: pager
    name: Physician on call
    webhook: {hook}
    secret: pager
    priorities: [emergency]
    hours: any
    minutes: 15
steps_when_not_reached:
  - Call the second number.
  - Ask the physician what is next.
"""


@dataclass
class Mailbox:
    """What a mail server was sent. `answers` are its answers to recipients, in turn, then 250."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    hold: threading.Event = field(default_factory=threading.Event)
    encrypted: bool = False

    @property
    def ids(self) -> list[str]:
        """Return the ids of the messages, as the headers have them."""
        return [str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in self.mails]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Serve SMTP; each mail that is sent is kept. Without `hold.set()` it answers at once."""
    box = Mailbox()
    box.hold.set()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline():
                command = line.decode().strip().upper()
                if command.startswith("EHLO") and START_TLS:
                    self.say("250-test\r\n250 STARTTLS")
                elif command == "STARTTLS" and START_TLS:
                    self.say("220 go on")
                    self.connection = START_TLS.wrap_socket(self.request, server_side=True)
                    self.setup_files()
                    box.encrypted = True
                elif command.startswith("RCPT") and box.answers:
                    self.say(box.answers.pop(0))
                elif command == "DATA":
                    self.say("354 go on")
                    self.take()
                elif command == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def setup_files(self) -> None:
            self.rfile = self.connection.makefile("rb")
            self.wfile = socketserver._SocketWriter(self.connection)  # type: ignore[attr-defined]

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            whole = b"".join(lines).replace(b"\r\n", b"\n")
            mail = message_from_bytes(whole, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            box.mails.append(mail)
            box.arrived.set()
            box.hold.wait()
            self.say("250 taken")

    with _served(_Mail(("127.0.0.1", 0), Handler)) as port:
        box.port = port
        yield box
        box.hold.set()


class _Mail(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a sender that was killed."""


@dataclass
class Hook:
    """What a webhook was sent: headers and body. `statuses` are its answers in turn, then 200."""

    url: str = ""
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Hook]:
    """Serve a webhook."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of a sender that does not trust this server."""

    server = Server(("127.0.0.1", 0), Handler)
    with _served(server) as port:
        scheme = "https" if TLS else "http"
        hook.url = f"{scheme}://127.0.0.1:{port}/hook"
        yield hook


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[int]:
    if TLS is not None:
        server.socket = TLS.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def clinic(folder: Path, box: Mailbox, hook: Hook, roster: str = ROSTER) -> dict[str, Any]:
    """Return the settings of a clinic that is told by these two."""
    file = folder / "tell.yaml"
    file.write_text(roster.replace("{hook}", hook.url), encoding="utf-8")
    return {
        "tell": file,
        "public_url": SIGN_IN,
        "smtp_host": "127.0.0.1",
        "smtp_port": box.port,
        "smtp_sender": "notify@clinic.example",
        "smtp_tls": "none",
        "webhook_secrets": f"pager:whsec_{SECRET}",
        "time_zone": "America/New_York",
    }
