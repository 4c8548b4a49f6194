"""The clinic's time zone and the region of its phone numbers, from the app's settings.

All code that shows a time or needs the date uses this. The machine's own zone is never used.
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from screener.settings import Settings


def zone() -> ZoneInfo:
    """Return the clinic's time zone. Needs the app's context, as everything here does."""
    return _settings().zone


def region() -> str:
    """Return the region in which phone numbers are read and written, such as US."""
    return _settings().clinic_region


def local(at: datetime) -> datetime:
    """Return a time in the clinic's zone. Raise ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(zone())


def date_of(at: datetime) -> date:
    """Return the clinic's date at a time."""
    return local(at).date()


def zone_name(at: datetime) -> str:
    """Return the name of the clinic's zone at that time: EST, or UTC-03 if it has no name."""
    name = local(at).tzname() or ""
    return re.sub(r"^([+-]\d\d)(\d\d)?$", _offset, name)


def _offset(offset: re.Match[str]) -> str:
    minutes = f":{offset[2]}" if offset[2] else ""
    return f"UTC{offset[1]}{minutes}"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["screener_settings"]
    return settings
