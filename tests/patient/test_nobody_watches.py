"""Patients are told plainly that nobody watches, whoever is on duty."""

from flask.testing import FlaskClient

from tests.web import begin, send, visible

SAID = "Nobody is watching this form in real time."


def test_start_help_and_results_say_so(client: FlaskClient) -> None:
    assert SAID.removesuffix(".") in visible(client.get("/"))
    begin(client)
    send(client, "/questions/mood", {"phq9_9": "1"})
    assert SAID in visible(client.get("/help"))
    send(client, "/help", {"action": "continue"})
    assert send(client, "/check").location == "/results"
    assert SAID in visible(client.get("/results"))
