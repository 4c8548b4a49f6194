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

// A second click within two seconds does not send a form of staff again. Those of patients are
// sent by saving.js.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("send" in form.dataset || "leave" in form.dataset) return;
  const now = Date.now();
  if (now - Number(form.dataset.sentAt || 0) < 2000) event.preventDefault();
  else form.dataset.sentAt = now;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// Print buttons are of no use without this script, so they start hidden.
for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;

// A touch on the body map ticks the box without moving the page to it: a label would give the
// box the focus and scroll the picture away.
document.addEventListener("click", (event) => {
  const label = event.target.closest?.(".sc-body__touch");
  const box = label && document.getElementById(label.htmlFor);
  if (!box) return;
  event.preventDefault();
  box.click();
});

// Leaving quickly: the page is blank at once, nothing of it can be come back to, and this device
// can no longer open the form. What was saved stays with the clinic.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("leave" in form.dataset)) return;
  event.preventDefault();
  document.body.replaceChildren();
  document.title = "";
  // The server takes the form off this device, now or with the next request if this one is lost.
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `screener_left=1; path=/; max-age=34560000; samesite=lax${secure}`;
  navigator.sendBeacon(form.getAttribute("action"), new URLSearchParams({ beacon: "yes" }));
  location.replace(form.dataset.leave);
  forgetTyping();
});

// A patient's form is sent in the background, so that a save that fails leaves the page as it is,
// with everything that was entered. The server answers with the address of the next page; any
// other page of the server, such as one that says what is wrong, is left to the browser: it sends
// the form once more. What did not come from our server (no network, a time-out, a gateway, a
// wireless network that asks for a sign-in) changes nothing and is told in the page.
const LONGEST = 30_000; // milliseconds until we stop waiting for an answer
const messages = document.getElementById("not-saved");
let sending = false;

document.addEventListener("submit", (event) => {
  const form = event.target;
  // A browser that does not say which button was pressed sends the form itself.
  if (!("send" in form.dataset) || !("submitter" in event) || !messages) return;
  event.preventDefault();
  send(form, event.submitter, event.submitter);
});

// `button` is the one that counts, `pressed` the one that was pressed: that, or "Try again".
async function send(form, button, pressed) {
  if (sending) return; // a second click
  sending = true;
  const waiting = tellToWait(pressed);
  const answer = await post(form, button);
  clearTimeout(waiting.timer);
  waiting.line.remove();
  const next = answer?.status === 204 && answer.headers.get("X-Screener-Next");
  if (next) {
    typingIsSaved(form);
    // As after a normal post: "Back" leads to the page that was sent. A page that comes again takes
    // its own place in the history.
    location.assign(placeOfChange(next));
  } else if (answer?.headers.has("X-Screener-Page")) {
    sendByBrowser(form, button);
  } else {
    tellNotSaved(form, button);
  }
  // Long enough for the next page to come; then the button works again, if it did not.
  setTimeout(() => (sending = false), next ? 5000 : 0);
}

