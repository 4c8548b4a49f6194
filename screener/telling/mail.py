"""Sending by mail."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from screener.tell_settings import MailServer
from screener.telling import sending
from screener.telling.sending import Letter, NotSent

_PERMANENT = 500


def send(letter: Letter, server: MailServer, now_tls: ssl.SSLContext | None = None) -> None:
    """Send a letter by mail. Raise NotSent.

    `now_tls` says whom to trust; without it the machine's certificates do.
    """
    trusted = now_tls or ssl.create_default_context()
    try:
        connection = _connected(server, trusted)
        with connection, sending.time_limit(lambda: _cut(connection)):
            if server.tls == "starttls":
                connection.starttls(context=trusted)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(_mail(letter, server.sender))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _not_sent(error) from None


def _connected(server: MailServer, trusted: ssl.SSLContext) -> smtplib.SMTP:
    if server.tls == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=sending.PAUSE, context=trusted)
    return smtplib.SMTP(server.host, server.port, timeout=sending.PAUSE)


def _cut(connection: smtplib.SMTP) -> None:
    if connection.sock is not None:
        connection.sock.shutdown(socket.SHUT_RDWR)


def _mail(letter: Letter, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = letter.content.address
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.created_at)
    # The same at every try, so that a mailbox can tell that it has the message already.
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body)
    return mail


def _not_sent(error: Exception) -> NotSent:
    """Say what went wrong. The error's own words are left out: they may quote the address."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return NotSent("the mail server refuses user and password")
        case smtplib.SMTPNotSupportedError():
            return NotSent("the mail server offers no TLS, or no sign-in")
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            codes = [code for code, _ in recipients.values()]
            code = codes[0] if codes else 0
            refused = f"the mail server refuses the recipient ({code})"
            return NotSent(refused, for_good=code >= _PERMANENT)
        case smtplib.SMTPSenderRefused(smtp_code=code):
            return NotSent(f"the mail server refuses the sender ({code})")
        case smtplib.SMTPResponseException(smtp_code=code):
            return NotSent(f"the mail server answers {code}")
        case ssl.SSLCertVerificationError():
            return NotSent("the certificate of the mail server is not trusted")
        case ssl.SSLError():
            return NotSent("there is no TLS with the mail server")
        case TimeoutError():
            return NotSent("the mail server does not answer in time")
        case socket.gaierror():
            return NotSent("the name of the mail server is not known")
        case ValueError():
            return NotSent("the address cannot be written to", for_good=True)
    return NotSent("the mail server cannot be reached, or hangs up")
