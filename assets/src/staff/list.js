// The list of submissions: it refreshes itself, and is walked through by keys. Works without, too.

const EVERY = 30_000;
const holder = document.querySelector("[data-refresh]");
const status = document.querySelector("[data-refreshed]");

// ---- Refreshing, while somebody can see it

let asking = false;

async function refresh() {
  if (!holder || asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(holder.dataset.refresh, { redirect: "manual", cache: "no-store" });
    // The session is over: the names must not stay on the screen.
    if (answer.type === "opaqueredirect" || answer.status === 403) location.reload();
    else if (answer.ok) show(await answer.text());
  } catch {
    // The network is away for a moment: the next look tries again.
  } finally {
    asking = false;
  }
}

function show(html) {
  const before = holder.querySelector("[data-list]");
  const after = new DOMParser().parseFromString(html, "text/html").querySelector("[data-list]");
  if (!before || !after || before.dataset.state === after.dataset.state) return;
  const here = new Set(rows().map((row) => row.dataset.row));
  const focused = document.activeElement;
  const row = focused?.closest("[data-row]")?.dataset.row;
  const kind = focused?.tagName.toLowerCase();
  before.replaceWith(after);
  // Whoever stood in a row stands in it again, wherever it is now.
  if (row) holder.querySelector(`[data-row="${CSS.escape(row)}"] ${kind}`)?.focus({ preventScroll: true });
  const news = rows().filter((each) => !here.has(each.dataset.row)).length;
  if (news && status) status.textContent = `${news} new in the list.`;
}

if (holder) {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}

// ---- Keys: j and k go from row to row, Enter opens as it does on any link, / goes to the search

const KEPT = "screener-keys";
const note = document.querySelector("[data-keys]");
const toggle = document.querySelector("[data-keys-switch]");

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function isOff() {
  try {
    return localStorage.getItem(KEPT) === "off";
  } catch {
    return false;
  }
}

function sayKeys() {
  note.hidden = false;
  toggle.textContent = isOff() ? "Turn keys on" : "Turn keys off";
}

if (note) {
  sayKeys();
  toggle.addEventListener("click", () => {
    try {
      if (isOff()) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, "off");
    } catch {
      // Where nothing can be kept, keys stay as they are.
    }
    sayKeys();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
  if (event.target.closest("input, select, textarea")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  }
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
});

function move(by) {
  const links = rows().map((row) => row.querySelector("a"));
  const now = links.indexOf(document.activeElement?.closest("[data-row]")?.querySelector("a"));
  const next = now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1);
  links[next]?.focus();
}
