/** A file with its own results: the script of `Result.to_html()` and of `--format html`. */

import { Corrections, correctionsBar } from "./result/corrections.js";
import { button, el } from "./result/dom.js";
import { readResult } from "./result/model.js";
import { showResult } from "./result/result.js";
import { RowsView } from "./result/rows.js";
import { LANGUAGES, stringsFor } from "./result/strings.js";

/** @import { Strings } from "./strings/en.js" */

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const held = JSON.parse(/** @type {HTMLElement} */ (document.querySelector("#results")).textContent);
const corrections = new Corrections(() => showCorrections());
const bar = el("div.corrections-place");
let strings = stringsFor(navigator.languages);

function show() {
  document.documentElement.lang = strings.code;
  const others = LANGUAGES.filter((each) => each !== strings);
  const languages = others.map((each) => button(each.name, () => speak(each), { lang: each.code }));
  main.replaceChildren(el("div.languages", {}, ...languages), content(), bar);
  showCorrections();
}

function content() {
  if (held.rows.length === 1 && !held.missing) {
    const [{ answer, error }] = held.rows;
    if (answer.label) {
      const shown = showResult(readResult(answer), strings, corrections);
      return el("div", {}, shown, el("p.hint", {}, strings.hint));
    }
    return el("p.problem", {}, error ?? strings.nothingScored);
  }
  const notes = [];
  if (held.treeless) notes.push(el("p.problem", {}, strings.missingTrees(held.treeless)));
  if (held.missing) notes.push(el("p.problem", {}, strings.missingRows(held.missing)));
  return el("div", {}, ...notes, new RowsView(held.rows, strings, corrections).element);
}

function showCorrections() {
  bar.replaceChildren(...[correctionsBar(corrections, strings, show)].filter((each) => each !== null));
}

/** @param {Strings} chosen */
function speak(chosen) {
  strings = chosen;
  show();
}

addEventListener("beforeunload", (event) => {
  if (corrections.corrected.length) event.preventDefault();
});
show();
