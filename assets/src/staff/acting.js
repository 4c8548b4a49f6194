// The page of a submission while it is open: what is typed is kept on the server a few seconds
// later, and the page says who else has it open and that something happened since.
const KEEP_AFTER = 3000; // milliseconds after the last key
const ASK_EVERY = 60000;

const form = document.querySelector("form[data-act]");
if (form) {
  const saved = form.querySelector("[data-saved]");
  const typed = () => new URLSearchParams(new FormData(form));
  let timer = 0;
  let kept = typed().toString();
  let sent = false;

  const say = (text) => {
    saved.textContent = text;
  };

  // A session that has ended answers with the page to sign in.
  const post = async (address, body) => {
    const answer = await fetch(address, { method: "POST", body });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    return answer;
  };

  async function keep() {
    const now = typed().toString();
    if (sent || now === kept) return;
    try {
      await post(form.dataset.draft, typed());
      kept = now;
      const time = new Date().toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
      say(`What you typed is kept (${time}). It is not recorded until you press a button.`);
    } catch {
      say("What you typed could not be kept just now. It is still here.");
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_AFTER);
  }
  form.addEventListener("input", later);
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(timer);
  });
  addEventListener("pagehide", () => {
    if (!sent && typed().toString() !== kept) navigator.sendBeacon(form.dataset.draft, typed());
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) sent = false;
  });

  const news = document.querySelector("[data-news]");
  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await post(form.dataset.open, typed());
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-news]");
      if (fresh && fresh.textContent.trim() !== news.textContent.trim()) {
        news.replaceChildren(...fresh.childNodes);
      }
    } catch {
      // Then it is asked again.
    }
  }
  setInterval(ask, ASK_EVERY);
  document.addEventListener("visibilitychange", ask);
}

// The call script is not kept while it is filled in: whoever leaves it is warned.
const call = document.querySelector("form[data-unsaved]");
if (call) {
  const entered = () => new URLSearchParams(new FormData(call)).toString();
  const before = entered();
  let sent = false;
  call.addEventListener("submit", () => {
    sent = true;
  });
  addEventListener("pageshow", () => {
    sent = false;
  });
  addEventListener("beforeunload", (event) => {
    if (!sent && (call.dataset.unsaved || entered() !== before)) event.preventDefault();
  });
}
