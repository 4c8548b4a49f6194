"""Mail and webhooks on the wire: signatures, certificates, and what failures say."""

import base64
import datetime as dt
import hmac
import ipaddress
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from screener.store import Content
from screener.tell_settings import MailServer
from screener.telling import mail, sending, webhook
from screener.telling.sending import Letter, NotSent
from tests.clock import START
from tests.telling import servers
from tests.telling.servers import SECRET, mail_server

SECRETS = {"pager": base64.b64decode(SECRET)}


def letter(address: str) -> Letter:
    sign_in = "https://forms.clinic.example/staff/"
    return Letter("msg_1", "alert", Content(address, "pager"), START, sign_in)


def server(port: int, tls: str = "none", user: str = "") -> MailServer:
    return MailServer("127.0.0.1", port, user, user, "notify@clinic.example", tls)


def why(send: Any, *given: Any) -> str:
    with pytest.raises(NotSent) as error:
        send(*given)
    assert "desk@" not in str(error.value)
    return error.value.reason


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    # The example that the libraries of Standard Webhooks test themselves with.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = dt.datetime.fromtimestamp(1614265330, dt.UTC)
    body = b'{"test": 2432232314}'
    made = webhook.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, secret)
    assert made["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert made["webhook-timestamp"] == "1614265330"
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_can_check_what_came() -> None:
    with servers.webhook() as hook:
        webhook.send(letter(hook.url), SECRETS, START)
        ((headers, body),) = hook.posts
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(SECRETS["pager"], signed, "sha256")
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["content-type"] == "application/json"
    assert sorted(json.loads(body)) == ["data", "timestamp", "type"]


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (429, False), (302, False), (410, True), (401, True)]
)
def test_what_a_webhook_answers_says_whether_to_try_again(status: int, for_good: bool) -> None:
    with servers.webhook() as hook:
        hook.statuses = [status]
        with pytest.raises(NotSent) as error:
            webhook.send(letter(hook.url), SECRETS, START)
        assert len(hook.posts) == 1, "a redirect is not followed"
    assert (error.value.reason, error.value.for_good) == (f"the webhook answers {status}", for_good)


def test_a_webhook_that_is_not_there_says_so() -> None:
    reason = "the webhook cannot be reached, or hangs up"
    assert why(webhook.send, letter("http://127.0.0.1:9/"), SECRETS, START) == reason
    assert "is not set any more" in why(webhook.send, letter("http://127.0.0.1:9/"), {}, START)


def test_a_mail_server_that_offers_no_tls_gets_nothing() -> None:
    with mail_server() as box:
        told = why(mail.send, letter("desk@clinic.example"), server(box.port, "starttls"))
        assert told == "the mail server offers no TLS, or no sign-in"
        assert box.mails == []


def test_a_mail_server_without_sign_in_is_told_no_password() -> None:
    with mail_server() as box:
        told = why(mail.send, letter("desk@clinic.example"), server(box.port, user="clinic"))
    assert told == "the mail server offers no TLS, or no sign-in"


def test_a_mail_server_that_does_not_answer_ends_the_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WHOLE", 0.2)
    with mail_server() as box:
        box.hold.clear()
        told = why(mail.send, letter("desk@clinic.example"), server(box.port))
        box.hold.set()
    assert told.startswith("the mail server")


def test_an_address_that_is_none_breaks_no_header() -> None:
    with mail_server() as box:
        told = why(mail.send, letter("x@y.example\nBcc: all@y.example"), server(box.port))
        assert told == "the address cannot be written to"
        assert box.mails == []


# --- certificates --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(local, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(private + made.public_bytes(pem))
    return file


@pytest.fixture
def trusted(certificate: Path) -> ssl.SSLContext:
    """Return whom to trust for the test's servers."""
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
def identity(certificate: Path) -> ssl.SSLContext:
    """Return how the test's servers show who they are."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def secure(
    identity: ssl.SSLContext, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> ssl.SSLContext:
    """Let the test's servers speak TLS from the first byte; return whom to trust for them."""
    monkeypatch.setattr(servers, "TLS", identity)
    return trusted


def test_a_webhook_is_sent_over_tls_to_whom_is_trusted(secure: ssl.SSLContext) -> None:
    with servers.webhook() as hook:
        assert hook.url.startswith("https:")
        told = why(webhook.send, letter(hook.url), SECRETS, START)
        assert told == "the certificate of the webhook is not trusted"
        assert hook.posts == []
        webhook.send(letter(hook.url), SECRETS, START, secure)
        assert len(hook.posts) == 1


def test_mail_is_sent_over_tls_to_whom_is_trusted(secure: ssl.SSLContext) -> None:
    with mail_server() as box:
        to = letter("desk@clinic.example")
        told = why(mail.send, to, server(box.port, "tls"))
        assert told == "the certificate of the mail server is not trusted"
        assert box.mails == []
        mail.send(to, server(box.port, "tls"), secure)
        assert len(box.mails) == 1


def test_mail_changes_to_tls_with_whom_is_trusted_before_anything_is_said(
    identity: ssl.SSLContext, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "START_TLS", identity)
    with mail_server() as box:
        to = letter("desk@clinic.example")
        told = why(mail.send, to, server(box.port, "starttls"))
        assert told == "the certificate of the mail server is not trusted"
        assert box.mails == []
        mail.send(to, server(box.port, "starttls"), trusted)
        assert len(box.mails) == 1 and box.encrypted
