"""Pages of the patient's side are sent compressed where that gives nothing away.

See docs/decisions/0025-light-pages.md.
"""

import gzip

from flask import Flask, Response, request

_BLUEPRINTS = ("patient", "learn")
_SMALL = 1000  # bytes; less than this fits into one packet anyhow
_LEVEL = 6


def init_app(app: Flask) -> None:
    """Compress pages. Must run before whatever looks at their text after a request."""

    @app.after_request
    def compress(response: Response) -> Response:
        if request.blueprint not in _BLUEPRINTS or response.mimetype != "text/html":
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0 and _asked_for_by_us():
            page = response.get_data()
            if len(page) >= _SMALL:
                response.set_data(gzip.compress(page, _LEVEL, mtime=0))
                response.content_encoding = "gzip"
        return response


def _asked_for_by_us() -> bool:
    """Say whether no other site can have made the browser ask for what is this person's own."""
    if not request.cookies:
        return True  # nothing in the page belongs to anybody
    return request.headers.get("Sec-Fetch-Site") in {"same-origin", "none"}
