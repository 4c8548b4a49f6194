"""`screener sources`: what the rulebook says of itself, as text and as JSON."""

import json
from typing import Any

from tests.engine.answers import RULEBOOK


def test_it_names_what_each_rule_uses_and_does_not_use(run: Any) -> None:
    status, out, errors = run("sources")
    assert (status, errors) == (0, [])
    [at] = [number for number, line in enumerate(out) if line.startswith("under_18: ")]
    assert out[at + 1] == "  uses Date of birth: “Age”"
    assert out[at + 2].startswith("  not used: Race, Ethnicity, Language, Sexual orientation")
    assert "was not compared with the text of the regulation" in out[-1]


def test_the_json_has_every_rule_with_its_attributes_and_sources(run: Any) -> None:
    status, out, errors = run("sources", "--json")
    assert (status, errors) == (0, [])
    document = json.loads("".join(out))
    assert document["hash"] == RULEBOOK.hash
    assert "not compared" in document["limits"]
    for protocol in document["protocols"]:
        assert {rule["id"] for rule in document["rules"]} >= set(
            RULEBOOK.protocols[protocol["id"]].rules
        )
        assert len(protocol["attributes"]) == 9
        assert set(protocol["stated"]) == {"developer", "funding", "released", "revised"}
    [rule] = [rule for rule in document["rules"] if rule["id"] == "hold_pregnant"]
    states = {use["id"]: use["state"] for use in rule["attributes"]}
    assert states["date_of_birth"] == "used" and states["race"] == "not used"
    cited = {reference["id"] for reference in document["references"]}
    for rule in document["rules"]:
        assert {*rule["references"], *rule["further"]} <= cited


def test_a_faulty_rulebook_is_refused(run: Any, tmp_path: Any) -> None:
    status, out, errors = run("sources", "--rules", str(tmp_path))
    assert (status, out) == (1, [])
    assert "holds no folder with a protocol.yaml" in errors[0]
