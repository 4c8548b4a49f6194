"""Settings: what production demands, and how wrong ones are reported."""

import os
import stat
from pathlib import Path

import pytest

from screener.settings import Limit, Settings, SettingsError, parse_keys

KEY = "k1:" + "QUFB" * 10 + "QUE="
HASH = "sha256:" + "a" * 64
RIGHT = {
    "DATABASE_URL": "sqlite:////var/lib/clinic/screener.db",
    "SECRET_KEY": "s" * 32,
    "PASSWORD_SALT": "p" * 32,
    "ENCRYPTION_KEYS": KEY,
    "SIGNED_RULEBOOK": HASH,
    "CLINIC_NAME": "Hill Street Clinic",
    "CLINIC_PHONE": "(555) 555-0199",
    "CLINIC_ADDRESS": "1 Hill Street",
    "TIME_ZONE": "America/Chicago",
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("SCREENER_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in {**RIGHT, **changes}.items():
        if value is not None:
            monkeypatch.setenv(f"SCREENER_{name}", value)


def problems() -> list[str]:
    with pytest.raises(SettingsError) as error:
        Settings.load()
    return error.value.problems


def test_production_is_the_default_and_names_all_it_lacks_in_one_go() -> None:
    names = [problem.split(":")[0] for problem in problems()]
    assert names == [
        "SCREENER_DATABASE_URL",
        "SCREENER_SECRET_KEY",
        "SCREENER_PASSWORD_SALT",
        "SCREENER_ENCRYPTION_KEYS",
        "SCREENER_CLINIC_NAME",
        "SCREENER_CLINIC_PHONE",
        "SCREENER_CLINIC_ADDRESS",
        "SCREENER_TIME_ZONE",
    ]


def test_a_missing_secret_comes_with_the_way_to_make_one() -> None:
    assert "secrets.token_urlsafe(32)" in problems()[1]
    assert "base64.b64encode" in problems()[3]


def test_production_starts_with_everything_right(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)
    settings = Settings.load()
    assert settings.production and settings.https
    assert settings.keys == {"k1": b"A" * 32}
    assert settings.clinic.name == "Hill Street Clinic"
    assert settings.clinic.phone_link == "tel:+1-555-555-0199"
    assert settings.clinic_region == "US"
    assert settings.zone.key == "America/Chicago"


@pytest.mark.parametrize(
    ("phone", "region", "link"),
    [
        ("020 7946 0958 ext. 4", "gb", "tel:+44-20-7946-0958;ext=4"),
        ("555-555-0199/0198", "US", ""),
        ("ask at the desk", "US", ""),
    ],
)
def test_the_clinics_phone_is_a_link_where_it_is_one_number(
    monkeypatch: pytest.MonkeyPatch, phone: str, region: str, link: str
) -> None:
    set_all(monkeypatch, CLINIC_PHONE=phone, CLINIC_REGION=region)
    clinic = Settings.load().clinic
    assert (clinic.phone, clinic.phone_link) == (phone, link)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MODE", "testing", "'production' or 'demonstration'"),
        ("DATABASE_URL", "sqlite://", "must begin with"),
        ("DATABASE_URL", "sqlite:///:memory:", "must begin with"),
        ("DATABASE_URL", "postgres://host/db", "postgresql+psycopg://"),
        ("SECRET_KEY", "short", "5 characters are too few"),
        ("PASSWORD_SALT", "x" * 31, "31 characters are too few"),
        ("ENCRYPTION_KEYS", "k1:AAAA", "key k1 has 3 bytes, 32 are needed"),
        ("ENCRYPTION_KEYS", "k1:***", "key k1 is not base64"),
        ("ENCRYPTION_KEYS", KEY[3:], "each key is id:base64"),
        ("ENCRYPTION_KEYS", f"{KEY},{KEY}", "k1 occurs twice"),
        ("ENCRYPTION_KEYS", f"{KEY},k2{KEY[2:]}", "key k2 equals another key"),
        ("TOTP_SECRETS", "1:short", "32 characters or more"),
        ("SIGNED_RULEBOOK", "sha256:abc", "64 hexadecimal digits"),
        ("SERVE", "nobody", "'everyone' or 'staff'"),
        ("RULES", "nowhere", "there is no folder nowhere"),
        ("AUDIT_SPILL", "", "write a folder, or leave the setting out"),
        ("AUDIT_SPILL", "/var/lib/clinic", "is the database's own folder"),
        ("CLINIC_NAME", "Demonstration Clinic (synthetic)", "is still that of the demonstration"),
        ("CLINIC_CRISIS_TEXT", " ", "must not be empty"),
        ("CLINIC_REPLY_CALL", "x" * 81, "write 80 characters at most"),
        ("CLINIC_REGION", "USA", "two letters of a country"),
        ("CLINIC_REGION", "", "two letters of a country"),
        ("CLINIC_REGION", "ZZ", "two letters of a country"),
        ("CLINIC_REGION", "UK", "Did you mean GB?"),
        ("TIME_ZONE", "", "missing. Write the clinic's own, such as America/New_York"),
        ("TIME_ZONE", "Amerika/New_York", "Did you mean America/New_York?"),
        ("TIME_ZONE", "EST", "Did you mean America/New_York?"),
        ("TIME_ZONE", "local", "there is no time zone 'local'"),
        ("TOPICS", "none", "'chosen' or 'all'"),
        ("HTTPS", "false", "must stay true in production"),
        ("HTTPS", "perhaps", "boolean"),
        ("TRUSTED_PROXIES", "-1", "greater than or equal to 0"),
        ("STAFF_IDLE_MINUTES", "soon", "integer"),
        ("STAFF_ABSOLUTE_MINUTES", "20", "not be shorter than SCREENER_STAFF_IDLE_MINUTES"),
        ("LIMIT_START", "many", "tokens/seconds"),
        ("SUICIDE_DISPOSITIONS", "", "must not be empty"),
        ("SUICIDE_DISPOSITIONS", " | |", "must not be empty"),
        ("SUICIDE_DISPOSITIONS", "Seen||None now", "one of the texts is blank"),
        ("MEDICAL_DISPOSITIONS", "Seen|...", "one of the texts is blank"),
        (
            "MEDICAL_DISPOSITIONS",
            "Seen today|Sent| seen  TODAY",
            "the same text occurs twice",
        ),
        ("MEDICAL_DISPOSITIONS", "Seen|Seen\u200b", "invisible characters"),
        ("MEDICAL_DISPOSITIONS", "x" * 121, "120 characters are the most"),
        ("MEDICAL_DISPOSITIONS", "|".join(map(str, range(13))), "13 texts are too many"),
    ],
)
def test_a_wrong_setting_is_the_one_problem_reported(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    set_all(monkeypatch, **{name: value})
    (problem,) = problems()
    assert problem.startswith(f"SCREENER_{name}: ")
    assert says in problem


def test_no_secret_is_quoted_or_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)
    shown = repr(Settings.load())
    monkeypatch.setenv("SCREENER_ENCRYPTION_KEYS", "k1:c2VjcmV0")
    monkeypatch.setenv("SCREENER_SECRET_KEY", "tell-nobody")
    shown += "\n".join(problems())
    for secret in ("c2VjcmV0", "tell-nobody", RIGHT["SECRET_KEY"], RIGHT["DATABASE_URL"], KEY):
        assert secret not in shown


