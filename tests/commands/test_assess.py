"""`screener assess`: what it prints for a document, and what it refuses."""

import json
from typing import Any

import pytest

from screener.places import shipped

CASES = shipped("rules") / "fibromyalgia" / "cases"


def test_assess_prints_one_object_a_document_in_order(run: Any) -> None:
    status, out, err = run(
        "assess", str(CASES / "fibromyalgia_boundaries.yaml"), str(CASES / "patients.yaml")
    )
    assert (status, err, len(out)) == (0, [], 20)
    first, v01 = json.loads(out[0]), json.loads(out[8])
    assert first["case"].startswith("B1:")
    assert v01["case"].startswith("V01:")
    assert set(v01) == {"case", "protocol", "rulebook", "priority", "scores", "flags", "needed"}
    assert v01["protocol"] == "fibromyalgia"
    assert set(v01["rulebook"]) == {"version", "hash"}
    assert v01["scores"]["wpi"] == [12, 12]
    assert v01["flags"]["paired_pattern"] == "met"
    assert "paired_pattern" not in v01["needed"]


def test_the_shared_expectations_hold_for_what_assess_prints(run: Any) -> None:
    """The contract of `expect`, checked on the printed output and not on our own objects."""
    import yaml

    files = sorted(CASES.glob("*.yaml"))
    cases = [case for file in files for case in yaml.safe_load_all(file.read_text())]
    named = {
        id
        for case in cases
        for key in ("flags", "not_met", "unknown")
        for id in case["expect"].get(key, [])
    }
    _, out, _ = run("assess", *map(str, files))
    for case, line in zip(cases, out, strict=True):
        printed, expect = json.loads(line), case["expect"]
        assert printed["case"] == case["case"]
        if "priority" in expect:
            assert printed["priority"] == expect["priority"], case["case"]
        for id, wanted in expect.get("scores", {}).items():
            both = wanted if isinstance(wanted, list) else [wanted, wanted]
            assert printed["scores"][id] == both, case["case"]
        if "flags" in expect:
            met = {id for id in named if printed["flags"][id] == "met"}
            assert met == set(expect["flags"]), case["case"]
        for outcome in ("not_met", "unknown"):
            for id in expect.get(outcome, []):
                assert printed["flags"][id] == outcome, case["case"]


def test_assess_reads_standard_input_as_json_or_yaml(run: Any) -> None:
    for text in ('{"age": 40, "asq_1": "yes"}', "age: 40\nasq_1: yes\n", "{age: 40, asq_1: yes}"):
        status, out, _ = run("assess", "-", stdin=text)
        assert status == 0
        assert json.loads(out[0])["priority"] == "emergency"
        assert json.loads(out[0])["case"] is None


def test_assess_reads_several_json_documents(run: Any) -> None:
    for text in ('{"age": 40}\n{"age": 17}', '[{"age": 40}, {"age": 17}]'):
        status, out, _ = run("assess", "-", stdin=text)
        assert status == 0
        assert [json.loads(line)["priority"] for line in out] == ["urgent", "ineligible"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"age": "46"}', 'standard input: document 1: age: found "46"; allowed: a whole number'),
        ("age: 46\n---\nage: 460\n", "standard input: document 2: age: found 460; allowed"),
        ("case: Z\nanswers: {foo: 1}\nexpect: {}\n", "document 1 (Z): foo: is no question"),
        ("case: Z\nanswer: {age: 1}\n", "found also answer"),
        ("case: Z\n", "answers is missing"),
        ("hello", "a mapping of answers is expected"),
        ("", "no document found"),
        ("[]", "no document found"),
        ('{"age": 40', "standard input:1:11: is not well-formed JSON"),
        ('{"age": 40, "age": 41}', "the key age stands twice"),
        ('{"age": NaN}', "age: found NaN; allowed"),
        ('{"age": ' + "9" * 5000 + "}", "standard input: "),
        ("age: 1\nage: 2\n", "the key age stands here twice"),
        (b"\xff\xfe\x00", "is UTF-16 text, not UTF-8 text"),
    ],
)
def test_a_wrong_document_is_refused_with_status_2(run: Any, text: str, message: str) -> None:
    status, out, err = run("assess", "-", stdin=text)
    assert (status, out) == (2, [])
    assert any(message in line for line in err), err


def test_nothing_is_printed_when_any_document_is_wrong(run: Any) -> None:
    status, out, err = run("assess", "-", stdin="age: 40\n---\nage: x\n---\nfoo: 1\n")
    assert (status, out, len(err)) == (2, [], 2)


def test_a_missing_file_is_named(run: Any) -> None:
    status, _, err = run("assess", "nowhere.json")
    assert status == 2
    assert err == ["nowhere.json: cannot be read: No such file or directory"]


def test_an_unknown_protocol_is_named(run: Any) -> None:
    status, _, err = run("assess", "--protocol", "x", "-", stdin="{}")
    assert status == 2
    assert "fibromyalgia" in err[0]
