"""The headers of every response: a strict content security policy, and no caching."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from screener.settings import Settings

# "Leave" opens a site that means nothing to somebody looking over the shoulder.
HARMLESS = "https://www.weather.gov/"

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    # Browsers apply this to the redirect after a post too, and "Leave" is a post.
    "form-action": f"'self' {HARMLESS}",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
_CLOSED = "camera microphone geolocation payment usb display-capture browsing-topics"
_LARGEST_POST = 256 * 1024  # bytes; the longest page of answers is far below


def init_app(app: Flask, settings: Settings) -> None:
    """Set the headers of all responses, the flags of cookies, and the largest request."""
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST_POST,
        SESSION_COOKIE_NAME="__Host-session" if settings.https else "session",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME="https" if settings.https else "http",
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        fixed = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    fixed_headers = _fixed(settings.https)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(fixed_headers)
        # Static files and education are the same for everyone; all else may be about a person.
        if not _public_page(response):
            response.headers["Cache-Control"] = "no-store"
        return response


def _public_page(response: Response) -> bool:
    endpoint = request.endpoint or ""
    shared = endpoint == "static" or endpoint.startswith("learn.")
    return shared and response.status_code in {200, 206, 304}


def _fixed(https: bool) -> dict[str, str]:
    policy = "; ".join(f"{name} {value}" for name, value in POLICY.items())
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _CLOSED.split()),
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers
