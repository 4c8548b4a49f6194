"""Documents of answers as people and programs write them: read as meant, or refused in lines.

What `assess` and `explain` are given here was lost, misread or answered with a traceback once, or
is near to what was.
"""

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from screener.cli import main
from screener.commands import common
from tests.engine.answers import RULEBOOK


@pytest.fixture(autouse=True, scope="module")
def _loaded_once() -> Iterator[None]:
    """Run every command with the rulebook that is loaded already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "rulebook_in", lambda _: RULEBOOK)
        yield


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command; give back its status, what it printed and what it complained of."""

    def run(*arguments: str, stdin: str | bytes = "") -> tuple[int, list[str], list[str]]:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        status = main(arguments)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"age": "46"}', 'standard input: document 1: age: found "46"; allowed: a whole number'),
        ("age: 46\n---\nage: 460\n", "standard input: document 2: age: found 460; allowed"),
        ("case: Z\nanswers: {foo: 1}\nexpect: {}\n", "document 1 (Z): foo: is no question"),
        ("case: Z\nanswer: {age: 1}\n", "found also answer"),
        ("case: Z\n", "answers is missing"),
        ("hello", "document 1: a mapping of answers is expected; found hello"),
        ("null", "document 1: a mapping of answers is expected; found nothing (null)"),
        ("[[1]]", "document 1: a mapping of answers is expected; found a list"),
        ("", "standard input: no document found"),
        ("[]", "no document found"),
        ("---\n---\n", "no document found"),
        ("# nothing but a comment\n", "no document found"),
        ("---\n# nothing\n...\n---\n", "no document found"),
        ('{"age": 40', "standard input:1:11: is not well-formed JSON"),
        ('{"age": 40, "age": 41}', "the key age stands twice"),
        ('{"age": 40}{"age": 40, "age": 41}', "document 2: the key age stands twice"),
        ('{"age": NaN}', "document 1: age: found NaN; allowed: a whole number from 0 to 120"),
        ('{"age": -Infinity}', "age: found -Infinity; allowed: a whole number"),
        ('{"age": ' + "9" * 5000 + "}", "age: found 9999"),
        ('{"age": -' + "9" * 5000 + "}", "age: found -9999"),
        ('{"age": 1.' + "0" * 5000 + "1}", "age: found 1.0000"),
        ('{"age": 1e999999999}', "age: found 1E+999999999; allowed: a whole number"),
        ('{"age": 1e-999999999}', "age: found 1E-999999999; allowed: a whole number"),
        ('{"age": 1e99999999999999999999}', "age: found 1e99999999999999999999; allowed: a wh"),
        ('{"phq9_9": 1e999999999}', "phq9_9: found 1E+999999999; allowed: one of 0, 1, 2, 3"),
        ('{"pain_other_place": 1e99999999999999999999}', "pain_other_place: found 1e9999"),
        ("age: 1e999999999\n", "age: found 1e999999999; allowed: a whole number"),
        ("age: .inf\n", "age: found .inf; allowed: a whole number"),
        ("age: -1\n", "age: found -1; allowed: a whole number"),
        (f"age: {'9' * 5000}\n", "age: found 9999"),
        (f"age: 1.{'0' * 40}1\n", "age: found 1.0000"),
        ('{"age": [9223372036854775808, null, null]}', "age: found a list; allowed: a whole"),
        ('{"age": [0, [4, 4], 0]}', "age: found a list; allowed: a whole number"),
        ('{"case": ["A1"], "answers": {}}', "document 1: case: found a list; allowed: text"),
        ('{"case": {"id": "A1"}, "answers": {}}', "case: found a mapping; allowed: text"),
        ('{"case": 12, "answers": {}}', "case: found 12; allowed: text"),
        ('{"case": true, "answers": {}}', "case: found true; allowed: text"),
        ("case: [A1]\nanswers: {}\n", "document 1: case: found a list; allowed: text"),
        ('{"answers": null}', "answers: found nothing (null); a mapping is needed"),
        ('{"submitted": "yes", "age": 40}', 'submitted: found "yes"; allowed: true or false'),
        ("submitted: yes\nanswers: {}\n", "submitted: found yes; allowed: true or false"),
        ('{"case": "A1 \\ud83d", "answers": {}}', 'case: found "A1 \\ud83d"; half of a char'),
        ('{"\\udc00": 1}', '\\udc00: found "\\udc00"; half of a character is no text'),
        ('{"pain_areas": ["\\ud83d"]}', 'pain_areas: found "\\ud83d"; half of a character'),
        ('[{"age": 4}, {"expect": [{"x": "\\udfff"}]}]', 'document 2: expect.x: found "\\udfff"'),
        ('case: "A1 \\ud83d"\nanswers: {}\n', "is not well-formed YAML"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"x":' * 100_000, "is nested too deeply"),
        ("{" + '"age": [' * 60 + "]" * 60 + "}", "standard input:1:"),
        ('{"age": ' + "[" * 60 + "]" * 60 + "}", "document 1: is nested too deeply"),
        ("- " * 5000, "nested too deeply"),
        ('{"a\\nb": 1}', "document 1: a\\nb: is no question of this protocol"),
        ('{"' + "x" * 100_000 + '": 1}', "x…: is no question of this protocol"),
        ('{"medicines_tried": {"' + "x" * 100_000 + '": {}}}', "x…: is not in the list of"),
        ('{"medicines_tried": {"sertraline": null}}', "write {} where nothing more is known"),
        ("medicines_tried: {sertraline: }\n", "write {} where nothing more is known"),
        ("age: 1\nage: 2\n", "the key age stands here twice"),
        (b"age: \xff\n", "is not UTF-8 text (byte 5)"),
        ("age: 40".encode("utf-16"), "standard input: is UTF-16 text, not UTF-8 text"),
        ("age: 40".encode("utf-32"), "standard input: is UTF-32 text, not UTF-8 text"),
        ("age: 40".encode("utf-16-le"), "is not well-formed YAML"),
        (b'{"age": 4\x000}', "is not well-formed JSON"),
        (b"age: \x00\n", "is not well-formed YAML"),
        (b'{"case": "\xed\xa0\xbd", "answers": {}}', "is not UTF-8 text"),
    ],
)
def test_a_wrong_document_is_refused_with_status_2(
    run: Any, text: str | bytes, message: str
) -> None:
    """`assess` and `explain` say what is wrong in lines that can be shown, none of them long."""
    for command in ("assess", "explain"):
        status, out, err = run(command, "-", stdin=text)
        assert (status, out) == (2, [])
        assert any(message in line for line in err), err
        assert all(line.startswith("standard input:") for line in err)
        assert all(len(line) < 1000 and line.isprintable() for line in err)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("age: 44\n---\n", '{"age": 44}'),
        ("---\nage: 44\n---\n---\n# nothing\n", '{"age": 44}'),
        ("---\n---\nage: 44\n...\n...\n", '{"age": 44}'),
        ("age: 44\rphq9_9: 1\r---\rage: 50\r", '{"age": 44, "phq9_9": 1}{"age": 50}'),
        ("age: 44\r\nphq9_9: 1\r\n", '{"age": 44, "phq9_9": 1}'),
        ('{"age": 44}\r{"age": 50}\r', '{"age": 44}{"age": 50}'),
        ("\ufeffage: 44\n", '{"age": 44}'),
        ('\ufeff{"age": 44}', '{"age": 44}'),
        ('{"age": 44.0}', '{"age": 44}'),
        ('{"age": 44.' + "0" * 5000 + "}", '{"age": 44}'),
        ('{"age": -0}{"age": -0.0}', '{"age": 0}{"age": 0}'),
        ("age: -0\n", '{"age": 0}'),
        ('{"age": 44, "phq9_9": null, "pain_areas": null, "medicines_tried": null}', '{"age": 44}'),
        ("age: 44\nphq9_9: null\npain_areas: ~\npain_other_place:\n", '{"age": 44}'),
        (
            '{"medicines_tried": {"sertraline": {"weeks": null, "dose_mg": 50}}}',
            '{"medicines_tried": {"sertraline": {"dose_mg": 50}}}',
        ),
        ("medicines_tried: {sertraline: {weeks: , dose_mg: 50}}\n",
            '{"medicines_tried": {"sertraline": {"dose_mg": 50}}}'),
        ('{"case": null, "answers": {"age": 44}}', '{"age": 44}'),
        ("case:\nanswers: {age: 44}\n", '{"age": 44}'),
        ("age: 44\nsubmitted: true\n", '{"answers": {"age": 44}, "submitted": true}'),
        ('{"age": 44, "submitted": null}', '{"age": 44}'),
        ('{"case": "\\ud83e\\uddb5", "answers": {}}', '{"case": "🦵", "answers": {}}'),
    ],
)  # fmt: skip
def test_another_way_to_write_the_same(run: Any, text: str, same_as: str) -> None:
    status, out, err = run("assess", "-", stdin=text)
    assert (status, err) == (0, [])
    assert out == run("assess", "-", stdin=same_as)[1]


