"""The picture of a body: large enough to touch, never lost by a touch, the same as its list."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE
from tests.every_page import PROTOCOL

Window = Callable[..., Tab]
NARROW = 320
LEAST = 24  # pixels, WCAG 2.5.8
AREAS = [option.id for option in PROTOCOL.questions["pain_areas"].options if option.id != "none"]

SIZES = """labels => labels.map(label => {
  const { width, height, x, y } = label.getBoundingClientRect();
  const at = document.elementFromPoint(x + width / 2, y + height / 2);
  return [label.htmlFor, width, height, at === label];
})"""
# The ids of the boxes whose areas are filled as one that is ticked.
FILLED = """picture => {
  const fill = part => getComputedStyle(part).fill;
  const parts = [...picture.querySelectorAll("[data-place]")];
  const ticked = document.querySelector("input[name=pain_areas]:checked");
  const colour = fill(parts.find(part => part.dataset.place === ticked.value));
  return [...new Set(parts.filter(p => fill(p) === colour).map(p => p.dataset.place))].sort();
}"""
# The words of a picture that run into another or out of it.
CROWDED = """picture => {
  const frame = picture.getBoundingClientRect();
  const words = [...picture.querySelectorAll("text")].map(text => [text.textContent.trim(),
    text.getBoundingClientRect()]);
  return words.filter(([word, at], i) => word && (
    at.left < frame.left - 1 || at.right > frame.right + 1 ||
    words.some(([, other], j) => i !== j && at.left < other.right && other.left < at.right
      && Math.abs(at.top - other.top) < 2)
  )).map(([word]) => word);
}"""
# Contrast of an outline with what it surrounds, by the formula of WCAG.
CONTRAST = """part => {
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const { fill, stroke } = getComputedStyle(part);
  const [dark, bright] = [light(fill), light(stroke)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}"""


def body(tab: Tab) -> Tab:
    """Go to the page with the picture."""
    steps.begin(tab)
    tab.goto("/questions/pain_areas")
    return tab


@pytest.mark.parametrize("start", ["/", "/?language=es"])
def test_no_word_of_the_picture_is_cut_or_runs_into_another(window: Window, start: str) -> None:
    tab = window(NARROW)
    steps.begin(tab)
    tab.goto(start)
    tab.goto("/questions/pain_areas")
    expect(tab.locator("html")).to_have_attribute("lang", "es" if "es" in start else "en")
    for figure in tab.locator(".sc-body__figure").all():
        assert figure.evaluate(CROWDED) == []


@pytest.mark.parametrize("width", [NARROW, PHONE, DESK])
def test_every_area_is_large_enough_and_under_nothing(window: Window, width: int) -> None:
    tab = body(window(width))
    steps.fits(tab)
    tab.locator(".sc-body").evaluate("picture => picture.scrollIntoView({ block: 'center' })")
    sizes = tab.locator(".sc-body__touch").evaluate_all(SIZES)
    assert len({box for box, *_ in sizes}) == len(AREAS) == 19
    small = [(box, w, h) for box, w, h, _ in sizes if w < LEAST or h < LEAST]
    assert small == []
    assert [box for box, *_, free in sizes if not free] == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [NARROW, PHONE, DESK])
def test_a_touch_ticks_the_box_and_leaves_the_picture_in_place(
    window: Window, width: int, scripts: bool
) -> None:
    tab = body(window(width, scripts=scripts))
    tab.locator(".sc-body").evaluate("picture => picture.scrollIntoView({ block: 'center' })")
    before = tab.evaluate("scrollY")
    for area in AREAS:
        box = tab.locator(f'input[value="{area}"]')
        place = box.get_attribute("id")
        touch = tab.locator(f'.sc-body__touch[for="{place}"]').first
        at = touch.bounding_box()
        assert at is not None
        middle = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        if width == PHONE:
            tab.touchscreen.tap(*middle)
        else:
            tab.mouse.click(*middle)
        expect(box).to_be_checked()
        assert tab.evaluate("scrollY") == before, area


def test_a_box_that_has_the_focus_is_in_sight(window: Window) -> None:
    tab = body(window(NARROW, scripts=False))
    tab.locator('input[name="pain_areas"]').first.focus()
    for area in AREAS[1:]:
        tab.keyboard.press("Tab")
        box = tab.locator(f'input[value="{area}"]')
        expect(box).to_be_focused()
        expect(box).to_be_in_viewport()


def test_a_link_to_the_question_arrives_at_its_first_box(window: Window) -> None:
    tab = body(window(PHONE, scripts=False))
    tab.goto("/check")
    tab.goto("/questions/pain_areas#pain_areas")
    expect(tab.locator('input[name="pain_areas"]').first).to_be_in_viewport()


def test_the_picture_shows_what_is_ticked(window: Window) -> None:
    tab = body(window(PHONE, scripts=False))
    steps.fill(tab, {"pain_areas": ["jaw_left", "lower_back", "hip_right"]})
    assert tab.locator(".sc-body").evaluate(FILLED) == ["hip_right", "jaw_left", "lower_back"]
    steps.forward(tab)
    tab.goto("/questions/pain_areas")
    assert tab.locator(".sc-body").evaluate(FILLED) == ["hip_right", "jaw_left", "lower_back"]


@pytest.mark.parametrize("colours", ["none", "active"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_areas_have_an_outline_of_three_to_one(window: Window, colours: str, scheme: str) -> None:
    tab = body(window(PHONE, forced_colors=colours, color_scheme=scheme))
    steps.fill(tab, {"pain_areas": ["neck"]})
    parts = tab.locator(".sc-body__part")
    for part in parts.all():
        assert part.evaluate(CONTRAST) >= 3, part.get_attribute("data-place")
    ticked = parts.and_(tab.locator('[data-place="neck"]')).first
    others = parts.and_(tab.locator('[data-place="chest"]')).first
    fill = "part => getComputedStyle(part).fill"
    assert ticked.evaluate(fill) != others.evaluate(fill)


def test_at_four_times_the_size_nothing_is_cut(window: Window) -> None:
    # 1280 pixels at 400 % are 320 wide; the letters of the page grow with it.
    tab = body(window(NARROW))
    page = tab.locator(".sc-body__figure")
    for figure in page.all():
        at = figure.bounding_box()
        assert at is not None
        assert at["x"] >= 0
        assert at["x"] + at["width"] <= NARROW


def test_a_screen_reader_meets_the_list_and_not_the_picture(window: Window) -> None:
    tab = body(window(PHONE))
    tree = tab.locator("main form").aria_snapshot()
    assert tree.count("checkbox") == len(AREAS) + 1
    assert 'checkbox "Left side of jaw"' in tree
    assert "not asked" not in tree
    assert "Head, hands and feet are not part of this question." in tree
