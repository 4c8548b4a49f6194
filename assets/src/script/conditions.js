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
  const number = numberIn(typed);
  if (number === null) return null;
  return "equals" in condition ? number === condition.equals : number <= condition.at_most;
}

// A length of time counts in whole weeks, as on the server.
function numberIn(typed) {
  const read = typed.match(/^\s*(\d+(?:\.\d+)?)\s*(weeks?|months?|years?)?\s*$/i);
  if (!read) return null;
  const twelfths = { w: 12, m: 52, y: 624 }[read[2]?.[0].toLowerCase()];
  return twelfths ? Math.floor((read[1] * twelfths) / 12) : Number(read[1]);
}

const not = (truth) => (truth === null ? null : !truth);

function allOf(truths) {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}
