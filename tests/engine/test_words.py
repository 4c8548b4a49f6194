"""Expressions in words that can be read aloud."""

import pytest

from screener.engine import expressions as ex
from screener.engine.medicines import label_of_kinds
from screener.engine.words import Words, sentence
from tests.engine.answers import RULEBOOK

MAOI = "of the kind “MAO inhibitor (Nardil, Parnate, Emsam) or linezolid”"


@pytest.fixture(params=["fibromyalgia", "depression"])
def words(request: pytest.FixtureRequest) -> Words:
    return Words(RULEBOOK.protocols[request.param])


def taken(label: str, sign: str, number: int) -> ex.Comparison:
    rows = ex.CountRows("medicines_tried", label, ("still_taking",))
    return ex.Comparison(sign, rows, ex.Const(number))


def test_a_count_of_a_kind_of_medicine_names_the_kind(words: Words) -> None:
    assert sentence(words.condition(taken("maoi", ">=", 2))) == (
        f"At least 2 different medicines {MAOI} count as “Still taken”"
    )
    assert words.condition(taken("maoi", ">=", 1)) == (
        f"at least one medicine {MAOI} counts as “Still taken”"
    )
    assert words.condition(taken("maoi", "<", 2)) == (
        f"the number of different medicines {MAOI} that count as “Still taken” is less than 2"
    )


def test_a_count_over_several_kinds_names_each_in_the_order_of_the_list(words: Words) -> None:
    assert words.condition(taken(label_of_kinds(["triptan", "tramadol"]), ">=", 1)) == (
        "at least one medicine of the kind “Tramadol (Ultram)” or “Triptan (Imitrex, Maxalt)” "
        "counts as “Still taken”"
    )


def test_other_counts_stay_numbers(words: Words) -> None:
    assert words.condition(taken("ingredient", ">=", 2)) == (
        "the number of different active ingredients with a trial that counts as “Still taken” "
        "is 2 or more"
    )


def test_no_rule_counts_by_a_name_that_is_not_put_into_words(words: Words) -> None:
    expressions = [rule.when.expression for rule in words.protocol.rules.values() if rule.when]
    counts = [n for e in expressions for n in ex.walk(e) if isinstance(n, ex.CountRows)]
    assert {"maoi", label_of_kinds(["maoi"])} <= {count.label for count in counts}
    for count in counts:
        phrase = words.number(count)
        assert "groups by" not in phrase and count.label not in phrase, phrase