def test_a_misspelt_setting_is_reported_and_a_container_platforms_own_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_all(monkeypatch, SECRET_KEY=None, SECRT_KEY="s" * 32, SERVICE_HOST="10.0.0.1")
    first, second = problems()
    assert first == "SCREENER_SECRT_KEY: no such setting. Did you mean SCREENER_SECRET_KEY?"
    assert second.startswith("SCREENER_SECRET_KEY: missing")


def test_an_environment_file_is_read_and_the_environment_goes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "clinic.env"
    file.write_text("".join(f"SCREENER_{name}={value}\n" for name, value in RIGHT.items()))
    monkeypatch.setenv("SCREENER_ENV_FILE", str(file))
    monkeypatch.setenv("SCREENER_CLINIC_NAME", "Another Clinic")
    settings = Settings.load()
    assert settings.clinic_name == "Another Clinic"
    assert settings.clinic_phone == RIGHT["CLINIC_PHONE"]


def test_a_missing_environment_file_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, ENV_FILE="nowhere.env")
    assert problems() == ["SCREENER_ENV_FILE: there is no file nowhere.env"]


def test_a_demonstration_starts_with_nothing_and_keeps_its_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCREENER_MODE", "demonstration")
    first, second = Settings.load(), Settings.load()
    assert first == second
    assert first.database_url == "sqlite:///var/screener.db"
    assert not first.https and "synthetic" in first.clinic.name
    assert first.zone.key == "America/New_York"
    file = tmp_path / "var" / "demonstration.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["demonstration.env"]


def test_settings_given_in_code_go_before_the_environment(tmp_path: Path) -> None:
    settings = Settings.load(
        mode="demonstration",
        secret_key="s" * 32,
        password_salt="p" * 32,
        encryption_keys=KEY,
        limit_start="3/60",
    )
    assert settings.limit_start == Limit(3, 60)
    assert not list(tmp_path.iterdir()), "no file is made when no secret is missing"


def test_the_dispositions_are_the_clinics_own(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)
    lists = Settings.load().dispositions
    assert [len(lists["suicide"]), len(lists["medical"])] == [4, 5]
    monkeypatch.setenv("SCREENER_SUICIDE_DISPOSITIONS", " Seen  by Dr. Example | None now")
    monkeypatch.setenv("SCREENER_MEDICAL_DISPOSITIONS", '["a", "b"]')
    assert Settings.load().dispositions == {
        "suicide": ("Seen by Dr. Example", "None now"),
        "medical": ('["a", "b"]',),  # no second way to write them
    }
    given = Settings.load(suicide_dispositions=["A", "B"]).dispositions
    assert given["suicide"] == ("A", "B")


def test_production_serves_patients_a_signed_rulebook_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = "sha256:" + "b" * 64
    set_all(monkeypatch)
    settings = Settings.load()
    settings.check_rulebook(HASH, signed=False)  # the setting names it
    settings.check_rulebook(other, signed=True)  # the database has a signature
    with pytest.raises(SettingsError) as error:
        settings.check_rulebook(other, signed=False)
    [problem] = error.value.problems
    assert other in problem and "SCREENER_SIGNED_RULEBOOK names another one" in problem
    assert "SCREENER_SERVE=staff" in problem and "/staff/rulebook" in problem


@pytest.mark.parametrize(("name", "value"), [("MODE", "demonstration"), ("SERVE", "staff")])
def test_an_unsigned_rulebook_may_be_shown_where_no_patient_is_screened(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    set_all(monkeypatch, SIGNED_RULEBOOK=None)
    with pytest.raises(SettingsError, match="no physician has signed"):
        Settings.load().check_rulebook(HASH, signed=False)
    monkeypatch.setenv(f"SCREENER_{name}", value)
    Settings.load().check_rulebook(HASH, signed=False)


def test_the_first_key_is_the_current_one() -> None:
    keys = parse_keys("new:" + "QkJC" * 10 + "QkI= , " + KEY)
    assert list(keys) == ["new", "k1"]
