"""The settings of telling: what does not fit together is said at the start, without secrets."""

from pathlib import Path
from typing import Any

import pytest

from screener.settings import Settings, SettingsError
from tests.telling.servers import SECRET
from tests.web import make_settings

LIST = """\
tell:
  - id: desk
    name: The desk
    mail: desk@clinic.example
    priorities: [emergency]
    hours: any
"""
PRODUCTION = {
    "mode": "production",
    "clinic_name": "Hill Street Clinic",
    "clinic_phone": "(555) 555-0199",
    "clinic_address": "1 Hill Street",
    "time_zone": "America/Chicago",
    "https": True,
}


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "tell.yaml"
    file.write_text(LIST, encoding="utf-8")
    return {
        "tell": file,
        "public_url": "https://forms.clinic.example/",
        "smtp_host": "mail.clinic.example",
        "smtp_sender": "notify@clinic.example",
    }


def problems(folder: Path, **given: Any) -> list[str]:
    with pytest.raises(SettingsError) as error:
        make_settings(folder, **given)
    assert SECRET not in str(error.value)
    return error.value.problems


def test_what_fits_is_taken(tmp_path: Path, given: dict[str, Any]) -> None:
    settings = make_settings(tmp_path, **PRODUCTION, **given)
    assert [recipient.id for recipient in settings.roster.recipients] == ["desk"]
    assert settings.public_url == "https://forms.clinic.example"
    assert settings.mail_server and settings.mail_server.tls == "starttls"


def test_without_settings_nobody_is_told(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    assert settings.roster.recipients == () and settings.mail_server is None


def test_a_secret_is_read_with_and_without_its_prefix(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, webhook_secrets=f"a:whsec_{SECRET}, b:{SECRET}")
    assert settings.signing_secrets == {"a": bytes(range(32)), "b": bytes(range(32))}
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("tell", Path("nowhere.yaml"), "SCREENER_TELL: there is no file nowhere.yaml"),
        ("public_url", "", "SCREENER_PUBLIC_URL: missing. Messages lead there"),
        ("public_url", "forms.clinic.example", "SCREENER_PUBLIC_URL: write an address such as"),
        ("public_url", "https://x.example/?a=b", "SCREENER_PUBLIC_URL: write an address such as"),
        ("public_url", "http://forms.clinic.example", "SCREENER_PUBLIC_URL: must begin with https"),
        ("smtp_host", "", "SCREENER_SMTP_HOST: missing, and the list has mail addresses"),
        ("smtp_host", "mail server", "SCREENER_SMTP_HOST: must be one word"),
        ("smtp_port", 0, "SCREENER_SMTP_PORT"),
        ("smtp_sender", "", "SCREENER_SMTP_SENDER: missing"),
        ("smtp_sender", "The clinic", "SCREENER_SMTP_SENDER: write a mail address alone"),
        ("smtp_user", "clinic", "SCREENER_SMTP_PASSWORD: missing. User and password go together"),
        ("smtp_password", "word", "SCREENER_SMTP_USER: missing. User and password go together"),
        ("smtp_tls", "none", "SCREENER_SMTP_TLS: must be starttls or tls in production"),
        ("smtp_tls", "ssl", "SCREENER_SMTP_TLS"),
        ("webhook_secrets", SECRET, "SCREENER_WEBHOOK_SECRETS: each is a name, a colon"),
        ("webhook_secrets", "a:***", "SCREENER_WEBHOOK_SECRETS: the secret a is not base64"),
        ("webhook_secrets", "a:AAAA", "SCREENER_WEBHOOK_SECRETS: the secret a has 3 bytes"),
        ("webhook_secrets", f"a:{SECRET},a:{SECRET}", "the name a occurs twice"),
    ],
)
def test_what_does_not_fit_is_said_by_its_name(
    tmp_path: Path, given: dict[str, Any], name: str, value: Any, says: str
) -> None:
    shown = problems(tmp_path, **PRODUCTION, **{**given, name: value})
    assert any(says in problem for problem in shown), shown


def test_faults_of_the_list_stop_the_start(tmp_path: Path, given: dict[str, Any]) -> None:
    given["tell"].write_text(LIST.replace("any", "night"), encoding="utf-8")
    (problem,) = problems(tmp_path, **given)
    assert problem.startswith("SCREENER_TELL: tell.yaml:6:12: found night; allowed: 'staffed'")


def test_mailed_links_need_a_mail_server_and_an_address(tmp_path: Path) -> None:
    names = [problem.split(":")[0] for problem in problems(tmp_path, mail_links=True)]
    assert names == ["SCREENER_SMTP_HOST", "SCREENER_PUBLIC_URL"]


def test_a_webhook_without_tls_is_for_a_demonstration(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    hook = "webhook: http://pager.example\n    secret: a"
    given["tell"].write_text(LIST.replace("mail: desk@clinic.example", hook), encoding="utf-8")
    given["webhook_secrets"] = f"a:{SECRET}"
    assert make_settings(tmp_path, **given).roster.recipients
    (problem,) = problems(tmp_path, **PRODUCTION, **given)
    assert "webhook: an address that begins with https://" in problem


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCREENER_SMTP_HOSTS", "mail.clinic.example")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="Did you mean SCREENER_SMTP_HOST"):
        Settings.load(mode="demonstration")
