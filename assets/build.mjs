// Builds ../screener/static from src/ and the packages of package-lock.json.
// Same sources, same bytes: no dates, no paths, no source maps.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild-wasm";
import postcss from "postcss";
import * as sass from "sass";
import subsetFont from "subset-font";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
// Another folder may be given, so that a test can compare without overwriting.
const out = process.argv[2] ?? join(here, "../screener/static");
const packages = join(here, "node_modules");
mkdirSync(join(out, "fonts"), { recursive: true });

// The library is made for many sites. Of its rules only those are kept whose classes stand in a
// template or a script, or match one of these, which templates put together from parts.
const putTogether = [
  /^nhsuk-button--(secondary|warning)$/,
  /^nhsuk-card--care--(emergency|urgent|non-urgent)$/,
  /^nhsuk-(checkboxes|radios)(--inline|--small|__(divider|hint|input|item|label))?$/,
  /^nhsuk-(fieldset__legend|label)--(s|m|l|xl)$/,
  /^nhsuk-input--width-\d+$/,
];
const named = new Set(
  [join(here, "../templates"), join(here, "src/script"), join(here, "src/staff")]
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((path) => /\.(html|js)$/.test(path))
    .flatMap((path) => readFileSync(path, "utf8").match(/nhsuk-[\w-]+/g) ?? []),
);
const leftOut = new Set();

function isUsed(selector) {
  // Of the rest: old browsers, kinds of field that we do not have, and code, which only the rulebook
  // shows, in its own style.
  if (/-ms-|\[type=["']?(search|file)|(^|[\s>])(code|kbd|samp)\b/.test(selector)) return false;
  const classes = selector.replace(/:not\([^)]*\)/g, "").match(/(?<=\.)nhsuk-[\w-]+/g) ?? [];
  const missing = classes.filter((name) => !named.has(name) && !putTogether.some((form) => form.test(name)));
  missing.forEach((name) => leftOut.add(name));
  return missing.length === 0;
}

const trim = {
  postcssPlugin: "trim",
  Rule(rule) {
    const kept = rule.selectors.filter(isUsed);
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  },
  AtRule(rule) {
    if (rule.name !== "media" || !rule.params.includes("-ms-high-contrast")) return;
    const kept = rule.params.split(",").filter((query) => !query.includes("-ms-high-contrast"));
    if (kept.length === 0) rule.remove();
    else rule.params = kept.join(",");
  },
  Declaration(declaration) {
    if (/^-ms-/.test(declaration.prop)) declaration.remove();
  },
  OnceExit(root) {
    root.walk((node) => {
      if ((node.type === "rule" || node.type === "atrule") && node.nodes?.length === 0) node.remove();
    });
  },
};

// A stylesheet that would break the content security policy or wear another
// organisation's colours is not written at all.
const forbidden = /https?:|url\((?!["']?fonts\/)|data:|frutiger|assets\.nhs|#005eb8|#003087|#007f3b|#330072|#7c2855|#d5281b|@import/i;
const notice = "/*! Built from assets/. Contains nhsuk-frontend (MIT), see LICENSES/. */\n";

// One for every page, and what staff pages have besides.
for (const [source, name] of [["main.scss", "screener.css"], ["main-staff.scss", "staff.css"]]) {
  const compiled = sass.compile(join(here, "src", source), {
    style: "compressed",
    loadPaths: [packages],
    charset: false,
    quietDeps: true,
  });
  const trimmed = (await postcss([trim]).process(compiled.css, { from: undefined, map: false })).css;
  // Plain ASCII, so that the file means the same whatever encoding it is served with.
  const css = trimmed.replace(/[^\x00-\x7f]/gu, (letter) => `\\${letter.codePointAt(0).toString(16)} `);
  const found = css.match(forbidden);
  if (found) throw new Error(`${name} contains ${css.slice(found.index - 60, found.index + 60)}`);
  writeFileSync(join(out, name), `${notice}${css.trim()}\n`);
}
// For whoever wonders, and for the test that no page uses such a class.
console.log([...leftOut].sort().join("\n"));

// Only the weights, letters and features that the pages use: a third of the first page is this font.
const fonts = join(packages, "@fontsource-variable/public-sans/files");
for (const range of ["latin", "latin-ext"]) {
  const whole = readFileSync(join(fonts, `public-sans-${range}-wght-normal.woff2`));
  const font = await subsetFont(whole, lettersOf(range), {
    targetFormat: "woff2",
    keepFeatures: ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum"],
    variationAxes: { wght: { min: 400, max: 700 } },
  });
  writeFileSync(join(out, `fonts/public-sans-${range}.woff2`), font);
}

// The letters that the style sheet says it will use this file for.
function lettersOf(range) {
  const source = readFileSync(join(here, "src/_font.scss"), "utf8");
  const [, ranges] = source.match(new RegExp(`-${range}\\.woff2[^}]*unicode-range: ([^;]*)`));
  return ranges
    .split(", ")
    .flatMap((text) => {
      const [first, last = first] = text.slice(2).split("-").map((hex) => parseInt(hex, 16));
      return Array.from({ length: last - first + 1 }, (_, place) => String.fromCodePoint(first + place));
    })
    .join("");
}

// One file, so one request. The parts share one scope, and stand in the order in which they run.
const parts = [
  "comforts",
  "leaving",
  "saving",
  "conditions",
  "followups",
  "typing",
  "picks",
  "returning",
  "arriving",
];
const script = parts.map((name) => readFileSync(join(here, `src/script/${name}.js`), "utf8"));
const { code } = await minify(script.join("\n"), { module: true });
writeFileSync(join(out, "screener.js"), `/*! Built from assets/src/script. */\n${code}\n`);

// Only the staff's list has it.
const list = readFileSync(join(here, "src/staff/list.js"), "utf8");
const { code: listCode } = await minify(list, { module: true });
writeFileSync(join(out, "list.js"), `/*! Built from assets/src/staff. */\n${listCode}\n`);
// What the staff's page of a submission has besides.
const acting = readFileSync(join(here, "src/staff/acting.js"), "utf8");
const { code: staff } = await minify(acting, { module: true });
writeFileSync(join(out, "staff.js"), `/*! Built from assets/src/staff. */\n${staff}\n`);

// The type-ahead goes only to pages that have a list to look through. It is built from the library's
// sources: its own build carries polyfills for browsers that cannot load a module.
const inlineStyle = /style="border:0;.*?width:1px">'/s;
await esbuild.build({
  entryPoints: [join(here, "src/finder/finder.js")],
  outfile: join(out, "finder.js"),
  bundle: true,
  minify: true,
  format: "esm",
  charset: "ascii",
  jsx: "transform",
  jsxFactory: "createElement",
  loader: { ".js": "jsx" },
  define: { "process.env.COMPONENT_LIBRARY": '"PREACT"' },
  legalComments: "none",
  banner: { js: "/*! Built from assets/. Contains accessible-autocomplete and preact (MIT), see LICENSES/. */" },
  plugins: [
    {
      name: "no-inline-style",
      setup: (build) =>
        build.onLoad({ filter: /accessible-autocomplete\/src\/autocomplete\.js$/ }, ({ path }) => {
          const source = readFileSync(path, "utf8");
          if (!inlineStyle.test(source)) throw new Error("accessible-autocomplete has changed: look for inline styles");
          return { contents: source.replace(inlineStyle, 'class="nhsuk-u-visually-hidden">`'), loader: "jsx" };
        }),
    },
  ],
});

for (const name of ["rulebook.css", "favicon.svg"]) {
  writeFileSync(join(out, name), readFileSync(join(here, "src", name)));
}
