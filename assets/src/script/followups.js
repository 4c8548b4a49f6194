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