async function post(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LONGEST);
  try {
    // Not form.action: a button of that name hides it.
    return await fetch(form.getAttribute("action"), {
      method: "POST",
      body,
      headers: { "X-Screener-Script": "1" },
      redirect: "manual",
      signal: stop.signal,
    });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function sendByBrowser(form, button) {
  const chosen = document.createElement("input");
  chosen.type = "hidden";
  if (button?.name) Object.assign(chosen, { name: button.name, value: button.value });
  form.append(chosen);
  HTMLFormElement.prototype.submit.call(form);
  chosen.remove();
}

function tellToWait(pressed) {
  const line = document.createElement("p");
  line.setAttribute("role", "status");
  line.className = "sc-waiting";
  pressed?.after(line);
  const timer = setTimeout(() => (line.textContent = messages.dataset.waiting), 1000);
  return { line, timer };
}

function tellNotSaved(form, button) {
  document.querySelector("[data-not-saved]")?.remove();
  const told = messages.content.firstElementChild.cloneNode(true);
  // Only a browser that says it is offline can know that nothing has arrived.
  for (const words of told.querySelectorAll("[data-offline]")) {
    words.hidden = (words.dataset.offline === "yes") === navigator.onLine;
  }
  const again = told.querySelector("[data-again]");
  again.addEventListener("click", () => send(form, button, again));
  form.parentElement.prepend(told);
  told.focus();
  if (!document.title.startsWith("Error: ")) document.title = `Error: ${document.title}`;
}

// Nothing is sent again by itself: the person decides.
for (const happening of ["online", "offline"]) {
  addEventListener(happening, () => {
    const line = document.querySelector("[data-not-saved] [data-online]");
    if (line) line.textContent = navigator.onLine ? line.dataset.online : "";
  });
}

// When a follow-up is shown. The server writes the condition (screener/forms/conditions.py);
// `values` gives the values of a field as the form would post them. A number that cannot be read
// leaves open what hangs on it: the answer is null.
function holds(condition, values) {
  const filled = (field) => values(field).filter((value) => value.trim());
  if (condition.all) return allOf(condition.all.map((part) => holds(part, values)));
  if (condition.any) return not(allOf(condition.any.map((part) => not(holds(part, values)))));
  if (condition.not) return not(holds(condition.not, values));
  if (condition.answered) return filled(condition.answered).length > 0;
  if (condition.chosen) return filled(condition.chosen).some((value) => condition.of.includes(value));
  const [typed] = filled(condition.number);
  if (typed === undefined) return condition.blank;
  if (!/^\s*\d+(\.\d+)?\s*$/.test(typed)) return null;
  const number = Number(typed);
  return "equals" in condition ? number === condition.equals : number <= condition.at_most;
}

const not = (truth) => (truth === null ? null : !truth);

function allOf(truths) {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}

// Follow-ups come in place, with the answer that they follow from. Those that wait stand in
// templates, and are put in here, hidden. What is hidden is disabled, so it is not sent, and the
// page says nothing of it to the server ("page-shown"): for the server it was not on the page.
const followUpForm = document.querySelector("form[data-questionnaire]");
const pageShown = followUpForm?.elements.namedItem("page-shown");
const shownByServer = pageShown?.value;

function marks() {
  try {
    return JSON.parse(pageShown.value);
  } catch {
    return {};
  }
}

for (const template of followUpForm?.querySelectorAll("template") ?? []) {
  if (template.content.querySelector("[data-follow-up]")) template.replaceWith(template.content);
}

const followUps = [...(followUpForm?.querySelectorAll("[data-follow-up]") ?? [])].map((block) => ({
  block,
  name: block.dataset.followUp,
  when: JSON.parse(block.dataset.when),
  // What the page says of it while it is shown.
  marks: JSON.parse(block.dataset.marks),
}));

for (const followUp of followUps) {
  if ("waits" in followUp.block.dataset) setShown(followUp, false);
}

function setShown(followUp, isShown) {
  const { block } = followUp;
  block.hidden = !isShown;
  for (const control of block.querySelectorAll("input, textarea")) control.disabled = !isShown;
  const others = marks();
  if (isShown) {
    Object.assign(others, followUp.marks);
  } else {
    for (const name of Object.keys(followUp.marks)) {
      // A mark that came with what this browser kept is still the right one when it is shown again.
      if (name in others) followUp.marks[name] = others[name];
      delete others[name];
    }
  }
  pageShown.value = JSON.stringify(others);
}

// The values of a field as the form would send them. Of a follow-up itself what was entered counts
// while it is hidden too: it is then shown again, and kept.
function sent(name, own) {
  return [...followUpForm.elements]
    .filter((control) => control.name === name && (name === own || !control.disabled))
    .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
    .map((control) => control.value);
}

// Shows and hides; returns what was hidden before. In the order of the page: a follow-up may hang
// on another one.
function settleFollowUps() {
  return followUps.filter((followUp) => {
    const isShown = holds(followUp.when, (name) => sent(name, followUp.name));
    if (isShown === null || isShown === !followUp.block.hidden) return false;
    setShown(followUp, isShown);
    return isShown;
  });
}

const question = (block) => block.querySelector("legend, label").textContent.trim();

function revealFollowUps() {
  const revealed = settleFollowUps();
  const status = document.querySelector("[data-revealed]");
  if (revealed.length > 0) {
    const questions = revealed.map(({ block }) => question(block));
    status.textContent = [status.dataset.revealed, ...questions].join(" ");
  }
}

if (followUps.length > 0) {
  settleFollowUps();
  // Of the whole page, so that "None of these" has unticked the others before (comforts.js).
  for (const happening of ["input", "change"]) document.addEventListener(happening, revealFollowUps);
}

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

// Arriving at one answer: by a link from the check page to its question, and back again.
function arrive() {
  const name = decodeURIComponent(location.hash.slice(1));
  if (!name) return;
  // A question that is not asked any more has no row: then its page's heading.
  const target = document.getElementById(name) ?? document.getElementById(name.split(".")[0]);
  if (!target) return;
  const folds = target.closest("details");
  if (folds) folds.open = true;
  target.focus({ preventScroll: true });
  const legend = target.matches("input") && target.closest("fieldset")?.querySelector("legend");
  const label = document.querySelector(`label[for="${CSS.escape(target.id)}"]`);
  (legend || label || target).scrollIntoView();
}

// The place of the answer that was changed, on the page that comes after its save.
function placeOfChange(next) {
  const question = decodeURIComponent(location.hash.slice(1));
  const [path, place] = next.split("#");
  return question && place && path.includes("/check?") ? `${path}#${place}.${question}` : next;
}

if (!document.querySelector("[data-error-summary]")) arrive();
addEventListener("hashchange", arrive);
