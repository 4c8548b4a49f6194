"""Field encryption: AES-256-GCM, with the key's id inside and the field's place bound to it.

A sealed value is: version (1 byte), length of the key id (1), key id, nonce (12), ciphertext with
tag. The place `table|row|column` is authenticated but not stored, so that a value copied into
another row or column does not open.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from screener.store.errors import SealError

_VERSION = 1
_NONCE = 12
# Lengths give answers away: "yes" is longer than "no". JSON allows trailing spaces for padding.
_BLOCK = 256


@dataclass(frozen=True)
class Place:
    """The place of a sealed value."""

    table: str
    row: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}|{self.row}|{self.column}"


class Keyring:
    """The encryption keys by id; the first seals, all open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("no encryption key")
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self.ids: tuple[str, ...] = tuple(keys)
        self._hash_key = hmac.digest(keys[self.ids[0]], b"screener rate limits", "sha256")
        self._decoys: dict[Place, bytes] = {}
        self._secret_keys = [
            hmac.digest(key, b"screener return codes", "sha256") for key in keys.values()
        ]
        self._mark_keys = [
            HKDF(SHA256(), 32, salt=None, info=b"screener marks").derive(key)
            for key in keys.values()
        ]

    def __repr__(self) -> str:
        return f"Keyring{self.ids}"

    @property
    def current(self) -> str:
        """Return the id of the key that seals."""
        return self.ids[0]

    def seal(self, value: Any, place: Place) -> bytes:
        """Encrypt a JSON value for its place. Raises TypeError when it is not JSON."""
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        plain = text.encode()
        plain = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)
        nonce = secrets.token_bytes(_NONCE)
        name = self.current.encode()
        sealed = self._keys[self.current].encrypt(nonce, plain, str(place).encode())
        return bytes([_VERSION, len(name)]) + name + nonce + sealed

    def unseal(self, sealed: bytes, place: Place) -> Any:
        """Decrypt what `seal` made for the same place. Raises SealError, never with content."""
        where = f"table {place.table}, row {place.row}, column {place.column}"
        try:
            name = key_id(sealed)
        except ValueError:
            raise SealError(f"{where}: this is not a sealed value") from None
        if name not in self._keys:
            raise SealError(
                f"{where}: sealed with key {name!r}, which SCREENER_ENCRYPTION_KEYS does not list"
            )
        start = 2 + len(name)
        nonce, rest = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            return json.loads(self._keys[name].decrypt(nonce, rest, str(place).encode()))
        except (InvalidTag, ValueError):
            raise SealError(
                f"{where}: does not open with key {name!r}: it was altered or moved here, or the "
                "key is another one of the same name"
            ) from None

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash (64 hexadecimal digits) of something that must not be kept."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()

    def decoy(self, place: Place) -> bytes:
        """Return a value sealed for a place where nobody is: opening it takes as long as any."""
        if place not in self._decoys:
            self._decoys[place] = self.seal({"decoy": " " * _BLOCK}, place)
        return self._decoys[place]

    def secret_hashes(self, secret: str) -> tuple[str, ...]:
        """Return the keyed hashes of a secret, under every key, the current one first.

        The first is the one to store; whatever was stored before a change of keys is still found.
        """
        return tuple(hmac.digest(k, secret.encode(), "sha256").hex() for k in self._secret_keys)

    def marks(self, text: str) -> tuple[bytes, ...]:
        """Return the keyed hashes by which a text is found, under every key, the current first.

        16 bytes each: enough that no two texts share them, and little to store.
        """
        return tuple(hmac.digest(key, text.encode(), "sha256")[:16] for key in self._mark_keys)


def key_id(sealed: bytes) -> str:
    """Return the id of the key that sealed this. Raises ValueError when it is no sealed value."""
    if len(sealed) < 2 or sealed[0] != _VERSION or len(sealed) < 2 + sealed[1] + _NONCE + 16:
        raise ValueError("not a sealed value")
    return sealed[2 : 2 + sealed[1]].decode("ascii")
