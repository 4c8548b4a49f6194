"""The clinic's clock: time zones by name, from our own files, and no look at the machine's."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screener import locality, zones
from screener.patient import context
from screener.presenters.times import moment
from tests.web import bare_app

ROOT = Path(__file__).resolve().parents[1]
SUMMER, WINTER = datetime(2026, 7, 1, 3, 30, tzinfo=UTC), datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EST", "America/New_York"),  # no summer time: wrong for half of the year
        ("Eastern", "America/New_York"),
        ("pacific", "America/Los_Angeles"),
        ("america/new_york", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("America/NewYork", "America/New_York"),
        ("New York", "America/New_York"),
        ("Amerika/Chicago", "America/Chicago"),
        ("Chicgo", "America/Chicago"),
        ("Europe/Berln", "Europe/Berlin"),
        ("posix/America/Denver", "America/Denver"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_one_that_is_meant(name: str, meant: str) -> None:
    with pytest.raises(zones.UnknownZone, match=f"Did you mean {meant}"):
        zones.zone(name)


@pytest.mark.parametrize("name", ["", "America", "Factory", "../zones", "/etc/localtime", "Q/Q"])
def test_what_resembles_no_zone_is_refused_with_the_way_to_write_one(name: str) -> None:
    with pytest.raises(zones.UnknownZone, match="such as America/New_York"):
        zones.zone(name)


def test_every_zone_that_can_be_chosen_can_be_read() -> None:
    assert {"UTC", "America/New_York", "US/Eastern", "Asia/Kathmandu"} <= zones.names()
    assert len(zones.names()) > 400
    for name in zones.names():
        assert zones.zone(name).key == name


@pytest.mark.parametrize(
    ("name", "summer", "winter"),
    [
        ("America/New_York", "Tue 30 Jun 2026, 11:30 PM EDT", "Sun 22 Nov 2026, 10:30 PM EST"),
        ("America/Phoenix", "Tue 30 Jun 2026, 8:30 PM MST", "Sun 22 Nov 2026, 8:30 PM MST"),
        ("UTC", "Wed 1 Jul 2026, 3:30 AM UTC", "Mon 23 Nov 2026, 3:30 AM UTC"),
        (
            "America/Sao_Paulo",
            "Wed 1 Jul 2026, 12:30 AM UTC-03",
            "Mon 23 Nov 2026, 12:30 AM UTC-03",
        ),
        (
            "Asia/Kathmandu",
            "Wed 1 Jul 2026, 9:15 AM UTC+05:45",
            "Mon 23 Nov 2026, 9:15 AM UTC+05:45",
        ),
    ],
)
def test_times_are_the_clinics_and_name_its_zone(
    tmp_path: Path, name: str, summer: str, winter: str
) -> None:
    with bare_app(tmp_path, time_zone=name).app_context():
        assert (moment(SUMMER), moment(WINTER)) == (summer, winter)


def test_the_hour_that_comes_twice_is_told_apart(tmp_path: Path) -> None:
    with bare_app(tmp_path, time_zone="America/New_York").app_context():
        first, second = (moment(datetime(2026, 11, 1, hour, 30, tzinfo=UTC)) for hour in (5, 6))
    assert (first, second) == ("Sun 1 Nov 2026, 1:30 AM EDT", "Sun 1 Nov 2026, 1:30 AM EST")


@pytest.mark.parametrize(
    ("name", "day"), [("Pacific/Auckland", "2026-11-23"), ("Pacific/Honolulu", "2026-11-22")]
)
def test_the_date_is_the_clinics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, day: str
) -> None:
    monkeypatch.setattr(context, "now", lambda: WINTER)
    with bare_app(tmp_path, time_zone=name).app_context():
        assert context.today().isoformat() == day


def test_a_time_without_zone_is_nobodys(tmp_path: Path) -> None:
    with bare_app(tmp_path).app_context(), pytest.raises(ValueError, match="without zone"):
        locality.local(datetime(2026, 11, 23))


@pytest.mark.parametrize(
    "machine",
    [
        {"TZ": "America"},
        {"TZ": "Nowhere/Bad"},
        {"TZ": "Pacific/Auckland"},
        {"TZ": ""},
        {"TZ": "America/New_York", "PYTHONTZPATH": ""},
        {"PYTHONTZPATH": "/nonexistent"},
    ],
    ids=str,
)
def test_the_machines_zone_has_no_influence(tmp_path: Path, machine: dict[str, str]) -> None:
    """What the machine says of time zones, or has no files to say it with, changes nothing."""
    program = f"""
from datetime import UTC, datetime
from pathlib import Path
from screener.patient import context
from screener.presenters.times import moment
from tests.web import bare_app
context.now = lambda: datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
with bare_app(Path({str(tmp_path)!r}), time_zone="America/New_York").app_context():
    print(moment(context.now()), context.today())
"""
    clean = {k: v for k, v in os.environ.items() if k not in ("TZ", "PYTHONTZPATH")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**clean, **machine},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "Sun 22 Nov 2026, 10:30 PM EST 2026-11-22"


# --- no code asks the machine --------------------------------------------------------------------

# Attributes that are the machine's own zone, whether they are called or handed on.
_NEVER = {
    "date": {"today", "fromtimestamp"},
    "datetime": {"today", "utcnow", "utcfromtimestamp"},
    "time": {"localtime", "mktime", "ctime", "asctime", "tzset", "tzname", "timezone", "altzone"},
}
# Calls that are the machine's own zone unless they name one.
_WITHOUT_ZONE = {"astimezone": 0, "now": 0, "fromtimestamp": 1}
_MODULES = {"tzlocal", "dateutil", "pytz"}


def local_times(source: str) -> Iterator[int]:
    """Yield the lines of a program that look at the machine's local zone."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else ""
            owner = node.value.id if isinstance(node.value, ast.Name) else owner
            if node.attr in _NEVER.get(owner, ()):
                yield node.lineno
        elif isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.ImportFrom):
            taken = {alias.name for alias in node.names}
            module = (node.module or "").split(".")[0]
            if module in _MODULES or taken & _NEVER.get(module, set()):
                yield node.lineno
        elif isinstance(node, ast.Import):
            taken = {alias.name.split(".")[0] for alias in node.names}
            yield from [node.lineno] if taken & _MODULES else []


def _call(node: ast.Call) -> Iterator[int]:
    if not isinstance(node.func, ast.Attribute):
        return
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    none = any(isinstance(value, ast.Constant) and value.value is None for value in given)
    needed = _WITHOUT_ZONE.get(node.func.attr)
    clock = isinstance(node.func.value, ast.Name) and node.func.value.id in ("clock", "context")
    if needed is not None and not clock and (len(given) <= needed or none):
        yield node.lineno
    if ast.unparse(node.func) == "time.strftime" and len(given) < 2:
        yield node.lineno


@pytest.mark.parametrize(
    "fault",
    [
        "at.astimezone()",
        "at.astimezone(None)",
        "at.astimezone(tz=None)",
        "date.today()",
        "datetime.date.today()",
        "datetime.today()",
        "datetime.now()",
        "datetime.datetime.now()",
        "datetime.now(tz=None)",
        "datetime.now().astimezone(zone)",
        "datetime.utcnow()",
        "datetime.fromtimestamp(0)",
        "date.fromtimestamp(0)",
        "field(default_factory=date.today)",
        "time.localtime()",
        "time.strftime('%H')",
        "time.ctime()",
        "time.tzname",
        "import tzlocal",
        "from dateutil.tz import tzlocal",
        "from time import localtime",
    ],
)
def test_the_search_sees_what_it_looks_for(fault: str) -> None:
    assert set(local_times(fault)) == {1}


@pytest.mark.parametrize(
    "right",
    [
        "at.astimezone(UTC)",
        "datetime.now(UTC)",
        "datetime.now(tz=zone)",
        "datetime.fromtimestamp(0, UTC)",
        "clock.now()",
        "context.now()",
        "context.today()",
        "time.time()",
        "time.strftime('%H', time.gmtime())",
        "self.today",
    ],
)
def test_the_search_leaves_alone_what_names_its_zone(right: str) -> None:
    assert list(local_times(right)) == []


def test_no_code_looks_at_the_machines_local_time() -> None:
    files = [*ROOT.glob("screener/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]
    assert len(files) > 150
    places = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in local_times(path.read_text(encoding="utf-8"))
    ]
    assert places == []
