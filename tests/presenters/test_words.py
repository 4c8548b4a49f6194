"""Words for statuses and priorities, known or not."""

from screener.presenters.words import rank, status_word


def test_words_of_what_is_not_known() -> None:
    assert status_word("on_ice") == "On ice"
    assert rank(None) > rank("note") > rank("emergency")
