"""Who may reach what: closed by default, one list of every endpoint."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final, ParamSpec

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.wrappers import Response

from screener import headers, masked_tokens, signin, view_log
from screener.settings import Settings
from screener.signin import ROLES, client_network, create_user

__all__ = [
    "ACCESS",
    "PHYSICIANS",
    "PUBLIC",
    "STAFF",
    "client_network",
    "create_user",
    "init_app",
    "keep_typed",
    "staff_only",
    "unlisted",
]

P = ParamSpec("P")
_KEEPING = "screener_keep_typed"

PUBLIC: Final = ("public",)
STAFF: Final = ROLES
PHYSICIANS: Final = ("physician",)

# Every endpoint of this file with who may reach it. One that is not listed cannot be reached.
ACCESS: Final[Mapping[str, tuple[str, ...]]] = {
    "static": PUBLIC,
    "security.login": PUBLIC,
    "security.logout": PUBLIC,
    "security.verify": STAFF,
    "security.two_factor_token_validation": PUBLIC,  # between the password and the code
    "security.two_factor_setup": PUBLIC,
    "security.two_factor_setup_validate": STAFF,
}


def init_app(
    app: Flask, settings: Settings, listed: Mapping[str, tuple[str, ...]] = ACCESS
) -> None:
    """Close the app: only endpoints in `listed` can be reached, and only by the roles listed.

    Also set up headers, CSRF protection and staff sign-in. The store must be bound to the app, and
    this must run before anything else that handles requests.
    """

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # Flask has its own answer: 404, or 405 with the methods
        allowed = listed.get(request.endpoint)
        if allowed is None:
            abort(404)
        _refuse_foreign_posts()
        return None if allowed == PUBLIC else _refusal(allowed)

    headers.init_app(app, settings)
    signin.init_app(app, settings)


def staff_only(
    *roles: str,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let a view be reached only by signed-in staff with one of these roles (none: any role).

    A second lock beside `ACCESS`, in the view's own file.
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such roles: {unknown}")

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            refusal = _refusal(roles or ROLES)
            return view(*args, **kwargs) if refusal is None else refusal

        return guarded

    return decorate


def keep_typed(app: Flask, endpoint: str, keep: Callable[[str], str]) -> None:
    """Let `keep` have what is posted to an endpoint by somebody whose session has just ended.

    It gets their e-mail address and returns where they go on once they have signed in. Nothing
    else is done for them, and nothing shown.
    """
    app.extensions.setdefault(_KEEPING, {})[endpoint] = keep


def unlisted(app: Flask, listed: Mapping[str, tuple[str, ...]] = ACCESS) -> list[str]:
    """Return the endpoints that are not listed, which nobody can reach."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()} - set(listed))


def _refuse_foreign_posts() -> None:
    # Current browsers say where a request comes from; without that, only CSRF protects.
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)


def _refusal(roles: tuple[str, ...]) -> Response | None:
    if not current_user.is_authenticated:
        back = request.full_path.rstrip("?") if request.method == "GET" else _kept()
        return redirect(url_for("security.login", next=back))
    if not any(current_user.has_role(role) for role in roles):
        # Nothing changes, so the refusal must work even while the log cannot be written.
        view_log.note("refused", str(request.endpoint))
        abort(403)
    return None


def _kept() -> str | None:
    """Keep what was posted where the session has ended; return where to go on, or None."""
    keep = current_app.extensions.get(_KEEPING, {}).get(request.endpoint)
    email = signin.ended_account() if keep is not None else None
    return keep(email) if email and masked_tokens.fits(request.form.get("csrf_token")) else None
