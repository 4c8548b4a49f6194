"""Staff sign-in: Flask-Security with its defaults tightened, lockout, server-side sessions.

Flask-Security leaves these to the application: locking after repeated failures, sessions that
the server can end, second-factor codes that work once.
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import user_logged_out
from flask_security import (
    FSQLALiteUserDatastore,
    LoginForm,
    Security,
    Totp,
    TwoFactorVerifyCodeForm,
    UserMixin,
    VerifyForm,
    hash_password,
    user_authenticated,
)
from flask_security.utils import get_message
from passlib.exc import UsedTokenError

from screener import store
from screener.masked_tokens import MaskedCSRF
from screener.settings import Limit, Settings
from screener.store import clock

ROLES = ("intake", "physician")
GENERIC = (
    "The e-mail address or the password is not right, or there were too many tries. "
    "Check both, or wait 15 minutes and try again."
)
_TOKEN = "staff_session"  # noqa: S105 (the name of a cookie's field)
_SEEN = "staff_seen"  # when the session was last used, while the database cannot record it
_CONFIRMED = "staff_confirmed"  # when the password was given, in seconds
_SETTINGS = "screener_settings"
# What an open page asks for by itself: a session ends all the same when nobody uses it.
_PASSIVE = frozenset({"staff.queue_refreshed", "staff.still_open"})
_NOTE_BLOCKED = Limit(1, 900)  # one audit entry for each lockout, not for each try


def init_app(app: Flask, settings: Settings) -> None:
    """Set up CSRF protection and staff sign-in. The store must already be bound to the app."""
    app.config.update(_config(settings))
    app.extensions[_SETTINGS] = settings
    MaskedCSRF(app)
    security = Security(
        app,
        StaffDatastore(store.db, store.User, store.Role),
        login_form=SignInForm,
        verify_form=ConfirmForm,
        two_factor_verify_code_form=CodeForm,
        totp_cls=OneTimeCodes,
    )
    security.want_json(lambda _request: False)
    manager = security.login_manager
    load_user = manager._user_callback
    assert load_user is not None

    def load_signed_in(uniquifier: str) -> Any:
        user_id = _session_user()
        user = None if user_id is None else load_user(uniquifier)
        return user if user is not None and user.id == user_id else None

    manager.user_loader(load_signed_in)
    # Flask-Security also accepts authentication tokens; we issue none.
    manager.request_loader(lambda _request: None)
    user_authenticated.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)


def create_user(email: str, password: str, roles: tuple[str, ...] | list[str]) -> int:
    """Create a staff account and return its id; needs the app context.

    Raise ValueError with what is wrong with the e-mail, the password or the roles.
    """
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise ValueError(f"roles are {' and '.join(ROLES)}; found {', '.join(unknown) or 'none'}")
    security: Security = current_app.extensions["security"]
    try:
        normal = security._mail_util.normalize(email).lower()
    except ValueError as error:
        raise ValueError(f"not an e-mail address: {email}") from error
    wrong, normal_password = security.password_util.validate(password, is_register=True)
    if wrong:
        raise ValueError(" ".join(str(message) for message in wrong))
    return store.add_user(normal, hash_password(normal_password), roles)


def confirmed(within: timedelta) -> bool:
    """Return whether the password was given within this time; a check that succeeds renews it.

    Flask-Security has such a check too, but with its own clock, which tests cannot set.
    """
    at = session.get(_CONFIRMED)
    # If the clock was set back a little, nobody is asked again.
    if not isinstance(at, float) or abs(_now().timestamp() - at) >= within.total_seconds():
        return False
    _confirm()
    return True


def ended_account() -> str | None:
    """Return the e-mail address of whoever was signed in here, where that ended of itself.

    The cookie is signed, and signing out empties it.
    """
    token = session.get(_TOKEN)
    return store.ended_session(token) if isinstance(token, str) else None


def client_network() -> str:
    """Return the client's address for rate limits; for IPv6 the network of one customer."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class StaffDatastore(FSQLALiteUserDatastore):
    """Ends its transaction after looking a user up.

    Otherwise the request's session would hold a snapshot while the store writes, and a write of
    its own afterwards would fail on SQLite.
    """

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:
        """Find a user by one attribute."""
        user = super().find_user(case_insensitive=case_insensitive, **kwargs)
        self.db.session.commit()
        return user


class OneTimeCodes(Totp):
    """Second-factor codes that are accepted once; the base class only has empty hooks."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = self._totp.using(now=lambda: _now().timestamp())

    def get_last_counter(self, user: UserMixin) -> int | None:
        """Return the counter of the last code accepted."""
        return store.last_code(user.id)

    def set_last_counter(self, user: UserMixin, tmatch: Any) -> None:
        """Mark a code as used. Raise UsedTokenError if another request was faster."""
        if not store.use_code(user.id, tmatch.counter):
            raise UsedTokenError


class SignInForm(LoginForm):
    """The sign-in form, locked for an account and for an address after repeated failures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self["remember"]  # a shared computer must not stay signed in

    def validate(self, **kwargs: Any) -> bool:
        """Check the password, unless there were too many tries."""
        account = _account(self.email.data)
        if not _admit(account):
            self.password.errors = [get_message("GENERIC_AUTHN_FAILED")[0]]
            return False
        if super().validate(**kwargs):
            _succeeded(account)
            return True
        # The typed text is not recorded: people type passwords into the wrong field.
        store.record(self.user.email if self.user else "unknown", "sign-in refused")
        return False


