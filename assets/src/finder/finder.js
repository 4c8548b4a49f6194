// A long list of medicines as a box to type a name into, with what was chosen below it. The list
// stands there without this script, and stays within reach: its tick boxes are what is sent.
import accessibleAutocomplete from "accessible-autocomplete/src/wrapper.js";
import { matches } from "./names.js";

// Words come from the page, in its language; {name} and the like are put in here.
const filled = (text, parts) => text.replace(/\{(\w+)\}/g, (_, part) => parts[part]);

const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

function made(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function entriesOf(fieldset) {
  return [...fieldset.querySelectorAll('input[type="checkbox"]:not([data-exclusive])')].map((box) => {
    const hint = document.getElementById(`${box.id}-item-hint`)?.textContent ?? "";
    const name = fieldset.querySelector(`label[for="${CSS.escape(box.id)}"]`).textContent;
    return {
      box,
      name,
      label: hint ? `${name} (${hint})` : name,
      names: (box.dataset.names ?? "").split(", ").filter(Boolean),
    };
  });
}

function find(fieldset) {
  const words = JSON.parse(fieldset.dataset.words);
  const id = `${fieldset.dataset.finder}-find`;
  const other = document.getElementById(fieldset.dataset.other);
  const entries = entriesOf(fieldset);
  const groups = [...fieldset.querySelectorAll(".sc-choice-group")];
  const list = made("div", { id: `${id}-list`, hidden: true });
  const place = made("div");
  const status = made("p", { className: "nhsuk-u-visually-hidden" });
  status.setAttribute("role", "status");
  const chosen = made("ul", { className: "sc-chosen" });
  chosen.setAttribute("aria-label", words.chosen);
  const hold = made("p", { className: "nhsuk-error-message sc-finder__hold", hidden: true });
  hold.setAttribute("role", "alert");
  const whole = made("button", { type: "button", className: "sc-link-button", textContent: words.show });
  whole.setAttribute("aria-expanded", "false");
  whole.setAttribute("aria-controls", list.id);
  const label = made("label", { className: "nhsuk-label", htmlFor: id, textContent: words.label });

  // What holds the page back stands over the box: below it the names that are offered lie over it.
  groups[0].before(made("div", { className: "sc-finder" }, label, hold, place, chosen, status), whole, list);
  list.append(...groups);
  whole.addEventListener("click", () => {
    list.hidden = !list.hidden;
    whole.setAttribute("aria-expanded", !list.hidden);
    whole.textContent = list.hidden ? words.show : words.hide;
  });

  const ticked = () => entries.filter(({ box }) => box.checked);

  function tick(entry, on) {
    entry.box.checked = on;
    entry.box.dispatchEvent(new Event("change", { bubbles: true }));
    const count = ticked().length;
    status.textContent = filled(on ? words.added : words.removed, { name: entry.name, count });
  }

  function row(entry) {
    const name = made("span", { className: "sc-chosen__name", textContent: entry.name });
    const does = (word) => made("span", { className: "nhsuk-u-visually-hidden", textContent: ` ${word}` });
    const remove = made("button", { type: "button", className: "sc-link-button" }, words.remove, does(entry.name));
    remove.addEventListener("click", () => {
      tick(entry, false);
      (chosen.querySelector("button") ?? input()).focus();
    });
    const { href } = entry.box.dataset;
    const edit = href ? [made("a", { href }, words.edit, does(entry.name))] : [];
    return made("li", {}, name, made("span", { className: "sc-chosen__do" }, ...edit, remove));
  }

  const show = () => {
    chosen.replaceChildren(...ticked().map(row));
    chosen.hidden = ticked().length === 0;
  };

  const input = () => document.getElementById(id);

  // For what the list does not name: the text that is there for it.
  function writeBelow(text) {
    other.value = [other.value.trim(), text].filter(Boolean).join("\n");
    other.dispatchEvent(new Event("input", { bubbles: true }));
    status.textContent = filled(words.below, {
      name: text,
      question: other.labels[0].textContent.trim(),
    });
  }

  const described = ({ text, by, label }) => {
    if (text) return filled(words.write, { name: text });
    return by ? `${by}: ${label}` : label;
  };

  let offered = [];
  accessibleAutocomplete({
    element: place,
    id,
    name: "", // what is typed here is sent by no name: the tick boxes are
    minLength: 2,
    confirmOnBlur: false,
    autoselect: true, // the Enter key of a phone takes the first
    displayMenu: "overlay", // nothing moves away under a finger when it closes
    inputClasses: "nhsuk-input",
    source: (query, show) => {
      const fit = matches(query, entries);
      const text = query.trim();
      offered = fit.length === 0 && other && text ? [{ text }] : fit;
      show(offered);
    },
    templates: {
      // The box is empty again for the next name; while looking through the list, it stays.
      inputValue: () => "",
      suggestion: (entry) => escaped(described(entry)),
    },
    onConfirm: (entry) => {
      if (!entry) return;
      hold.hidden = true;
      if ("text" in entry) writeBelow(entry.text);
      else tick(entry, true);
    },
    tAssistiveHint: () => words.hint,
    tNoResults: () => words.look,
    tStatusNoResults: () => words.nothing,
    tStatusSelectedOption: (_, length, index) =>
      offered[index]
        ? filled(words.place, { name: described(offered[index]), place: index + 1, count: length })
        : "",
    // Enter takes the first, and only this says so: it has the focus of nobody.
    tStatusResults: (length, selected) => {
      const text = length === 1 ? words.fits : words.fit;
      return `${filled(text, { count: length, name: described(offered[0]) })} ${selected}`;
    },
  });

  // Words that stand in the box when the page is sent are never lost: the person is told once, and
  // then they go where names go that the list does not have.
  document.addEventListener(
    "submit",
    (event) => {
      const text = input().value.trim();
      if (!text || !event.target.contains(fieldset)) return;
      if (!hold.hidden && other) {
        writeBelow(text);
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      hold.textContent = filled(other ? words.hold : words.empty, { name: text });
      hold.hidden = false;
      input().focus();
    },
    true,
  );

  // On the document, after the script that lets "None of these" stand alone.
  document.addEventListener("change", ({ target }) => fieldset.contains(target) && show());
  fieldset.form.addEventListener("reset", () => setTimeout(show));
  show();
  // A link to the question leads to its first box, which is folded away.
  if (location.hash === `#${fieldset.dataset.finder}`) input().focus();
}

for (const fieldset of document.querySelectorAll("[data-finder]")) {
  if (!fieldset.querySelector('[aria-invalid="true"]')) find(fieldset);
}
