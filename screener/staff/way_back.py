"""The way back from a submission: to the list as it was left, or to what was searched for.

It is kept in the session, which is signed, and leads to two addresses alone. What was searched for
names a person: it is sealed, and stands in no address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import session, url_for

from screener import store

_WAY = "staff_list"
_SEARCH = "staff_search"
_PLACE = store.Place("staff session", "", "search")


@dataclass(frozen=True)
class WayBack:
    """Where it leads, and what its link says."""

    address: str
    words: str


def remember_list(args: Mapping[str, str], at: str) -> None:
    """Remember which filters and which page of the list are shown."""
    session[_WAY] = {**args, **({"at": at} if at else {})}
    session.pop(_SEARCH, None)


def remember_search(typed: str) -> None:
    """Remember what was searched for."""
    session[_SEARCH] = store.seal_token(typed, _PLACE)


def searched() -> str:
    """Return what was searched for last, "" for nothing."""
    return str(store.open_token(str(session.get(_SEARCH, "")), _PLACE) or "")


def way_back() -> WayBack:
    """Return the way back to what was looked at last."""
    if _SEARCH in session:
        return WayBack(url_for("staff.search"), "Back to the search results")
    kept = session.get(_WAY)
    args = {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}
    query = f"?{urlencode(args)}" if args else ""
    return WayBack(url_for("staff.queue") + query, "Back to the queue")