class ConfirmForm(VerifyForm):
    """Asks a signed-in member of staff for the password again, with the same lock."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the password, unless there were too many tries."""
        account = _account(self.user.email)
        if not _admit(account):
            self.password.errors = [get_message("GENERIC_AUTHN_FAILED")[0]]
            return False
        if super().validate(**kwargs):
            _succeeded(account)
            _confirm()
            return True
        store.record(self.user.email, "confirmation refused")
        return False


class CodeForm(TwoFactorVerifyCodeForm):
    """Asks for the second factor, with a lock of its own: six digits can be guessed."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the code, unless there were too many tries."""
        account = f"code|{self.user.email if self.user else ''}"
        if not _admit(account):
            self.code.errors = [get_message("TWO_FACTOR_INVALID_TOKEN")[0]]
            return False
        if super().validate(**kwargs):
            _succeeded(account)
            return True
        store.record(self.user.email if self.user else "unknown", "second factor refused")
        return False


def _account(typed: str | None) -> str:
    security: Security = current_app.extensions["security"]
    try:
        return str(security._mail_util.normalize(typed or "")).lower()
    except ValueError:
        return ""


def _limits() -> tuple[Limit, Limit]:
    settings: Settings = current_app.extensions[_SETTINGS]
    return settings.limit_sign_in_address, settings.limit_sign_in_account


def _admit(account: str) -> bool:
    # A try is counted before the password is checked, so that parallel tries count too.
    by_address, by_account = _limits()
    wait = store.take("sign-in address", client_network(), by_address)
    wait = wait or store.take("sign-in account", account, by_account)
    if not wait:
        return True
    if not store.take("sign-in blocked", account, _NOTE_BLOCKED):
        user = current_app.extensions["security"].datastore.find_user(
            case_insensitive=True, email=account
        )
        store.record(user.email if user else "unknown", "sign-in blocked")
    return False


def _succeeded(account: str) -> None:
    by_address, by_account = _limits()
    store.give_back("sign-in address", client_network(), by_address)
    store.give_back("sign-in account", account, by_account)


def _now() -> datetime:
    # Looked up each time, because tests set it.
    return clock.now()


def _confirm() -> None:
    session[_CONFIRMED] = _now().timestamp()


def _session_user() -> int | None:
    token = session.get(_TOKEN)
    if not isinstance(token, str):
        return None
    settings: Settings = current_app.extensions[_SETTINGS]
    return store.session_user(
        token,
        idle=timedelta(minutes=settings.staff_idle_minutes),
        absolute=timedelta(minutes=settings.staff_absolute_minutes),
        seen=_seen(),
        passive=request.endpoint in _PASSIVE,
        unnoted=_keep_seen,
    )


def _seen() -> datetime | None:
    # The cookie is signed: nobody can make a session look more recent than it was.
    kept = session.get(_SEEN)
    return datetime.fromtimestamp(kept, UTC) if isinstance(kept, int) else None


def _keep_seen(at: datetime) -> None:
    session[_SEEN] = int(at.timestamp())


def _signed_in(_app: Flask, user: UserMixin, **_more: object) -> None:
    try:
        _end_session()
        session[_TOKEN] = store.begin_session(user.id)
        _confirm()
        store.record(user.email, "signed in")
    except store.StoreError:
        # Nobody is signed in without an entry in the log.
        session.clear()
        raise
    # A token from before sign-in is not valid after it. Flask-WTF caches it in g.
    field = current_app.config["WTF_CSRF_FIELD_NAME"]
    session.pop(field, None)
    g.pop(field, None)


def _signed_out(_app: Flask, user: Any, **_more: object) -> None:
    try:
        _end_session()
    except store.NotWritten as error:
        # This browser is signed out; the session on the server ends when its idle time is over.
        current_app.logger.error("a session could not be ended: %s", error)
    store.record_view(getattr(user, "email", None) or "unknown", "signed out")


def _end_session() -> None:
    session.pop(_SEEN, None)
    session.pop(_CONFIRMED, None)
    token = session.pop(_TOKEN, None)
    if isinstance(token, str):
        store.end_session(token)


def _config(settings: Settings) -> dict[str, Any]:
    second_factor = bool(settings.totp)
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "WTF_CSRF_TIME_LIMIT": None,  # a slow patient must not get an error after an hour
        # It needs a Referer, which our Referrer-Policy tells browsers not to send; access.py checks
        # Sec-Fetch-Site instead.
        "WTF_CSRF_SSL_STRICT": False,
        "SECURITY_PASSWORD_SALT": settings.password_salt.get_secret_value(),
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": (GENERIC, "error"),
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_FRESHNESS": timedelta(minutes=15),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
        "SECURITY_FRESHNESS_ALLOW_AUTH_TOKEN": False,
        "SECURITY_DATETIME_FACTORY": _now,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_CACHE_CONTROL": None,  # headers.py sets it for every page
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_LOGIN_URL": "/staff/login",
        "SECURITY_LOGOUT_URL": "/staff/logout",
        "SECURITY_VERIFY_URL": "/staff/verify",
        "SECURITY_POST_LOGIN_VIEW": "/staff/",
        "SECURITY_POST_LOGOUT_VIEW": "/staff/login",
        "SECURITY_LOGIN_USER_TEMPLATE": "staff/login.html",
        "SECURITY_VERIFY_TEMPLATE": "staff/verify.html",
        "SECURITY_TWO_FACTOR": second_factor,
        "SECURITY_TWO_FACTOR_REQUIRED": second_factor,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds a phone's clock may be off
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/staff/second-factor/setup",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/staff/second-factor",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/staff/second-factor/rescue",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/staff/second-factor/select",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "staff/second_factor.html",
        "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "staff/second_factor_setup.html",
        "SECURITY_TOTP_SECRETS": settings.totp or None,
        "SECURITY_TOTP_ISSUER": settings.clinic_name,
    }
