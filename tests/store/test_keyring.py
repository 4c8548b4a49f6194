"""Field encryption: what opens, what is refused, and what the refusal says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.store.errors import SealError
from screener.store.keyring import Keyring, Place, key_id

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = Place("submission", "abc", "sealed_answers")
SECRET = {"phq9_9": 3, "note": "never to be seen"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_what_was_sealed_opens_again(value: object) -> None:
    ring = Keyring({"k1": OLD})
    assert ring.unseal(ring.seal(value, PLACE), PLACE) == value


def test_nothing_can_be_read_off_a_sealed_value() -> None:
    ring = Keyring({"k1": OLD})
    sealed = ring.seal(SECRET, PLACE)
    assert b"never" not in sealed and b"phq9" not in sealed
    assert sealed != ring.seal(SECRET, PLACE), "a fresh nonce each time"


def test_the_length_does_not_tell_yes_from_no() -> None:
    ring = Keyring({"k1": OLD})
    lengths = {len(ring.seal({"asq_5": value}, PLACE)) for value in ("yes", "no", "declined")}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("risk_answer", "abc", "sealed_answers"),
        Place("submission", "abd", "sealed_answers"),
        Place("submission", "abc", "sealed_identity"),
    ],
)
def test_a_moved_value_is_refused_with_its_new_place_named(elsewhere: Place) -> None:
    ring = Keyring({"k1": OLD})
    with pytest.raises(SealError) as error:
        ring.unseal(ring.seal(SECRET, PLACE), elsewhere)
    for word in (elsewhere.table, elsewhere.row, elsewhere.column, "'k1'"):
        assert word in str(error.value)


def test_every_altered_byte_is_refused() -> None:
    ring = Keyring({"k1": OLD})
    sealed = ring.seal({"a": 1}, PLACE)
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(SealError):
            ring.unseal(bytes(altered), PLACE)


@pytest.mark.parametrize("cut", [0, 1, 3, 20, 300])
def test_a_truncated_value_is_refused(cut: int) -> None:
    ring = Keyring({"k1": OLD})
    with pytest.raises(SealError):
        ring.unseal(ring.seal({"a": "b" * 300}, PLACE)[:cut], PLACE)


def test_an_unknown_key_is_named_and_content_never() -> None:
    sealed = Keyring({"k1": OLD}).seal(SECRET, PLACE)
    with pytest.raises(SealError) as error:
        Keyring({"k2": NEW}).unseal(sealed, PLACE)
    assert "'k1', which SCREENER_ENCRYPTION_KEYS does not list" in str(error.value)
    assert "never" not in str(error.value)


def test_another_key_under_the_same_name_is_refused() -> None:
    sealed = Keyring({"k1": OLD}).seal(SECRET, PLACE)
    with pytest.raises(SealError, match="another one of the same name"):
        Keyring({"k1": NEW}).unseal(sealed, PLACE)


def test_after_a_rotation_old_values_open_and_new_ones_take_the_new_key() -> None:
    old = Keyring({"k1": OLD}).seal(SECRET, PLACE)
    ring = Keyring({"k2": NEW, "k1": OLD})
    assert ring.unseal(old, PLACE) == SECRET
    assert key_id(ring.seal(SECRET, PLACE)) == "k2"


def test_what_is_not_json_is_refused() -> None:
    ring = Keyring({"k1": OLD})
    for value in (object(), {1, 2}, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            ring.seal(value, PLACE)


def test_keys_and_fingerprints_do_not_show() -> None:
    ring = Keyring({"k1": OLD})
    assert repr(ring) == "Keyring('k1',)"
    assert ring.fingerprint("192.0.2.1") != Keyring({"k1": NEW}).fingerprint("192.0.2.1")
