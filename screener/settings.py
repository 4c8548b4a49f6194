"""All settings, read once from the environment (SCREENER_…) and checked before anything starts.

Production is the default; a demonstration must be asked for. All missing or wrong settings are
reported together, by their names in the environment and with the way to correct them.
"""

import base64
import binascii
import difflib
import importlib.util
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from screener import dispositions, hours, phones, zones
from screener.demonstration import CLINIC, SECRETS, TIME_ZONE, secrets_file
from screener.due import DueTimes
from screener.hours import StaffedHours
from screener.tell_settings import TellSettings

PREFIX = "SCREENER_"
_RANDOM = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
_KEY = (
    'python -c "import base64, secrets; '
    "print('k1:' + base64.b64encode(secrets.token_bytes(32)).decode())\""
)
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


class SettingsError(Exception):
    """Settings are missing or wrong; `problems` has one line for each, without values."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Limit(NamedTuple):
    """A token bucket: `tokens`, refilled evenly within `seconds`."""

    tokens: int
    seconds: int


def _limit(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[1-9][0-9]{0,5}/[1-9][0-9]{0,5}", value):
        raise ValueError("write tokens/seconds, such as 5/900")
    tokens, _, seconds = value.partition("/")
    return Limit(int(tokens), int(seconds))


def _if_text(read: Callable[[str], object]) -> Callable[[object], object]:
    return lambda value: read(value) if isinstance(value, str) else value


Rate = Annotated[Limit, NoDecode, BeforeValidator(_limit)]
Week = Annotated[hours.Week, NoDecode, BeforeValidator(_if_text(hours.read_week))]
Dates = Annotated[frozenset[date], NoDecode, BeforeValidator(_if_text(hours.read_dates))]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(dispositions.read)]


class Reply(NamedTuple):
    """How soon the clinic answers, the same for everybody: it must not tell how a form was sorted.

    Each is a text such as "within 1 working day", or "" where the clinic promises nothing.
    """

    reading: str
    call: str
    physician: str


@dataclass(frozen=True)
class Clinic:
    """How a patient finds the clinic; shown on every page.

    `phone_link` dials it, and is "" if the phone is not read as a number with certainty.
    """

    name: str
    phone: str
    phone_link: str
    hours: str
    address: str
    crisis_text: str
    reply: Reply


class Settings(TellSettings):
    """The settings. Use `Settings.load()`; building one directly raises pydantic's own error."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", validate_default=True
    )

    mode: Literal["production", "demonstration"] = (
        "production"  # first: validators of the others use it
    )
    database_url: str = Field(default="", repr=False)
    secret_key: SecretStr = SecretStr("")
    password_salt: SecretStr = SecretStr("")
    encryption_keys: SecretStr = SecretStr("")
    totp_secrets: SecretStr = SecretStr("")
    signed_rulebook: str = ""
    serve: Literal["everyone", "staff"] = "everyone"
    rules: Path | None = None
    audit_spill: Path | None = None  # a folder for views while the audit log cannot be written

    clinic_name: str = CLINIC["name"]
    clinic_phone: str = CLINIC["phone"]
    clinic_hours: str = CLINIC["hours"]
    clinic_address: str = CLINIC["address"]
    clinic_crisis_text: str = CLINIC["crisis_text"]
    # What the clinic promises everybody, such as "within 1 working day"; nothing where it is empty.
    clinic_reply_reading: str = ""  # until staff read a form
    clinic_reply_call: str = ""  # until they call, if something is missing
    clinic_reply_physician: str = ""  # until a physician talks with the person
    clinic_region: str = "US"  # ISO 3166: how phone numbers are read and written
    time_zone: str = ""  # IANA: the clinic's clock, which the machine's may not be
    # When staff work on submissions, and the dates on which nobody does.
    staffed_hours: Week = hours.read_week("Mon-Fri 09:00-17:00")
    closed_dates: Dates = frozenset()
    # How soon a submission is due in staffed time (O-7); 0 days: by the end of the same day.
    due_emergency_minutes: int = Field(default=15, ge=1, le=480)
    due_urgent_days: int = Field(default=0, ge=0, le=5)
    due_incomplete_days: int = Field(default=2, ge=0, le=60)
    due_hold_days: int = Field(default=3, ge=0, le=60)
    due_review_days: int = Field(default=5, ge=0, le=60)

    topics: Literal["chosen", "all"] = "chosen"
    https: bool = Field(default=None, validate_default=True)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    staff_idle_minutes: int = Field(default=30, ge=1, le=480)
    staff_absolute_minutes: int = Field(default=720, ge=5, le=1440)
    draft_days: int = Field(default=30, ge=1, le=365)
    patient_idle_minutes: int = Field(default=20, ge=1, le=1440)
    return_code_days: int = Field(default=0, ge=0, le=365)  # 0: as long as an unfinished form

    # Below this, a count is hidden where the numbers leave the clinic (docs/decisions/0034).
    small_count: int = Field(default=11, ge=3, le=100)

    # In the environment: texts separated by |.
    suicide_dispositions: Words = dispositions.SUICIDE
    medical_dispositions: Words = dispositions.MEDICAL

    # In the environment: tokens/seconds, such as 5/900.
    limit_start: Rate = Limit(30, 3600)  # new questionnaires; a waiting room shares an address
    limit_save: Rate = Limit(120, 600)  # page saves of one questionnaire
    limit_birth_date: Rate = Limit(5, 36000)  # tries with one code, or with one form on a device
    limit_return_address: Rate = Limit(20, 3600)  # such tries from one address
    limit_mail_link: Rate = Limit(3, 86400)  # links mailed for one form, and to one address
    limit_test_message: Rate = Limit(20, 3600)  # test messages that one member of staff sends
    limit_sign_in_account: Rate = Limit(5, 900)
    limit_sign_in_address: Rate = Limit(30, 900)

    @classmethod
    def load(cls, **given: object) -> Self:
        """Read the environment and the optional file that SCREENER_ENV_FILE names.

        `given` overrides both. Raise SettingsError with every problem.
        """
        problems: list[str] = []
        env_files: list[Path] = []
        named = os.environ.get(f"{PREFIX}ENV_FILE")
        if named and not Path(named).is_file():
            problems.append(f"{PREFIX}ENV_FILE: there is no file {named}")
        elif named:
            env_files.append(Path(named))
        present = {**_read(env_files), **_from(os.environ)}
        problems += _misspelt(present, cls)
        demonstration = given.get("mode", present.get("mode")) == "demonstration"
        if demonstration and not {*present, *given} >= SECRETS:
            env_files.insert(0, secrets_file())  # the weakest: everything else overrides it
        try:
            values: dict[str, Any] = {"_env_file": env_files, **given}
            settings = cls(**values)
        except ValidationError as error:
            problems += [_line(item["loc"], item["msg"]) for item in error.errors()]
            raise SettingsError(problems) from None
        problems += settings.problems_of_telling()
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def production(self) -> bool:
        """Return true unless this is a demonstration."""
        return self.mode == "production"

    @cached_property
    def clinic(self) -> Clinic:
        """Return the clinic's name and how to reach it."""
        phone = phones.read(self.clinic_phone, self.clinic_region)
        return Clinic(
            name=self.clinic_name,
            phone=self.clinic_phone,
            phone_link=phone.link if phone else "",
            hours=self.clinic_hours,
            address=self.clinic_address,
            crisis_text=self.clinic_crisis_text,
            reply=Reply(
                self.clinic_reply_reading, self.clinic_reply_call, self.clinic_reply_physician
            ),
        )

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the clinic's time zone."""
        return zones.zone(self.time_zone)

    @cached_property
    def due_times(self) -> DueTimes:
        """Return by when staff should have reacted, for each priority."""
        return DueTimes(
            hours=StaffedHours(self.staffed_hours, self.closed_dates, self.zone),
            emergency_minutes=self.due_emergency_minutes,
            urgent_days=self.due_urgent_days,
            incomplete_days=self.due_incomplete_days,
            hold_days=self.due_hold_days,
            review_days=self.due_review_days,
        )

    @property
    def keys(self) -> dict[str, bytes]:
        """Return the encryption keys by id; the first is the current one."""
        return parse_keys(self.encryption_keys.get_secret_value())

    @property
    def totp(self) -> dict[str, str]:
        """Return the secrets that protect second factors, by id; empty when not in use."""
        return dict(_pairs(self.totp_secrets.get_secret_value()))

    @property
    def dispositions(self) -> dict[str, tuple[str, ...]]:
        """Return the dispositions that a clinician can record, by kind of danger."""
        return {"suicide": self.suicide_dispositions, "medical": self.medical_dispositions}

    @property
    def return_codes_last(self) -> timedelta:
        """Return how long a code to come back with is good."""
        return timedelta(days=self.return_code_days or self.draft_days)

    def check_rulebook(self, rulebook_hash: str, signed: bool) -> None:
        """Raise SettingsError if production would serve patients a rulebook that nobody signed.

        `signed` is true if the database has a signature for this hash.
        """
        if not self.production or self.serve == "staff" or signed:
            return
        if self.signed_rulebook == rulebook_hash:
            return
        other = f" ({PREFIX}SIGNED_RULEBOOK names another one)" if self.signed_rulebook else ""
        raise SettingsError(
            [
                f"rulebook: no physician has signed {rulebook_hash}{other}. Start with "
                f"{PREFIX}SERVE=staff, which keeps patients out, let a physician sign it at "
                "/staff/rulebook, and start again without it; or restore the signed rulebook"
            ]
        )

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str, info: ValidationInfo) -> str:
        if not value and not _production(info):
            return "sqlite:///var/screener.db"
        if not value:
            raise ValueError(
                "missing. Write sqlite:////folder/screener.db or "
                "postgresql+psycopg://user:password@host/database"
            )
        if value.startswith("postgresql+psycopg://"):
            if importlib.util.find_spec("psycopg") is None:
                raise ValueError("PostgreSQL needs its driver: install screener[postgresql]")
            return value
        # In memory each connection would have a database of its own.
        if not value.startswith("sqlite:///") or value.removeprefix("sqlite:///") in {
            "",
            ":memory:",
        }:
            raise ValueError("must begin with sqlite:/// and a file, or postgresql+psycopg://")
        return value

    @field_validator("secret_key", "password_salt")
    @classmethod
    def _secret(cls, value: SecretStr) -> SecretStr:
        length = len(value.get_secret_value())
        if length < 32:
            fault = "missing" if not length else f"{length} characters are too few, 32 are needed"
            raise ValueError(f"{fault}. Make one: {_RANDOM}")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _encryption_keys(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value():
            raise ValueError(f"missing. Make one, and keep a copy away from the data: {_KEY}")
        parse_keys(value.get_secret_value())
        return value

    @field_validator("totp_secrets")
    @classmethod
    def _totp_secrets(cls, value: SecretStr) -> SecretStr:
        pairs = _pairs(value.get_secret_value())
        if any(len(secret) < 32 for _, secret in pairs):
            raise ValueError(f"write 1:secret, 32 characters or more. Make the secret: {_RANDOM}")
        if pairs and importlib.util.find_spec("qrcode") is None:
            raise ValueError("second factors need the package qrcode: install screener[totp]")
        return value

    @field_validator("signed_rulebook")
    @classmethod
    def _signed_rulebook(cls, value: str) -> str:
        if value and not _HASH.fullmatch(value):
            raise ValueError("must be sha256: and 64 hexadecimal digits")
        return value

    @field_validator("rules")
    @classmethod
    def _rules(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"there is no folder {value}")
        return value

    @field_validator("audit_spill", mode="before")
    @classmethod
    def _audit_spill_named(cls, value: object) -> object:
        if value == "":
            raise ValueError("write a folder, or leave the setting out")
        return value

    @field_validator("audit_spill")
    @classmethod
    def _audit_spill(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        url = str(info.data.get("database_url", ""))
        database = Path(url.removeprefix("sqlite:///")).absolute()
        if value is not None and url.startswith("sqlite") and value.absolute() == database.parent:
            raise ValueError(
                "is the database's own folder. When that is full or read-only, nothing can be "
                "written there: name a folder on another volume"
            )
        return value

    @field_validator(
        "clinic_name", "clinic_phone", "clinic_hours", "clinic_address", "clinic_crisis_text"
    )
    @classmethod
    def _clinic(cls, value: str, info: ValidationInfo) -> str:
        value = value.strip()
        what = str(info.field_name).removeprefix("clinic_")
        if not value:
            raise ValueError("must not be empty: patients read it")
        if _production(info) and what in {"name", "phone", "address"} and value == CLINIC[what]:
            raise ValueError(f"is still that of the demonstration. Write the clinic's own {what}")
        return value

    @field_validator("clinic_reply_reading", "clinic_reply_call", "clinic_reply_physician")
    @classmethod
    def _reply(cls, value: str) -> str:
        value = " ".join(value.split()).rstrip(".")
        if len(value) > 80:
            raise ValueError("is part of a sentence: write 80 characters at most")
        return value

    @field_validator("clinic_region")
    @classmethod
    def _region(cls, value: str) -> str:
        region = value.strip().upper()
        if region not in phones.REGIONS:
            meant = " Did you mean GB?" if region == "UK" else ""
            raise ValueError(
                f"phone numbers in {value!r} cannot be read.{meant} "
                "Write the two letters of a country, such as US, CA or GB"
            )
        return region

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, value: str, info: ValidationInfo) -> str:
        if not value and not _production(info):
            return TIME_ZONE
        if not value:
            raise ValueError(f"missing. Write the clinic's own, such as {TIME_ZONE}")
        zones.zone(value)
        return value

    @field_validator("https", mode="before")
    @classmethod
    def _https_default(cls, value: object, info: ValidationInfo) -> object:
        return _production(info) if value is None else value

    @field_validator("https")
    @classmethod
    def _https(cls, value: bool, info: ValidationInfo) -> bool:
        if _production(info) and not value:
            raise ValueError("must stay true in production: answers never travel unencrypted")
        return value

    @field_validator("staff_absolute_minutes")
    @classmethod
    def _absolute(cls, value: int, info: ValidationInfo) -> int:
        if value < int(info.data.get("staff_idle_minutes", 0)):
            raise ValueError(f"must not be shorter than {PREFIX}STAFF_IDLE_MINUTES")
        return value


def parse_keys(text: str) -> dict[str, bytes]:
    """Read "id:base64-of-32-bytes,…" into keys by id. Raise ValueError without quoting a key."""
    keys: dict[str, bytes] = {}
    for name, encoded in _pairs(text):
        if not _KEY_ID.fullmatch(name):
            raise ValueError("each key is id:base64, the id of letters, digits, - and _")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"key {name} is not base64. Make one: {_KEY}") from None
        if len(key) != 32:
            raise ValueError(f"key {name} has {len(key)} bytes, 32 are needed. Make one: {_KEY}")
        if name in keys:
            raise ValueError(f"the key id {name} occurs twice")
        if key in keys.values():
            raise ValueError(f"key {name} equals another key")
        keys[name] = key
    return keys


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    return [(name.strip(), value.strip()) for name, _, value in parts]


def _production(info: ValidationInfo) -> bool:
    # An invalid mode counts as production, which is stricter.
    return bool(info.data.get("mode", "production") == "production")


def _from(environment: Mapping[str, str | None]) -> dict[str, str | None]:
    upper = {name.upper(): value for name, value in environment.items()}
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in upper.items()
        if name.startswith(PREFIX)
    }


def _read(files: list[Path]) -> dict[str, str | None]:
    return {name: value for path in files for name, value in _from(dotenv_values(path)).items()}


def _misspelt(present: Mapping[str, object], model: type[BaseSettings]) -> list[str]:
    # Only near misses: container platforms set variables of their own (SCREENER_SERVICE_HOST).
    problems = []
    for name in sorted(set(present) - set(model.model_fields) - {"env_file"}):
        close = difflib.get_close_matches(name, model.model_fields, 1, 0.8)
        if close:
            problems.append(
                f"{PREFIX}{name.upper()}: no such setting. Did you mean {PREFIX}{close[0].upper()}?"
            )
    return problems


def _line(place: tuple[int | str, ...], message: str) -> str:
    name = "_".join(str(part) for part in place).upper()
    return f"{PREFIX}{name}: {message.removeprefix('Value error, ')}"
