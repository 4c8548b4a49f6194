"""Sending to a webhook, signed as Standard Webhooks wants it."""

import base64
import hmac
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from screener.telling import sending
from screener.telling.sending import Letter, NotSent

_MOST = 4096  # bytes of an answer that are looked at: none of it is kept
_LATER = (408, 409, 425, 429)  # statuses below 500 after which another try may succeed


def send(
    letter: Letter,
    secrets: Mapping[str, bytes],
    now: datetime,
    now_tls: ssl.SSLContext | None = None,
) -> None:
    """Send a letter to a webhook. Raise NotSent. A redirect is a failure: it is not followed."""
    secret = secrets.get(letter.content.secret)
    if secret is None:
        raise NotSent("the secret of this webhook is not set any more")
    parts = urlsplit(letter.content.address)
    body = _body(letter)
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port, now_tls)
        try:
            connection.connect()
            with sending.time_limit(lambda: _cut(connection)):
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", path, body, headers(letter.id, now, body, secret))
                answer = connection.getresponse()
                answer.read(_MOST)
        finally:
            connection.close()
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise _not_sent(error) from None
    if not 200 <= answer.status < 300:
        for_good = 400 <= answer.status < 500 and answer.status not in _LATER
        raise NotSent(f"the webhook answers {answer.status}", for_good=for_good)


def headers(id: str, now: datetime, body: bytes, secret: bytes) -> dict[str, str]:
    """Return the headers: the id that stays, the time of this try, and the signature over both."""
    at = str(int(now.timestamp()))
    digest = hmac.digest(secret, f"{id}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "screener",
        "webhook-id": id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _body(letter: Letter) -> bytes:
    kind = "test" if letter.kind == "test" else "submission.waiting"
    content = {
        "type": kind,
        "timestamp": letter.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "data": {"text": letter.text, "url": letter.sign_in},
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _connection(
    scheme: str, host: str, port: int | None, trusted: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    if scheme == "http":  # in a demonstration alone: the list is refused elsewhere
        return http.client.HTTPConnection(host, port, timeout=sending.PAUSE)
    context = trusted or ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=sending.PAUSE, context=context)


def _cut(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        connection.sock.shutdown(socket.SHUT_RDWR)


def _not_sent(error: Exception) -> NotSent:
    match error:
        case ssl.SSLCertVerificationError():
            return NotSent("the certificate of the webhook is not trusted")
        case ssl.SSLError():
            return NotSent("there is no TLS with the webhook")
        case TimeoutError():
            return NotSent("the webhook does not answer in time")
        case socket.gaierror():
            return NotSent("the name of the webhook is not known")
        case http.client.HTTPException() | ValueError():
            return NotSent("the webhook answers nonsense")
    return NotSent("the webhook cannot be reached, or hangs up")
