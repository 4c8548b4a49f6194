"""Leaving quickly: this device can no longer open the form, and nothing that staff need is erased.

"Leave" is a button that works without a script. With one, the page is blank at once, and a cookie
says that the person has left, in case the request does not arrive: the browser may be offline.
Whatever comes next from that browser takes the form off the device.

It needs no CSRF token: leaving must never fail because a page was open for too long, and public
pages, which are the same for everybody, carry none. A site that sends people here could only end
their session: browsers send our cookie with no post that comes from elsewhere (SameSite), and say
so (Sec-Fetch-Site).
"""

from flask import make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from screener.headers import HARMLESS
from screener.patient import context


def leave() -> ResponseReturnValue:
    """End the session of this device and lead to a harmless site."""
    session.clear()
    response = redirect(HARMLESS, 303)
    if request.form.get("beacon"):  # the script leads there itself
        response = make_response("", 204)
    context.forget(response)
    if context.settings().https:  # browsers take it from such a site only
        response.headers["Clear-Site-Data"] = '"storage"'
    return response


def catch_up() -> None:
    """End the session of a browser whose person left, where the request did not arrive."""
    if context.has_left():
        session.clear()


def take_off(response: Response) -> Response:
    """Take the form off a device whose person has left."""
    if context.has_left():
        context.forget(response)
    return response
