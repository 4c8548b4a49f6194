# Flask-Babel ships no types; these are those of what we use.
from collections.abc import Callable

from babel import Locale
from flask import Flask

class Babel:
    def __init__(
        self,
        app: Flask | None = ...,
        *,
        default_locale: str = ...,
        default_translation_directories: str = ...,
        locale_selector: Callable[[], str | None] | None = ...,
    ) -> None: ...

def refresh() -> None: ...
def get_locale() -> Locale | None: ...
def gettext(message: str, **variables: object) -> str: ...
def ngettext(singular: str, plural: str, num: int, **variables: object) -> str: ...

# A lazy text stands for a str wherever a text is needed: it becomes one when it is shown.
def lazy_gettext(message: str, **variables: object) -> str: ...
