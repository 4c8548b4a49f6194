"""A browser without scripts: it reads the forms of a page, fills in what is there, and sends it.

A tab keeps the page as it was opened, so that it can be sent long after; a device keeps the
cookies. Nothing here knows which page has which fields: `details.py` does.
"""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

Values = tuple[str, ...]
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_MAIN = re.compile(r"<main\b.*?</main>", re.DOTALL)
_HIDDEN_PARTS = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_MOST_REDIRECTS = 6


@dataclass
class Field:
    """One field of a form. `values` stand in it, `options` are those that can be chosen."""

    name: str
    kind: str  # text, radio, checkbox, select or hidden
    options: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def accept(self, values: Iterable[str]) -> None:
        """Take what a hand can enter here; a radio that was chosen stays chosen."""
        wanted = list(values)
        if self.kind == "text":
            self.values = [wanted[0] if wanted else ""]
        elif self.kind == "checkbox":
            self.values = [option for option in self.options if option in wanted]
        elif self.kind in ("radio", "select"):
            chosen = [option for option in self.options if option in (wanted or [""])]
            self.values = chosen[:1] or self.values


@dataclass
class Form:
    """A form as a browser holds it: `opened` is what stood in its fields when it was opened."""

    action: str
    fields: dict[str, Field]
    buttons: list[tuple[str, str]]
    opened: dict[str, Values] = field(default_factory=dict)

    def data(self, button: tuple[str, str] | None) -> MultiDict[str, str]:
        """Return what the browser sends."""
        pairs = [(each.name, value) for each in self.fields.values() for value in each.values]
        return MultiDict([*pairs, *([button] if button and button[0] else [])])

    def changed(self) -> dict[str, Values]:
        """Return what the person changed since the page was opened, field by field."""
        now = {each.name: normal(each.values) for each in self.fields.values()}
        return {
            name: values
            for name, values in now.items()
            if name in self.opened and values != self.opened[name]
        }


@dataclass
class Page:
    """What a request brought."""

    url: str
    status: int
    text: str
    retry_after: str = ""
    forms: list[Form] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The address without what follows the question mark."""
        return urlsplit(self.url).path

    @property
    def body(self) -> str:
        """The part of the page that is no frame."""
        match = _MAIN.search(self.text)
        return match.group() if match else self.text

    @property
    def words(self) -> str:
        """What can be read in the body, spaces made one."""
        return words(self.body)

    @property
    def form(self) -> Form | None:
        """The form that the page is about: the one with most fields, the last of several."""
        return max(reversed(self.forms), key=lambda form: len(form.fields), default=None)

    def form_with(self, button: tuple[str, str]) -> Form | None:
        """The form that has this button; "" as its value stands for any value."""
        name, value = button
        for form in self.forms:
            if any(n == name and (not value or v == value) for n, v in form.buttons):
                return form
        return None


class Device:
    """A phone or computer: cookies, and nothing else that outlives a page."""

    def __init__(self, app: Flask, watch: Callable[["Device", Page], None]) -> None:
        """`watch` looks at every page that comes."""
        self.client: FlaskClient = app.test_client()
        self.user = ""  # whose hands it is in
        self._watch = watch

    def move(self, app: Flask) -> None:
        """Talk to another worker from now on; the cookies stay."""
        self.client.application = app

    def cookie(self, name: str) -> str:
        """Return the value of a cookie, or ""."""
        cookie = self.client.get_cookie(name)
        return cookie.value if cookie else ""

    def set_cookie(self, name: str, value: str) -> None:
        """Set a cookie, or delete it with ""."""
        if value:
            self.client.set_cookie(name, value)
        else:
            self.client.delete_cookie(name)

    def get(self, url: str) -> Page:
        """Open an address, through its redirects."""
        for _ in range(_MOST_REDIRECTS):
            answer = self._request("GET", url)
            if answer.status_code not in (301, 302, 303):
                return self._page(url, answer.status_code, answer.get_data(True), answer.headers)
            url = str(answer.location)
        raise AssertionError(f"redirects without end at {url}")

    def post(
        self, url: str, data: MultiDict[str, str], follow: bool = True
    ) -> tuple[int, str, Page | None]:
        """Send a form; return the status, where it led (or ""), and the page that came."""
        answer = self._request("POST", url, data)
        if answer.status_code in (301, 302, 303):
            to = str(answer.location)
            return answer.status_code, to, self.get(to) if follow else None
        if answer.mimetype != "text/html":  # a file to keep: the window shows what it showed
            return answer.status_code, "", None
        page = self._page(url, answer.status_code, answer.get_data(True), answer.headers)
        return answer.status_code, "", page

    def _request(
        self, method: str, url: str, data: MultiDict[str, str] | None = None
    ) -> TestResponse | Response:
        try:
            return self.client.open(url, method=method, data=data)
        except Exception as error:  # a server would answer with a bare error, and so do we
            return Response(f"The program crashed: {error!r}", 500)

    def _page(self, url: str, status: int, text: str, headers: Headers) -> Page:
        page = Page(url, status, text, headers.get("Retry-After", ""), forms_of(text, url))
        self._watch(self, page)
        return page


class Tab:
    """A window on a device, with the pages that it showed before."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.page: Page | None = None
        self.before: list[Page] = []

    def open(self, url: str) -> Page:
        """Open an address."""
        return self.show(self.device.get(url))

    def show(self, page: Page) -> Page:
        """Put a page into the window."""
        if self.page is not None:
            self.before.append(self.page)
        self.page = page
        return page

    def back(self) -> None:
        """Go back to the page before as the browser keeps it, with what was typed there."""
        if self.before:
            self.page = self.before.pop()

    def send(self, form: Form, button: tuple[str, str] | None = None) -> tuple[int, str]:
        """Send a form of the page; return the status and where it led."""
        status, to, page = self.device.post(form.action, form.data(button))
        if page is None:
            return status, to
        if not to and page.form is not None:
            # The same page again, with what was typed: it still knows what it showed first.
            for name, values in form.opened.items():
                if name in page.form.fields:
                    page.form.opened[name] = values
        self.show(page)
        return status, to


