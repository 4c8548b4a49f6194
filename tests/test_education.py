"""Education in plain language, and never graded exercise for who gets worse after effort."""

import re

import pytest
import textstat
from hypothesis import given

from screener.engine.protocol import Topic
from screener.engine.questions import Answers
from screener.engine.screen import screen
from tests.engine.answers import PROTOCOL, RULEBOOK, adult

# An alarm on our own text, in school grades: not a target to write for.
HARDEST = 8.0
TOPICS = list(RULEBOOK.topics.values())


def plain(topic: Topic) -> str:
    """Return the sentences of a topic, without headings, references and marks."""
    text = re.sub(r"\[@[^\]]+\]|\]\([^)]*\)|[*_>\[\]]", "", topic.text)
    lines = [line.strip("-0123456789. ") for line in text.splitlines() if line[:1] != "#"]
    return " ".join(f"{line}." if line[-1:].isalpha() else line for line in lines if line)


@pytest.mark.parametrize("topic", TOPICS, ids=[topic.id for topic in TOPICS])
def test_a_page_reads_easily(topic: Topic) -> None:
    assert textstat.flesch_kincaid_grade(plain(topic)) <= HARDEST


def test_the_alarm_rings() -> None:
    hard = (
        "Multidisciplinary pharmacotherapeutic interventions necessitate individualized "
        "contraindication assessment notwithstanding heterogeneous symptomatology."
    )
    assert textstat.flesch_kincaid_grade(hard) > HARDEST


@given(adult())
def test_who_gets_worse_after_effort_reads_no_word_of_graded_exercise(answers: Answers) -> None:
    worse = {**answers, "post_exertional_malaise": "half_the_time_or_more"}
    for id in screen(PROTOCOL, worse).topics:
        topic = RULEBOOK.topics[id]
        for text in (topic.title, topic.summary, topic.text):
            assert not re.search(r"graded|exercis", text, re.IGNORECASE), id


def test_the_page_on_gentle_movement_is_the_only_one_about_it() -> None:
    about = [t.id for t in TOPICS if re.search(r"graded|exercis", t.text, re.IGNORECASE)]
    assert about == ["moving-gently"]


def test_every_statement_names_a_source_that_exists() -> None:
    for topic in TOPICS:
        keys = set(re.findall(r"\[@([a-z0-9-]+)\]", topic.text))
        assert keys
        assert keys <= set(RULEBOOK.references), topic.id


def test_the_page_on_medicines_says_when_to_call() -> None:
    text = RULEBOOK.topics["taking-medicines-safely"].text
    assert "Do not stop or start a medicine because of this form." in text
    for sign in ("fever with stiff or jerking muscles", "confusion", "headache", "slow breathing"):
        assert sign in text.split("## If someone took too much")[0], sign
    assert "](tel:911)" in text
    assert "[1-800-222-1222](tel:18002221222)" in text


def test_what_the_label_of_the_spray_says_now_is_told() -> None:
    risks = RULEBOOK.topics["ketamine-risks"].text
    for now in ("61 to 84 of 100", "48 to 61 of 100", "3 or 4 of 1,000", "SPRAVATO REMS"):
        assert now in risks, now
