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
