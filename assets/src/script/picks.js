// Buttons below a box that write into it: a usual dose, weeks or months or years behind a number,
// "I don't remember". The box is what is sent.
for (const group of document.querySelectorAll("[data-picks]")) {
  const box = document.getElementById(group.dataset.picks);
  const buttons = [...group.querySelectorAll("button")];
  const units = buttons.filter((button) => "adds" in button.dataset);
  const understood = document.createElement("span");
  understood.setAttribute("role", "status");
  understood.className = "sc-understood";
  group.dataset.ready = "";
  if (group.previousElementSibling.matches(".sc-picks__instead")) group.previousElementSibling.remove();
  if (units.length > 0) {
    // Words come from the buttons, so the keys of numbers are enough.
    box.inputMode = "decimal";
    const told = box.parentElement.querySelector(".nhsuk-input-wrapper__suffix");
    if (told) box.addEventListener("input", () => told.remove(), { once: true });
    box.after(understood);
  }

  const number = () => box.value.match(/^\s*([0-9]+(?:[.,][0-9]+)?)\s*(\p{L}*)\s*$/u);
  const says = (button) => {
    if (!("adds" in button.dataset)) return box.value.trim() === button.dataset.value;
    // "1 month" is months, too.
    const written = number()?.[2].toLowerCase();
    return written === button.dataset.value || written === button.dataset.also;
  };

  const show = () => {
    const waits = (button) => button.dataset.value === group.dataset.waits;
    for (const button of buttons) button.setAttribute("aria-pressed", says(button) || waits(button));
    // How many twelfths of a week the unit has.
    const twelfths = units.find(says)?.dataset.adds;
    const weeks = twelfths && Math.floor((number()[1].replace(",", ".") * twelfths) / 12);
    const told = group.dataset.about.replace("{weeks}", weeks);
    understood.textContent = twelfths && twelfths !== "12" ? told : "";
  };

  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const written = number()?.[1];
    const pressed = says(button);
    if ("adds" in button.dataset) {
      if (!written) {
        // The number first: the button waits, and is pressed once there is one.
        group.dataset.waits = button.dataset.value;
        box.value = "";
        show();
        box.focus();
        return;
      }
      box.value = pressed ? written : `${written} ${button.dataset.value}`;
    } else {
      box.value = pressed ? "" : button.dataset.value;
    }
    delete group.dataset.waits;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  box.addEventListener("input", show);
  box.addEventListener("change", () => {
    if (group.dataset.waits && number()?.[2] === "") {
      box.value = `${number()[1]} ${group.dataset.waits}`;
      delete group.dataset.waits;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  box.form.addEventListener("reset", () => setTimeout(show));
  show();
}
