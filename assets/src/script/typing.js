// What was typed on an ordinary page and is not saved yet survives a refresh, "Back" and "Forward"
// in this window. The server says which fields may be kept (data-keeps) and for which form and page
// (opaque marks). Of any other page nothing is ever written to a browser's storage: phones are
// shared.
//
// Kept are only the fields that differ from what the page shows, each with the mark of what it
// showed then. The old mark goes back to the server with the field, so that a newer answer from
// another window is never overwritten without a word.
const KEPT = "screener-typing";
const page = document.querySelector("form[data-questionnaire]");
const keeps = page?.dataset.keeps ? page.dataset.keeps.split(" ") : [];
const shown = page?.elements.namedItem("page-shown"); // without what followups.js hides
const shownAtFirst = shown?.value;
let typingIsOver = false; // saved, or left: nothing is written any more

// A browser that gives no storage keeps nothing: the page works as without a script.
function inStorage(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}

function keptPages() {
  const kept = inStorage((storage) => JSON.parse(storage.getItem(KEPT)));
  return (kept?.questionnaire === page.dataset.questionnaire && kept.pages) || {};
}

function keepDraft(draft) {
  const { [page.dataset.page]: before, ...pages } = keptPages();
  if (draft) pages[page.dataset.page] = draft;
  const kept = JSON.stringify({ questionnaire: page.dataset.questionnaire, pages });
  if (Object.keys(pages).length === 0) inStorage((storage) => storage.removeItem(KEPT));
  else inStorage((storage) => storage.setItem(KEPT, kept));
}

function forgetTyping() {
  typingIsOver = true;
  inStorage((storage) => storage.removeItem(KEPT));
}

// What this page showed is saved: only other pages may still have something that is not.
function typingIsSaved(form) {
  if (form !== page) return;
  typingIsOver = true;
  if (keeps.length > 0) keepDraft(null);
}

const controls = (name) => [...page.elements].filter((control) => control.name === name);
const ticks = (control) => control.type === "radio" || control.type === "checkbox";

function values(name, atFirst = false) {
  return controls(name).flatMap((control) => {
    if (!ticks(control)) return [atFirst ? control.defaultValue : control.value];
    return (atFirst ? control.defaultChecked : control.checked) ? [control.value] : [];
  });
}

// A follow-up that is hidden is not kept.
const isHidden = (name) => controls(name).every((control) => control.disabled);
const differs = (name) => JSON.stringify(values(name)) !== JSON.stringify(values(name, true));

function keepTyping() {
  if (typingIsOver) return;
  const changed = keeps.filter((name) => differs(name) && !isHidden(name));
  const then = marks();
  const draft = changed.map((name) => [name, { mark: then[name] ?? "", values: values(name) }]);
  keepDraft(changed.length > 0 ? Object.fromEntries(draft) : null);
}

function putBack(name, { values: typed }) {
  const inputs = controls(name);
  const offered = (value) => inputs.some((input) => !ticks(input) || input.value === value);
  if (!keeps.includes(name) || inputs.length === 0 || !typed.every(offered)) return false;
  for (const input of inputs) {
    if (ticks(input)) input.checked = typed.includes(input.value);
    else input.value = typed[0];
  }
  return differs(name);
}

function restoreTyping() {
  const draft = keptPages()[page.dataset.page];
  if (!draft) return;
  const back = Object.entries(draft).filter(([name, typed]) => putBack(name, typed));
  settleFollowUps();
  for (const [name, { mark }] of back) {
    if (!isHidden(name)) shown.value = JSON.stringify({ ...marks(), [name]: mark });
  }
  keepTyping();
  if (!keeps.some(differs)) return;
  const place = document.querySelector("[data-kept]");
  const words = document.getElementById("kept-words").content.cloneNode(true);
  words.querySelector("[data-drop]").addEventListener("click", () => {
    page.reset();
    settleFollowUps();
    shown.value = shownAtFirst;
    keepDraft(null);
    place.replaceChildren();
    document.getElementById("main").focus();
  });
  // Later than the page itself, so that a screen reader tells of it.
  setTimeout(() => place.append(words), 200);
}

// The form was sent, is no longer on this device, or gave way to another one in this window.
const isGone = document.querySelector('meta[name="typing"][content="forget"]');
if (isGone || (page && Object.keys(keptPages()).length === 0)) {
  inStorage((storage) => storage.removeItem(KEPT));
}

if (keeps.length > 0) {
  try {
    restoreTyping();
  } catch {
    keepDraft(null); // not as we write it
  }
  for (const happening of ["input", "change"]) document.addEventListener(happening, keepTyping);
  addEventListener("pagehide", keepTyping);
}

// A page from the browser's page cache may show what has changed since, or answers of somebody who
// has left: it is loaded again. Typing that no storage may keep stays where that page is still
// current and the same person's; nothing is shown before this is known.
addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  if (await isStillCurrent()) document.body.hidden = false;
  else location.reload();
});

async function isStillCurrent() {
  const typed = page && [...page.elements].some((control) => control.name && differs(control.name));
  if (!typed || keeps.length > 0) return false;
  try {
    const answer = await fetch(location.href, { cache: "no-store", redirect: "error" });
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    const same = now.querySelector("form[data-questionnaire]");
    return (
      same?.dataset.questionnaire === page.dataset.questionnaire &&
      same.elements.namedItem("page-shown").value === shownByServer
    );
  } catch {
    return false;
  }
}
