"""Sealed values as texts, for a browser to bring back: it can neither read nor change them."""

import base64
import binascii
from typing import Any

from screener.store.database import keyring
from screener.store.errors import SealError
from screener.store.keyring import Place


def seal_token(value: Any, place: Place) -> str:
    """Seal a JSON value for its place, in letters that an address may hold."""
    return base64.urlsafe_b64encode(keyring().seal(value, place)).decode().rstrip("=")


def open_token(text: str, place: Place) -> Any:
    """Open what `seal_token` made; None for what none of our keys has sealed for this place."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        return keyring().unseal(raw, place)
    except (binascii.Error, UnicodeError, SealError, ValueError):
        return None
