// Finding an option by a name that somebody types: a brand, a generic name, or nearly one.
const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/[\u0300-\u036f’']/g, "")
    .toLowerCase();

// Every place where a word begins: "Other SSRI (Zoloft, Prozac)" is found by "zoloft" as by "other".
const starts = (text) => [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ index }) => text.slice(index));

// How many letters have to change until `query` begins `text`: added, left out, another, or two
// swapped. More than `most` is of no interest.
function changes(query, text, most) {
  const width = Math.min(text.length, query.length + most);
  let before = [];
  let row = Array.from({ length: width + 1 }, (_, i) => i);
  for (let i = 1; i <= query.length; i++) {
    const next = [i];
    for (let j = 1; j <= width; j++) {
      const same = query[i - 1] === text[j - 1];
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && query[i - 1] === text[j - 2] && query[i - 2] === text[j - 1]) {
        next[j] = Math.min(next[j], before[j - 2] + 1);
      }
    }
    [before, row] = [row, next];
  }
  return Math.min(...row);
}

const allowed = (query) => (query.length < 4 ? 0 : query.length < 7 ? 1 : 2);

// Returns the entries that fit, best first. An entry has `label` and `names`, all of them texts;
// `by` is the name it was found by where its label does not show it.
export function matches(typed, entries, longest = 8) {
  const query = plain(typed).trim();
  if (query.length < 2) return [];
  const fitting = [];
  for (const entry of entries) {
    let best = { cost: Infinity };
    for (const name of [entry.label, ...entry.names]) {
      starts(plain(name)).forEach((start, place) => {
        // What the label shows needs no further name to explain it.
        const apart = place > 0 || name !== entry.label ? 0.1 : 0;
        const cost = changes(query, start, allowed(query)) + apart;
        if (cost < best.cost) best = { cost, by: name === entry.label ? "" : name };
      });
    }
    if (best.cost < allowed(query) + 1) fitting.push({ ...entry, ...best });
  }
  fitting.sort((a, b) => a.cost - b.cost);
  // Whoever types a name as it is written is not shown names that are only like it.
  const exact = fitting.filter(({ cost }) => cost < 1);
  return (exact.length > 0 ? exact : fitting).slice(0, longest);
}
