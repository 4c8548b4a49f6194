"""Measures what can be pressed: WCAG 2.5.8, and more for what must be hit in danger."""

from playwright.sync_api import Page as Tab

LEAST = 24  # CSS pixels, as WCAG 2.5.8 asks for
IN_DANGER = 44  # what an unsteady thumb hits

# A target is a link, a button, a box or list with its label, or the summary of a fold. An empty
# label, such as a place in a drawing, is a target of its own. Links in a line of text are not
# counted (the exception "inline"), nor what is out of sight until it has the focus.
_MEASURE = """
([area, least, spaced]) => {
  const box = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { left, top, width, height, right: left + width, bottom: top + height };
  };
  const large = ({ width, height }) => width >= least - 0.01 && height >= least - 0.01;
  const inText = (link) => {
    if (link.tagName !== "A" || getComputedStyle(link).display !== "inline") return false;
    let block = link.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const lines = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    while (lines.nextNode()) {
      const words = lines.currentNode;
      const hidden = words.parentElement.closest(".nhsuk-u-visually-hidden");
      const linked = words.parentElement.closest("a, button");
      if (words.data.trim() && !hidden && !linked) return true;
    }
    return false;
  };
  const every = "a[href], button, input:not([type=hidden]), select, textarea, summary, label";
  const targets = [...document.querySelectorAll(every)]
    .filter((element) => element.tagName !== "LABEL" || !element.textContent.trim())
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => !element.closest(".nhsuk-skip-link, .nhsuk-u-visually-hidden"))
    .map((element) => {
      const labels = [...(element.labels ?? [])].filter((label) => label.textContent.trim());
      return { element, box: box(element), all: [element, ...labels].map(box) };
    })
    .filter((target) => target.box.width && target.box.height);
  const small = targets.filter((target) => !target.all.some(large));
  const middle = ({ box }) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const near = (target, other) => {
    const [x, y] = middle(target);
    const reaches = ({ left, right, top, bottom }) =>
      Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)) < least / 2;
    if (other.all.some(reaches)) return true;
    const [otherX, otherY] = middle(other);
    return small.includes(other) && Math.hypot(x - otherX, y - otherY) < least;
  };
  return small
    .filter((target) => target.element.closest(area) && !inText(target.element))
    .filter((target) => !spaced || targets.some((other) => other !== target && near(target, other)))
    .map(({ element, box: { width, height } }) => {
      const words = (element.innerText || element.name || element.htmlFor || "").trim();
      return `${element.tagName} "${words}": ${width.toFixed(1)} by ${height.toFixed(1)} px`;
    });
}
"""


def too_small(
    tab: Tab, area: str = "body", least: int = LEAST, *, spaced: bool = True
) -> list[str]:
    """Return what can be pressed inside `area` and is smaller than `least` pixels, in words.

    With `spaced`, a smaller one passes if a circle of that width around its middle touches no other
    target, as WCAG 2.5.8 allows.
    """
    measured: list[str] = tab.evaluate(_MEASURE, [area, least, spaced])
    return measured
