"""CSRF tokens that look different in every page, so that a compressed page gives none away.

Whoever can watch the length of compressed pages, and can put text of their own into them, can guess
a secret that always stands there in the same letters (BREACH). Flask-WTF signs the same secret for
a whole session. So each token is mixed with random bytes as long as itself, which go with it.
"""

import base64
import binascii
import secrets

from flask import Flask
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms.validators import ValidationError

_MASKED = "~"  # no token of Flask-WTF begins so


def mask(token: str) -> str:
    """Return the token mixed with a random pad, and the pad."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return _MASKED + base64.urlsafe_b64encode(pad + _mixed(plain, pad)).decode()


def unmask(text: str) -> str:
    """Return the token that was masked, or the text itself if none was; "" if it is damaged."""
    if not text.startswith(_MASKED):
        return text
    try:
        both = base64.b64decode(text[1:], altchars=b"-_", validate=True)
        half, odd = divmod(len(both), 2)
        return "" if odd else _mixed(both[half:], both[:half]).decode()
    except (binascii.Error, ValueError):
        return ""


def masked_token() -> str:
    """Return this session's CSRF token, masked anew."""
    return mask(generate_csrf())


def fits(token: str | None) -> bool:
    """Return whether a posted token is that of this browser's session."""
    try:
        validate_csrf(unmask(token or ""))
    except ValidationError:
        return False
    return True


class MaskedCSRF(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's protection, with `csrf_token()` masked in templates."""

    def init_app(self, app: Flask) -> None:
        """Protect the app."""
        super().init_app(app)
        # Templates that are imported see the first, all others the second.
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})

    def _get_csrf_token(self) -> str | None:
        token = super()._get_csrf_token()
        return token if token is None else unmask(token)


def _mixed(text: bytes, pad: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(text, pad, strict=True))
