// A patient's form is sent in the background, so that a save that fails leaves the page as it is,
// with everything that was entered. The server answers with the address of the next page; any
// other page of the server, such as one that says what is wrong, is left to the browser: it sends
// the form once more. What did not come from our server (no network, a time-out, a gateway, a
// wireless network that asks for a sign-in) changes nothing and is told in the page. The page waits
// as it is, and goes by itself when the line is back: by the browser's word, or tried again after a
// while. What the person changes meanwhile waits for them to press the button. Nothing is stored.
const LONGEST = 30_000; // milliseconds until we stop waiting for an answer
const PAUSES = [10_000, 20_000, 40_000, 60_000]; // between tries; the last one goes on
const messages = document.getElementById("not-saved");
let sending = false;
let waits = null; // the page that could not be sent: its form, its button, and the timer of a try

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
  const tries = waits ? waits.tries + 1 : 0;
  stopWaiting();
  const waiting = tellToWait(pressed);
  const answer = await post(form, button);
  clearTimeout(waiting.timer);
  waiting.line.remove();
  const next = answer?.status === 204 && answer.headers.get("X-Screener-Next");
  if (next) {
    typingIsSaved(form);
    tellSaved();
    // As after a normal post: "Back" leads to the page that was sent. A page that comes again takes
    // its own place in the history.
    location.assign(placeOfChange(next));
  } else if (answer?.headers.has("X-Screener-Page")) {
    sendByBrowser(form, button);
  } else {
    tellNotSaved(form, button, pressed);
    wait(form, button, tries);
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

function tellNotSaved(form, button, pressed) {
  const before = document.querySelector("[data-not-saved]");
  if (before && !pressed) return; // a try of our own: what stands there is still true
  before?.remove();
  const told = messages.content.firstElementChild.cloneNode(true);
  // Only a browser that says it is offline can know that nothing has arrived.
  for (const words of told.querySelectorAll("[data-offline]")) {
    words.hidden = (words.dataset.offline === "yes") === navigator.onLine;
  }
  // The whole form is sent by the last page alone.
  for (const words of told.querySelectorAll("[data-of]")) {
    words.hidden = words.dataset.of !== (form.dataset.send || "page");
  }
  const again = told.querySelector("[data-again]");
  again.addEventListener("click", () => send(form, button, again));
  form.parentElement.prepend(told);
  told.focus();
  const mark = `${messages.dataset.error} `;
  if (!document.title.startsWith(mark)) document.title = mark + document.title;
}

function tellSaved() {
  const line = document.querySelector("[data-not-saved] [data-saved]");
  if (line) line.textContent = line.dataset.saved;
}

function wait(form, button, tries) {
  const pause = PAUSES[Math.min(tries, PAUSES.length - 1)];
  waits = { form, button, tries, timer: setTimeout(tryAgain, pause) };
}

function stopWaiting() {
  clearTimeout(waits?.timer);
  waits = null;
}

function tryAgain() {
  if (waits && !sending) send(waits.form, waits.button, null);
}

// What is changed meanwhile is not finished: the person says when it is.
for (const happening of ["input", "change"]) {
  document.addEventListener(happening, ({ target }) => {
    if (!waits || target.form !== waits.form) return;
    stopWaiting();
    const line = document.querySelector("[data-not-saved] [data-changed]");
    if (line) line.textContent = line.dataset.changed;
  });
}

addEventListener("online", tryAgain);

// The page of help needs the line; its numbers do not. Without a line the link would only replace
// the page, with everything in it, by the browser's own error.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href$="/help"]');
  const words = document.getElementById("no-line");
  if (!link || !words || navigator.onLine) return;
  event.preventDefault();
  document.querySelector("[data-no-line]")?.remove();
  const told = words.content.firstElementChild.cloneNode(true);
  document.getElementById("main").prepend(told);
  told.focus();
});
