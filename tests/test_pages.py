"""Rules that every page of both sides keeps, in every state."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from screener import store
from screener.app import ACCESS
from tests.every_page import LEARN, PAGES, PATIENT, STAFF, Page, Site, add_staff
from tests.web import make_app, soup, visible

every_page = pytest.mark.parametrize("page", PAGES, ids=str)
every_patient_page = pytest.mark.parametrize(
    "page", [page for page in PAGES if page.side in (PATIENT, LEARN)], ids=str
)

# Statements about the person. patient/test_never_shown.py is stricter, for arbitrary answers;
# education may use the same words of people in general.
NEVER = (
    r"you (?:may |might |probably |likely |seem to )?(?:have|suffer from) "
    r"(?:fibromyalgia|depression|anxiety|bipolar|treatment.resistant)",
    r"you (?:may |might )?(?:qualify|match|meet the)",
    r"(?:you|you are|you're) (?:eligible|approved|a candidate|a good candidate)",
    r"your (?:diagnosis|score|risk|pattern)",
    r"you are treatment.resistant|your treatment.resistant",
    r"ketamine (?:will|can) (?:cure|relieve|fix|heal|work)",
    r"safe for you",
    r"you are at (?:low|high|moderate) risk",
    r"compared (?:to|with) (?:other|most) (?:patients|people)",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Yield the whole app with people in every state."""
    app = make_app(tmp_path_factory.mktemp("site"))
    add_staff(app)
    yield Site(app)
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture(scope="module")
def opened(site: Site) -> dict[Page, TestResponse]:
    """Return every page as it was answered, opened once."""
    return {page: site.open(page) for page in PAGES}


@pytest.fixture(scope="module")
def parsed(opened: dict[Page, TestResponse]) -> dict[Page, BeautifulSoup]:
    """Return every page, parsed once."""
    return {page: soup(response) for page, response in opened.items()}


@pytest.fixture
def shown(page: Page, parsed: dict[Page, BeautifulSoup]) -> BeautifulSoup:
    """Return the page, parsed."""
    return parsed[page]


def test_no_endpoint_is_forgotten(site: Site) -> None:
    looked_at = {site.endpoint(page) for page in PAGES}
    reachable = {rule.endpoint for rule in site.app.url_map.iter_rules()} & set(ACCESS)
    # What has no page of its own: files, also the one to print, buttons that lead elsewhere, and
    # what scripts ask for.
    leading_elsewhere = {"security.logout", "patient.leave", "patient.back"}
    for_scripts = {"staff.queue_refreshed", "staff.draft", "staff.still_open"}
    assert reachable - looked_at == {
        "static",
        "governance.printed",
        "staff.numbers_file",
        *leading_elsewhere,
        *for_scripts,
    }


@every_page
def test_it_is_answered_as_expected(page: Page, opened: dict[Page, TestResponse]) -> None:
    response = opened[page]
    assert response.status_code == page.status
    assert response.mimetype == "text/html"


@every_page
def test_it_has_a_title_a_language_and_one_main_heading(page: Page, shown: BeautifulSoup) -> None:
    assert shown.html is not None
    assert shown.html.get("lang") == "en"
    assert shown.title is not None
    title = shown.title.get_text(strip=True)
    assert re.fullmatch(r".{3,} – Demonstration Clinic \(synthetic\)", title)
    assert len(shown.select("main h1")) == 1
    assert len(shown.select("main, [role=main]")) == 1
    if page.name.endswith(", wrong"):
        assert title.startswith("Error: ")
        assert len(shown.select("[data-error-summary] li")) >= 1


@every_page
def test_headings_step_down_one_by_one(shown: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in shown.select("main :is(h1,h2,h3,h4,h5,h6)")]
    # A summary of errors stands above the main heading; what follows must not skip a level.
    after = levels[levels.index(1) :]
    steps = [later - earlier for earlier, later in pairwise(after)]
    assert max(steps, default=0) <= 1, levels


@every_page
def test_ids_are_unique_and_what_points_to_them_arrives(shown: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in shown.select("[id]")]
    assert sorted(ids) == sorted(set(ids))
    for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for tag in shown.select(f"[{name}]"):
            assert set(str(tag[name]).split()) <= set(ids), tag
    links = {str(tag["href"])[1:] for tag in shown.select('a[href^="#"]')}
    assert links <= set(ids)


@every_page
def test_everything_that_takes_input_is_named(shown: BeautifulSoup) -> None:
    for control in shown.select("input, select, textarea"):
        if control.get("type") == "hidden":
            continue
        # A label without words is a place to tap in a drawing; it adds nothing to the name.
        labels = [
            label.get_text(strip=True) for label in shown.select(f'label[for="{control["id"]}"]')
        ]
        assert len([label for label in labels if label]) == 1, control
        if control.get("type") in ("radio", "checkbox") and len(_named(shown, control)) > 1:
            legend = _group(control).legend
            assert legend is not None, control
            assert legend.get_text(strip=True), control
    for button in shown.select("button, a[href], summary"):
        # Its texts one by one: get_text passes over those in a template.
        assert "".join(button.find_all(string=True)).strip() or button.get("aria-label"), button


