// Coming back. A link carries its secret behind the #, which no browser sends: it is put into a form
// that the person sends, and taken out of the address at once. Opening a link uses nothing up.
const linkForm = document.querySelector("[data-link-form]");

function takeLink() {
  const secret = location.hash.slice(1);
  if (!linkForm || !/^[\w-]{20,}$/.test(secret)) return;
  linkForm.elements.namedItem("link").value = secret;
  linkForm.hidden = false;
  history.replaceState(null, "", location.pathname);
}
takeLink();
addEventListener("hashchange", takeLink);

// Copying needs this script, so its buttons start hidden.
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const { copy, done } = button.dataset;
  const told = document.querySelector("[data-copy-told]");
  try {
    await navigator.clipboard.writeText(document.querySelector(`[data-copied="${copy}"]`).textContent);
    told.textContent = done;
  } catch {
    button.hidden = true; // it was not allowed: what is to be copied stands beside it
  }
});
