"""Static files: compressed once, and kept by browsers for a year, because their address changes.

All stand below one mark of their content: /static/MARK/screener.css. What a stylesheet names beside
itself, such as a font, is therefore the very address that `static_url` gives, and nothing is
fetched twice.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

_FOLDER = Path(__file__).resolve().parent / "static"
_YEAR = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2"}  # not left to the machine's own list


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent; `zipped` is None where compressing gains nothing."""

    content: bytes
    zipped: bytes | None
    type: str


@cache
def files() -> tuple[str, dict[str, StaticFile]]:
    """Return the mark of what all files hold, and each file by its path below the folder."""
    mark = hashlib.sha256()
    read = {}
    for path in sorted(path for path in _FOLDER.rglob("*") if path.is_file()):
        name, content = path.relative_to(_FOLDER).as_posix(), path.read_bytes()
        mark.update(f"{name} {len(content)} ".encode() + content)
        zipped = gzip.compress(content, mtime=0)
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0]
        smaller = len(zipped) < 0.9 * len(content)
        read[name] = StaticFile(
            content, zipped if smaller else None, kind or "application/octet-stream"
        )
    return mark.hexdigest()[:16], read


def static_url(name: str) -> str:
    """Return the address of a static file. Raise KeyError if there is none of this name."""
    mark, read = files()
    if name not in read:
        raise KeyError(f"no static file {name!r}; there are {', '.join(read)}")
    return f"{request.script_root}/static/{mark}/{name}"


def init_app(app: Flask) -> None:
    """Serve the files as the endpoint `static`, and let templates name them by `static_url`.

    The app must have been made with `static_folder=None`, and this must run before whatever else
    handles requests: a static file concerns no session, and what is kept of it must not vary with
    one.
    """
    app.session_interface = _Sessions()
    app.jinja_env.globals["static_url"] = static_url
    app.add_url_rule("/static/<mark>/<path:name>", "static", _serve)

    @app.before_request
    def serve_at_once() -> Response | None:
        return _serve(**(request.view_args or {})) if request.endpoint == "static" else None


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, which no static file takes part in.

    Flask-Login looks into the session after each request, and Flask would then say "Vary: Cookie".
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session, unless the answer is a static file."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


def _serve(mark: str, name: str) -> Response:
    current, read = files()
    file = read.get(name)
    if file is None:
        abort(404)
    zipped = file.zipped if request.accept_encodings["gzip"] > 0 else None
    response = Response(file.content if zipped is None else zipped, content_type=_typed(file))
    if file.zipped is not None:
        response.vary.add("Accept-Encoding")
    if zipped is not None:
        response.content_encoding = "gzip"
    # A page from before an update still gets its styles, but must not keep them under its mark.
    response.headers["Cache-Control"] = _YEAR if mark == current else "no-cache"
    return response


def _typed(file: StaticFile) -> str:
    return f"{file.type}; charset=utf-8" if file.type.startswith("text/") else file.type
