"""Time zones by their IANA names, read only from the package `tzdata`.

The machine's zone files may be missing or old, and its zone may not be the clinic's.
"""

import difflib
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

# What people write for a zone, and the IANA name they mean, which has daylight saving time.
_MEANT = {
    "America/New_York": ("EST", "EDT", "ET", "EASTERN", "EST5EDT"),
    "America/Chicago": ("CST", "CDT", "CT", "CENTRAL", "CST6CDT"),
    "America/Denver": ("MST", "MDT", "MT", "MOUNTAIN", "MST7MDT"),
    "America/Los_Angeles": ("PST", "PDT", "PT", "PACIFIC", "PST8PDT"),
    "America/Anchorage": ("AKST", "AKDT", "AKT", "ALASKA"),
    "Pacific/Honolulu": ("HST", "HDT", "HT", "HAWAII"),
    "Europe/London": ("GB", "GMT", "BST"),
}


class UnknownZone(ValueError):
    """No time zone has this name; the message suggests one."""


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone with an IANA name such as America/New_York. Raise UnknownZone.

    UTC is accepted; other names without an area (EST, GMT, Cuba) are refused, because some have
    no daylight saving time and are an hour wrong for half of the year.
    """
    if name not in names():
        meant = _meant(name)
        hint = f" Did you mean {meant}?" if meant else " Write area/city, such as America/New_York"
        raise UnknownZone(f"there is no time zone {name!r}.{hint}")
    package, _, file = f"zoneinfo/{name}".rpartition("/")
    with resources.files("tzdata").joinpath(package, file).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@cache
def names() -> frozenset[str]:
    """Return the names of all zones that can be chosen."""
    listed = resources.files("tzdata").joinpath("zones").read_text("ascii").split()
    return frozenset(name for name in listed if "/" in name or name == "UTC")


def _meant(name: str) -> str:
    short = name.strip().upper()
    for zone_name, ways in _MEANT.items():
        if short in ways:
            return zone_name
    wanted = name.strip().replace(" ", "_").casefold()
    by_city = {each.rpartition("/")[2].casefold(): each for each in sorted(names(), reverse=True)}
    if wanted in by_city:
        return by_city[wanted]
    lower = {each.casefold(): each for each in names()}
    for choice in (lower, by_city):
        close = difflib.get_close_matches(wanted, sorted(choice), 1, 0.8)
        if close:
            return choice[close[0]]
    return ""
