"""No page shows a patient an illness, a score, a risk or a comparison, whatever they answered."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from screener import spoken, store
from screener.engine.protocol import Protocol
from screener.engine.questions import Question
from screener.patient import context
from screener.patient.record import Progress, as_json
from tests.never_shown import DENIALS, FORBIDDEN
from tests.patient.stored import protocol_of
from tests.web import CONTACT, send

pytestmark = pytest.mark.long


def shown_to_everyone(protocol: Protocol) -> set[str]:
    """Return everything that pages show to everyone alike."""
    texts: set[str] = set()
    questions = [*protocol.questions.values(), *protocol.table.columns]
    for question in questions:
        texts |= {question.text, question.short, question.stem, question.hint}
        for option in question.options:
            texts |= {option.label, option.hint, option.heading}
    for page in protocol.pages:
        texts |= {page.title, page.intro}
    for topic in protocol.topics.values():
        texts |= {topic.title, topic.summary}
    for medicine in protocol.medicines.values():
        texts |= {medicine.name, medicine.group, ", ".join(medicine.brands)}
    return {re.sub(r"\s+", " ", text).strip() for text in texts}


def said_of_the_person(page: TestResponse, alike: set[str], code: str) -> str:
    """Return the text of a page without denials and without what everyone is shown."""
    html = BeautifulSoup(page.text, "html.parser")
    for answer in html.select("label, dd, dd li"):
        if not answer.decomposed and answer.get_text(" ", strip=True) in alike:
            answer.decompose()
    text = re.sub(r"\s+", " ", html.get_text(" "))
    text = re.sub(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", " ", text)  # a reference is drawn by chance
    # Short words such as "Yes" would tear holes into sentences that must be looked at.
    for shared in sorted((shared for shared in alike if len(shared) > 12), key=len, reverse=True):
        text = text.replace(shared, " ")
    text = text.lower()
    for denial in (*DENIALS["en"], *DENIALS[code]):
        text = text.replace(denial, " ")
    return text


def answers_of(protocol: Protocol) -> st.SearchStrategy[dict[str, Any]]:
    """Return arbitrary partial answers, as the store keeps them."""

    def value(question: Question) -> st.SearchStrategy[Any]:
        match question.kind:
            case "choice":
                return st.sampled_from(question.option_ids)
            case "choices":
                several = [id for id in question.option_ids if id != "none"]
                return st.just(["none"]) | st.lists(
                    st.sampled_from(several), min_size=1, unique=True
                )
            case "number":
                assert question.range is not None
                return st.integers(*question.range)
            case "text":
                return st.just("words of their own")
        row = st.fixed_dictionaries(
            {}, optional={column.id: value(column) for column in question.columns}
        )
        return st.dictionaries(st.sampled_from(list(protocol.medicines)), row, max_size=4)

    values = {id: value(q) for id, q in protocol.questions.items() if id != "age"}
    return st.fixed_dictionaries({}, optional=values)


def protocol_in(app: Flask, code: str) -> Protocol:
    """Return the protocol in the words of a language."""
    with app.test_request_context(headers={"Cookie": f"{spoken.COOKIE}={code}"}):
        return spoken.rulebook().protocols["fibromyalgia"]


def stored_as_sent(app: Flask, token: str) -> bool:
    with app.app_context():
        questionnaire = store.load(token)
    return questionnaire is not None and questionnaire.submitted_at is not None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    from tests.web import make_app

    app = make_app(tmp_path_factory.mktemp("site"))
    yield app
    with app.app_context():
        store.db.engine.dispose()


def test_the_list_finds_what_it_is_for() -> None:
    said = "usted tiene fibromialgia, y la ketamina puede aliviarla. su riesgo bajo es de 3 puntos"
    found = [pattern for pattern in FORBIDDEN["es"] if re.search(pattern, said)]
    assert len(found) == 5
    assert len(FORBIDDEN["es"]) == len(FORBIDDEN["en"])


@pytest.mark.parametrize("code", ["en", "es"])
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],  # making an example smaller takes minutes here and adds little
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_page_ever_says_what_the_rules_found(
    site: Flask, code: str, data: st.DataObject
) -> None:
    """Question, help, check and results pages for arbitrary answers."""
    protocol = protocol_of(site)
    answers = data.draw(answers_of(protocol))
    client = site.test_client()
    with site.app_context():
        token = store.start("fibromyalgia", "1", "sha256:0")
        identity = {"date_of_birth": "1979-04-27", "name": "Ana Test", "phone": "555-555-0142"}
        store.save(
            token, answers=as_json(answers), identity=identity, progress=Progress().as_json()
        )
    client.set_cookie(context.COOKIE, token)
    client.set_cookie(spoken.COOKIE, code)
    pages = [client.get("/help")]
    if 'name="action"' in pages[0].text:
        send(client, "/help", {"action": "continue"})
    send(client, "/contact", CONTACT)  # a save, which screens
    pages.append(client.get("/help"))
    some = data.draw(st.sampled_from([page.id for page in protocol.pages]))
    pages += [client.get(path) for path in (f"/questions/{some}", "/questions", "/check", "/")]
    send(client, "/check")
    pages += [client.get("/results"), client.get("/")]
    assert pages[-2].status_code == 200 and stored_as_sent(site, token)
    assert all(f'<html lang="{code}"' in page.text for page in pages if page.status_code == 200)
    alike = shown_to_everyone(protocol) | shown_to_everyone(protocol_in(site, code))
    # Some rules bear the name of a question; names of fields are no secret.
    ids = {*protocol.rules, *protocol.scores} - set(protocol.questions)
    titles = {rule.title for rule in protocol.rules.values()} - {
        topic.title for topic in protocol.topics.values()
    }
    bands = {band.label for score in protocol.scores.values() for band in score.bands}
    for page in pages:
        assert page.status_code in (200, 303)
        html = page.text
        assert not [id for id in ids if re.search(rf"\b{id}\b", html) and "_" in id]
        text = said_of_the_person(page, alike, code)
        assert not [title for title in titles if title.lower() in text]
        patterns = dict.fromkeys((*FORBIDDEN["en"], *FORBIDDEN[code]))
        for pattern in (*patterns, *(rf"\b{re.escape(band)} (?:depress|anx)" for band in bands)):
            match = re.search(pattern, text)
            assert match is None, text[max(0, match.start() - 80) : match.end() + 80]
