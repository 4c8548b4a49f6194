"""The benchmark of the pages: what it makes of its times. Nothing is timed here."""

from pathlib import Path

import pytest
from flask import Flask

from benchmarks import pages, wrk
from benchmarks.pages import EMPTY, EMPTY_POST, GOALS
from benchmarks.site import CASE, fill, hidden
from benchmarks.wrk import Measured, Requests
from screener import store
from tests.web import make_app


def measured(per_second: float) -> Measured:
    return Measured(per_second, 1000 / per_second, (1, 1, 1, 1))


def test_a_ratio_is_taken_within_a_round_and_a_save_beside_an_empty_post() -> None:
    times = {name: [measured(100), measured(10), measured(1)] for name in GOALS}
    times[EMPTY] = [measured(1000), measured(100), measured(10)]
    times[EMPTY_POST] = [measured(500), measured(50), measured(5)]
    figures = {row.page: row for row in pages.rows(times)}
    assert figures["queue"].ratio == pytest.approx(0.1)
    assert figures["save a page"].ratio == pytest.approx(0.2)
    assert (figures["queue"].verdict, figures["question page"].verdict) == ("met", "missed")
    assert figures[EMPTY].verdict == "" and figures[EMPTY_POST].ratio == 1
    assert "| question page | 10 | 100.00 | 0.100 | 0.15 | missed |" in pages.table(
        [*figures.values()]
    )


def test_without_wrk_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert pages.main([]) == 1
    assert "apt install wrk" in capsys.readouterr().err


def test_a_request_is_whole() -> None:
    got = wrk.text("GET", "/check", "a=b")
    assert got.startswith("GET /check HTTP/1.1\r\n") and got.endswith("Cookie: a=b\r\n\r\n")
    sent = wrk.text("POST", "/", fields={"a": "b c"})
    assert sent.endswith("Content-Length: 5\r\n\r\na=b+c")
    assert wrk._as_lua([Requests(('say "hi"\r\n',), 303, "/x", 1)]) == (
        'return {{status=303, to="/x", begin=1, "say \\"hi\\"\\r\\n"}}\n'
    )


def test_the_people_have_answered_every_page(tmp_path: Path) -> None:
    app: Flask = make_app(tmp_path)
    people = fill(app, 2)
    assert len(people.pages) > 15 and len(set(people.tokens)) == 2
    client = app.test_client()
    client.set_cookie("screener_questionnaire", people.tokens[1])
    for path in ("/check", *people.pages):
        assert client.get(path).status_code == 200, f"{CASE} is not asked {path}"
    assert hidden(client.get("/questions/symptoms").text, "csrf_token")
    with app.app_context():
        stored = store.load(people.tokens[1])
        shown = store.submission(people.reference)
    assert stored is not None and stored.priority == "review" and shown is not None
