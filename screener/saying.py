"""What the program says itself, in the language of the request; in English outside of one.

Flask-Babel with types. The texts are in `screener/translations/`; those of the rulebook are put
into another language by `spoken`.
"""

import flask_babel
from babel import Locale

_ENGLISH = Locale("en", "US")


def gettext(text: str, /, **parts: object) -> str:
    """Return a text with its parts put in."""
    return str(flask_babel.gettext(text, **parts))


def ngettext(single: str, several: str, num: int, **parts: object) -> str:
    """Return a text for one or for several; %(num)s is the number."""
    return str(flask_babel.ngettext(single, several, num, **parts))


def lazy_gettext(text: str) -> str:
    """Return a text that is said when it is used: for what is made before any request.

    Whoever shows it makes a plain text of it (`str`), which templates escape.
    """
    said: str = flask_babel.lazy_gettext(text)
    return said


def locale() -> Locale:
    """Return how dates and numbers are written."""
    chosen: Locale | None = flask_babel.get_locale()
    return chosen or _ENGLISH


def is_english() -> bool:
    """Return whether English is spoken."""
    return locale().language == "en"