def test_null_is_not_answered_and_never_no(run: Any) -> None:
    _, [blank], _ = run("assess", "-", stdin='{"age": 44, "asq_1": null, "medicines_tried": null}')
    _, [no], _ = run("assess", "-", stdin='{"age": 44, "asq_1": "no", "medicines_tried": {}}')
    assert json.loads(blank)["flags"]["suicide_screen_unanswered"] == "unknown"
    needed = json.loads(blank)["needed"]
    assert any("medicines_tried" in paths for paths in needed.values())
    assert json.loads(no)["flags"] != json.loads(blank)["flags"]


def test_the_word_null_can_be_an_answer(run: Any) -> None:
    """In quotation marks it is text, as it is in JSON; here too long a one, so that it shows."""
    status, _, err = run("assess", "-", stdin="age: 'null'\n")
    assert (status, err) == (
        2,
        ["standard input: document 1: age: found null; allowed: a whole number from 0 to 120"],
    )


def test_a_form_that_was_sent_counts_every_question_as_reached(run: Any) -> None:
    first, sent = (
        json.loads(run("assess", "-", stdin=f'{{"age": 44, "submitted": {value}}}')[1][0])
        for value in ("false", "true")
    )
    assert first["flags"] != sent["flags"]
    assert sent["flags"]["suicide_screen_unanswered"] == "met"


def test_faults_of_every_document_are_told(run: Any) -> None:
    text = '{"age": 460}{"case": [1], "answers": {}}{"age": 44, "x": 1}'
    status, out, err = run("assess", "-", stdin=text)
    assert (status, out) == (2, [])
    assert sorted(line.split(": ")[1] for line in err) == ["document 1", "document 2", "document 3"]
