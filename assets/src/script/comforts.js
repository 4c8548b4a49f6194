// Small comforts. Every page works without them.

// An error summary takes the focus when the page opens, and its links bring the
// question into view, not only the box below it.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const input = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!input) return;
    const legend = input.closest("fieldset")?.querySelector("legend");
    const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    event.preventDefault();
    (legend || label || input).scrollIntoView();
    input.focus({ preventScroll: true });
  });
}

// "None of these" unticks the others, and any other unticks it. The server
// checks the same, so a page without scripts loses nothing.
document.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox" || !target.checked) return;
  const group = target.closest("[data-exclusive-group]");
  if (!group) return;
  const alone = "exclusive" in target.dataset;
  for (const box of group.querySelectorAll('input[type="checkbox"]')) {
    if (box === target || box.name !== target.name) continue;
    if (alone || "exclusive" in box.dataset) box.checked = false;
  }
});

// A second click of a button within two seconds does not send its form again. Forms with answers
// are sent by saving.js.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("send" in form.dataset || "leave" in form.dataset) return;
  const pressed = event.submitter ?? form;
  const now = Date.now();
  if (now - Number(pressed.dataset.sentAt || 0) < 2000) event.preventDefault();
  else pressed.dataset.sentAt = now;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// Print buttons are of no use without this script, so they start hidden.
for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;

// Paper cannot be unfolded. Newer browsers are told so by the stylesheet. Staff choose what to print.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("body:not(.sc-staff) details:not([open])")];
  for (const fold of opened) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});