def _named(shown: BeautifulSoup, control: Tag) -> list[Tag]:
    return shown.select(f'input[name="{control["name"]}"]')


def _group(control: Tag) -> Tag:
    fieldset = control.find_parent("fieldset")
    assert isinstance(fieldset, Tag), control
    return fieldset


@every_page
def test_forms_lead_to_views_and_posts_carry_a_token(
    page: Page, site: Site, shown: BeautifulSoup
) -> None:
    for form in shown.select("form"):
        path = urlsplit(str(form.get("action") or page.path.format(**site.references))).path
        method = str(form.get("method", "get")).upper()
        assert _endpoint(site.app, path, method) in ACCESS
        assert form.get("enctype") is None
        # Leaving never fails because a page was open for too long (see patient/leaving.py).
        if method == "POST" and path != "/leave":
            assert form.select('input[name="csrf_token"][value]'), form


@every_page
def test_links_of_our_own_lead_to_views(site: Site, shown: BeautifulSoup) -> None:
    for link in shown.select("a[href]"):
        href = str(link["href"])
        if href.startswith("/"):
            assert _endpoint(site.app, urlsplit(href).path, "GET") in ACCESS, href
        else:
            # Others name a place outside: nothing is fetched, and it is not told where from.
            assert href.startswith(("#", "tel:", "sms:", "mailto:", "https://", "http://")), href
        if href.startswith("http"):
            assert "noreferrer" in (link.get("rel") or []), href


def _endpoint(app: Flask, path: str, method: str) -> str | None:
    try:
        return str(app.url_map.bind("localhost").match(path, method)[0])
    except HTTPException:
        return None


@every_page
def test_nothing_is_fetched_from_elsewhere_and_nothing_stands_in_line(
    page: Page, opened: dict[Page, TestResponse], shown: BeautifulSoup
) -> None:
    fetched = [
        str(tag[name])
        for name in ("src", "srcset", "poster", "data", "action", "formaction", "ping")
        for tag in shown.select(f"[{name}]")
    ] + [str(tag["href"]) for tag in shown.select("link[href], use[href], image[href]")]
    assert [url for url in fetched if not re.match(r"/(?!/)|#", url)] == []
    assert shown.select("style, [style], script:not([src]), iframe, object, embed, base") == []
    handlers = [n for tag in shown.find_all(True) for n in tag.attrs if n.startswith("on")]
    assert handlers == []
    assert "javascript:" not in opened[page].text
    assert [meta for meta in shown.select("meta[http-equiv]")] == []


@every_page
def test_headers_close_it(page: Page, opened: dict[Page, TestResponse]) -> None:
    headers = opened[page].headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    if page.side == LEARN:
        assert headers["Cache-Control"].startswith("public")
        assert "Set-Cookie" not in headers
    else:
        assert headers["Cache-Control"] == "no-store"


@every_page
def test_no_seam_of_the_program_shows(page: Page, opened: dict[Page, TestResponse]) -> None:
    text = visible(opened[page])
    assert (
        re.findall(
            r"\bNone\b(?! (?:of|that|now)\b)|\bUndefined\b|\bTrue\b|\bFalse\b|Traceback"
            r"|\{\{|\}\}|\{%",
            text,
        )
        == []
    )
    assert re.findall(r"&(?:amp|lt|gt|quot|#\d+);", text) == [], "escaped twice"
    assert "<function" not in text and "object at 0x" not in text


@every_patient_page
def test_help_and_the_limits_stand_on_every_page(
    page: Page, opened: dict[Page, TestResponse], shown: BeautifulSoup
) -> None:
    text = visible(opened[page])
    assert "This is not a diagnosis." in text
    assert shown.select('a[href="tel:988"]')
    assert shown.select('a[href="sms:988"]')
    assert shown.select('a[href="tel:911"]')
    assert len(shown.select('form#leave[data-leave][action="/leave"]')) == 1
    assert len(shown.select('button[form="leave"]')) == 1


@every_patient_page
def test_nothing_is_asserted_about_the_person(page: Page, opened: dict[Page, TestResponse]) -> None:
    text = visible(opened[page]).lower()
    for pattern in NEVER:
        match = re.search(pattern, text)
        assert match is None, text[max(0, match.start() - 80) : match.end() + 80]


def test_a_demonstration_says_so_everywhere(opened: dict[Page, TestResponse]) -> None:
    silent = [str(page) for page, answer in opened.items() if "Demonstration." not in answer.text]
    assert silent == []


def test_staff_pages_are_for_staff(site: Site) -> None:
    visitor = site.app.test_client()
    for page in PAGES:
        if page.side == STAFF and page.who != "visitor" and page.data is None:
            answer = visitor.get(page.path.format(**site.references))
            assert answer.status_code == 302
            assert answer.location.startswith("/staff/login")
