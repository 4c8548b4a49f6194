// Builds ../screener/static from src/ and the packages of package-lock.json.
// Same sources, same bytes: no dates, no paths, no source maps.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import postcss from "postcss";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
// Another folder may be given, so that a test can compare without overwriting.
const out = process.argv[2] ?? join(here, "../screener/static");
const packages = join(here, "node_modules");
mkdirSync(join(out, "fonts"), { recursive: true });

// Library rules that no page of ours can match; some name pictures we do not ship.
const unused = new RegExp(
  [
    String.raw`\[type=["']?(search|file)|-ms-|--reverse|search|nhsuk-icon__|nhsuk-u-static|nhsuk-image|nhsuk-card__img`,
    "nhsuk-card--(primary|secondary)|nhsuk-card__(content|heading)--|nhsuk-card--care__heading|nhsuk-card__link",
    "nhsuk-button--(login|brand|icon)|nhsuk-button[^ ]* .nhsuk-icon|nhsuk-button__content",
    "nhsuk-do-dont-list|nhsuk-warning-callout|nhsuk-table|nhsuk-pagination--numbered|nhsuk-tag--(pink|orange|aqua)",
    "nhsuk-notification-banner--success .nhsuk-link|__conditional|code",
  ].join("|"),
);

const trim = {
  postcssPlugin: "trim",
  Rule(rule) {
    const kept = rule.selectors.filter((selector) => !unused.test(selector));
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

const compiled = sass.compile(join(here, "src/main.scss"), {
  style: "compressed",
  loadPaths: [packages],
  charset: false,
  quietDeps: true,
});
const trimmed = (await postcss([trim]).process(compiled.css, { from: undefined, map: false })).css;
// Plain ASCII, so that the file means the same whatever encoding it is served with.
const css = trimmed.replace(/[^\x00-\x7f]/gu, (letter) => `\\${letter.codePointAt(0).toString(16)} `);

// A stylesheet that would break the content security policy or wear another
// organisation's colours is not written at all.
const forbidden = /https?:|url\((?!["']?fonts\/)|data:|frutiger|assets\.nhs|#005eb8|#003087|#007f3b|#330072|#7c2855|#d5281b|@import/i;
const found = css.match(forbidden);
if (found) throw new Error(`built stylesheet contains ${css.slice(found.index - 60, found.index + 60)}`);

const notice = "/*! Built from assets/. Contains nhsuk-frontend (MIT), see LICENSES/. */\n";
writeFileSync(join(out, "screener.css"), `${notice}${css.trim()}\n`);

const fonts = join(packages, "@fontsource-variable/public-sans/files");
for (const range of ["latin", "latin-ext"]) {
  copyFileSync(join(fonts, `public-sans-${range}-wght-normal.woff2`), join(out, `fonts/public-sans-${range}.woff2`));
}

// One file, so one request. The parts share one scope, and stand in the order in which they run.
const parts = ["comforts", "leaving", "saving", "conditions", "followups", "typing", "arriving"];
const script = parts.map((name) => readFileSync(join(here, `src/script/${name}.js`), "utf8"));
writeFileSync(join(out, "screener.js"), script.join("\n"));

for (const name of ["rulebook.css", "favicon.svg"]) {
  writeFileSync(join(out, name), readFileSync(join(here, "src", name)));
}