def normal(values: Iterable[str]) -> Values:
    """Return values as they compare: no blanks, no spaces around, no order."""
    lines = (value.replace("\r\n", "\n").replace("\r", "\n").strip() for value in values)
    return tuple(sorted(value for value in lines if value))


def words(markup: str) -> str:
    """Return what can be read, spaces made one."""
    text = _TAG.sub(" ", _HIDDEN_PARTS.sub(" ", markup))
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def forms_of(text: str, url: str) -> list[Form]:
    """Return the forms of a page that post."""
    forms = []
    for match in _FORM.finditer(text):
        reader = _Reader()
        reader.feed(match.group())
        if reader.method == "post":
            form = Form(reader.action or url, reader.fields, reader.buttons)
            form.opened = {
                each.name: normal(each.values)
                for each in form.fields.values()
                if each.kind != "hidden"
            }
            forms.append(form)
    return forms


class _Reader(HTMLParser):
    """Reads one form."""

    def __init__(self) -> None:
        super().__init__()
        self.method = self.action = ""
        self.fields: dict[str, Field] = {}
        self.buttons: list[tuple[str, str]] = []
        self._select = ""
        self._area: list[str] | None = None

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in given}
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if tag == "form":
            self.method = attributes.get("method", "get").lower()
            self.action = attributes.get("action", "")
        elif tag == "button":
            self.buttons.append((name, value))
        elif tag == "input" and name:
            self._input(attributes.get("type", "text"), name, value, "checked" in attributes)
        elif tag == "select":
            self._select = name
            self.fields[name] = Field(name, "select")
        elif tag == "option" and self._select:
            select = self.fields[self._select]
            select.options.append(value)
            if "selected" in attributes or len(select.options) == 1:
                select.values = [value]
        elif tag == "textarea":
            self.fields[name] = Field(name, "text")
            self._area = self.fields[name].values

    def _input(self, kind: str, name: str, value: str, checked: bool) -> None:
        if kind == "submit":
            self.buttons.append((name, value))
            return
        kind = kind if kind in ("radio", "checkbox", "hidden") else "text"
        each = self.fields.setdefault(name, Field(name, kind))
        if kind in ("radio", "checkbox"):
            each.options.append(value)
        if kind in ("text", "hidden") or checked:
            each.values.append(value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area is not None:
            self._area[:] = ["".join(self._area).removeprefix("\n")]
            self._area = None
