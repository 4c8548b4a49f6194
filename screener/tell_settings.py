"""The settings of telling: whom, by which mail server, with which secrets, and where to sign in."""

import base64
import binascii
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from screener.engine.problems import RulebookError
from screener.roster import Roster, read_roster

_SHORTEST, _LONGEST = 24, 64  # bytes of a secret, as Standard Webhooks wants them
_MAKE = (
    'python -c "import base64, secrets; '
    "print('pager:whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())\""
)


class MailServer(NamedTuple):
    """How mail is sent. `tls`: "starttls", "tls" from the first byte on, or "none"."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str


class TellSettings(BaseSettings):
    """The settings of telling, a part of `Settings`."""

    tell: Path | None = None  # the file that says who is told of what
    tell_clinic_name: bool = False  # whether messages name the clinic
    public_url: str = ""  # where this site is reached, such as https://forms.clinic.example
    worker_minutes: int = Field(default=5, ge=1, le=120)  # unseen for so long: staff are warned
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_sender: str = ""
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    webhook_secrets: SecretStr = SecretStr("")  # name:whsec_base64, separated by commas
    mail_links: bool = False  # whether a person may have the link to come back sent by mail

    @property
    def mail_server(self) -> MailServer | None:
        """Return how mail is sent; None where no server is set."""
        if not self.smtp_host:
            return None
        return MailServer(
            self.smtp_host,
            self.smtp_port,
            self.smtp_user,
            self.smtp_password.get_secret_value(),
            self.smtp_sender,
            self.smtp_tls,
        )

    @property
    def signing_secrets(self) -> dict[str, bytes]:
        """Return the secrets that sign webhooks, by name."""
        return _secrets(self.webhook_secrets.get_secret_value())

    @cached_property
    def roster(self) -> Roster:
        """Return who is told; nobody where no file is set. Raise RulebookError as it is read."""
        if self.tell is None:
            return Roster()
        return read_roster(self.tell, self.signing_secrets, plain_http=not self.production)

    @property
    def production(self) -> bool:
        """Return true unless this is a demonstration; `Settings` knows."""
        raise NotImplementedError

    def problems_of_telling(self) -> list[str]:
        """Return what does not fit together, one line each, by the names of the settings."""
        try:
            entries = self.roster.recipients
        except RulebookError as error:
            return [f"SCREENER_TELL: {problem}" for problem in error.problems]
        problems = []
        needs_mail = self.mail_links or any(entry.mail for entry in entries)
        if needs_mail and not self.smtp_host:
            what = "SCREENER_MAIL_LINKS is on" if self.mail_links else "the list has mail addresses"
            problems.append(f"SCREENER_SMTP_HOST: missing, and {what}. Write a mail server's name")
        if self.smtp_host and not self.smtp_sender:
            problems.append(
                "SCREENER_SMTP_SENDER: missing. Write an address that tells nothing, such as "
                "notify@clinic.example"
            )
        if bool(self.smtp_user) != bool(self.smtp_password.get_secret_value()):
            lacks = "PASSWORD" if self.smtp_user else "USER"
            problems.append(f"SCREENER_SMTP_{lacks}: missing. User and password go together")
        if self.production and self.smtp_tls == "none":
            problems.append("SCREENER_SMTP_TLS: must be starttls or tls in production")
        if (entries or self.mail_links) and not self.public_url:
            problems.append(
                "SCREENER_PUBLIC_URL: missing. Messages lead there; write such as "
                "https://forms.clinic.example"
            )
        if self.production and self.public_url.startswith("http:"):
            problems.append("SCREENER_PUBLIC_URL: must begin with https:// in production")
        return problems

    @field_validator("tell")
    @classmethod
    def _tell(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            right = parts.scheme in ("https", "http") and bool(parts.hostname)
            right = right and parts.port != 0 and not (parts.query or parts.fragment)
        except ValueError:
            right = False
        if not right or "@" in value or not value.isascii() or any(map(str.isspace, value)):
            raise ValueError("write an address such as https://forms.clinic.example")
        return value

    @field_validator("smtp_host", "smtp_user")
    @classmethod
    def _one_word(cls, value: str) -> str:
        value = value.strip()
        if not value.isprintable() or any(map(str.isspace, value)):
            raise ValueError("must be one word")
        return value

    @field_validator("smtp_sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        try:
            return validate_email(value, check_deliverability=False).normalized if value else ""
        except EmailNotValidError as error:
            raise ValueError(f"write a mail address alone: {error}") from None

    @field_validator("webhook_secrets")
    @classmethod
    def _webhook_secrets(cls, value: SecretStr) -> SecretStr:
        _secrets(value.get_secret_value())
        return value


def _secrets(text: str) -> dict[str, bytes]:
    """Read "name:whsec_base64,…". Raise ValueError without quoting a secret."""
    secrets: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, encoded = part.partition(":")
        if not colon or not name.strip():
            raise ValueError(f"each is a name, a colon and a secret. Make one: {_MAKE}")
        try:
            secret = base64.b64decode(encoded.strip().removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"the secret {name} is not base64. Make one: {_MAKE}") from None
        if not _SHORTEST <= len(secret) <= _LONGEST:
            raise ValueError(
                f"the secret {name} has {len(secret)} bytes; {_SHORTEST} to {_LONGEST} are "
                f"needed. Make one: {_MAKE}"
            )
        if name in secrets:
            raise ValueError(f"the name {name} occurs twice")
        secrets[name.strip()] = secret
    return secrets
