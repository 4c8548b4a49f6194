"""The picture of a body: as large a list as the question has, and drawn again where it is read."""

import re

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from screener import body
from tests.every_page import PROTOCOL
from tests.web import send, soup

AREAS = {option.id for option in PROTOCOL.questions[body.QUESTION].options} - {"none"}


def test_every_area_is_drawn_and_has_its_box(person: FlaskClient) -> None:
    page = soup(person.get("/questions/pain_areas"))
    assert {part["data-place"] for part in page.select(".sc-body__part")} == AREAS
    boxes = {box["id"]: box["value"] for box in page.select("input[name=pain_areas]")}
    assert {boxes[label["for"]] for label in page.select(".sc-body__touch")} == AREAS


def test_a_touch_on_the_left_is_a_tick_on_the_left(person: FlaskClient) -> None:
    # From the front the left of the person is at the right of the picture, from behind at the left.
    page = soup(person.get("/questions/pain_areas"))
    boxes = {box["id"]: str(box["value"]) for box in page.select("input[name=pain_areas]")}
    for figure, left_at_right in zip(page.select(".sc-body__figure"), (True, False), strict=True):
        names = [text.get_text() for text in figure.select(".sc-body__word text")]
        assert names == (["Right", "Front", "Left"] if left_at_right else ["Left", "Back", "Right"])
        for touch in figure.select("foreignobject"):
            label = touch.select_one("label")
            assert label is not None
            side = boxes[str(label["for"])].rpartition("_")[2]
            if side in ("left", "right"):
                middle = float(str(touch["x"])) + float(str(touch["width"])) / 2
                assert (side == "left") == ((middle > 100) == left_at_right)
        for part in figure.select(".sc-body__part"):
            side = str(part["data-place"]).rpartition("_")[2]
            if side in ("left", "right"):
                # Shapes are drawn at the right, and mirrored to the left.
                assert part.has_attr("transform") == ((side == "left") != left_at_right)


def test_the_drawing_is_made_of_smooth_curves(app: Flask) -> None:
    template = (
        '{% from "components/body_map.html" import body_drawing %}{{ body_drawing(["neck"]) }}'
    )
    with app.app_context():
        drawn = render_template_string(template)
    parts = re.findall(r' d="([^"]+)"', drawn)
    assert len(parts) > 2 * len(AREAS)
    for path in parts:
        assert re.fullmatch(r"[MCLZ0-9. -]+", path), path
    assert "data-place" in drawn
    assert "<label" not in drawn


@pytest.mark.parametrize(
    ("answer", "drawn"),
    [(["neck", "jaw_left"], {"neck", "jaw_left"}), (["none"], set()), ([], set())],
)
def test_the_check_page_draws_what_was_ticked(
    person: FlaskClient, answer: list[str], drawn: set[str]
) -> None:
    send(person, "/questions/pain_areas", {"pain_areas": answer})
    page = soup(person.get("/check"))
    assert {part["data-place"] for part in page.select(".sc-body__part--ticked")} == drawn
    assert bool(page.select(".sc-body")) == bool(drawn)
