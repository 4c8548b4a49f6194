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
