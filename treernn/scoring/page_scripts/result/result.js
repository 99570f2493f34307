/** A text with its verdict, why, and its sentences. */

import { badge, placesOf, probabilityBar, probabilityLines, wholePercentages } from "./bar.js";
import { button, el } from "./dom.js";
import { SentenceView } from "./sentence.js";

/** @import { Corrections } from "./corrections.js" */
/** @import { Result } from "./model.js" */
/** @import { Strings } from "../strings/en.js" */

/** Trees that are drawn at once; more on request. */
const SENTENCES_AT_FIRST = 12;

/**
 * @param {Result} result
 * @param {Strings} strings
 * @param {Corrections} corrections
 * @param {Map<string, number>} [others] classes of phrases by another reader, see `labelsByPlace`.
 * @returns {HTMLElement}
 */
export function showResult(result, strings, corrections, others) {
  const parts = el("div.parts");
  const article = el("article.result", {}, parts);
  if (result.label < 0) {
    const problems = result.problems.join("; ") || strings.nothingScored;
    parts.append(el("p.problem", {}, problems));
    return article;
  }
  parts.append(verdict(result, strings));
  if ("explanations" in result.answer) parts.append(reasons(result, strings, reveal));
  for (const problem of result.problems) {
    parts.append(el("p.problem", {}, el("strong", {}, strings.note), ` ${problem}`));
  }
  const views = result.sentences.map(
    (_, index) => () => new SentenceView(result, index, strings, corrections, others),
  );
  /** @type {SentenceView[]} */
  const shown = [];
  const list = el("div.sentences");
  const showUpTo = (/** @type {number} */ count) => {
    for (let index = shown.length; index < Math.min(count, views.length); index++) {
      shown.push(views[index]());
      list.append(shown[index].element);
    }
    const rest = views.length - shown.length;
    more.hidden = !rest;
    more.textContent = strings.moreSentences(Math.min(rest, SENTENCES_AT_FIRST));
  };
  const more = button("", () => showUpTo(shown.length + SENTENCES_AT_FIRST), { class: "more" });
  function reveal(/** @type {number} */ sentence, /** @type {number} */ node) {
    showUpTo(sentence + 1);
    shown[sentence].reveal(node);
  }
  parts.append(list, more);
  showUpTo(SENTENCES_AT_FIRST);
  return article;
}

/**
 * The class in words and as a bar, and the score.
 * @param {Result} result
 * @param {Strings} strings
 */
function verdict(result, strings) {
  const p = result.probabilities;
  const places = placesOf(p);
  const whole = wholePercentages(p);
  const shareOf = (/** @type {number[]} */ ...classes) =>
    classes.reduce((sum, each) => sum + (whole[places.indexOf(each)] ?? 0), 0);
  const sides = [shareOf(0, 1), places.includes(2) ? shareOf(2) : null, shareOf(3, 4)];
  const said = strings.verdict(result.label, sides);
  return el(
    "div.verdict",
    {},
    el("h2", {}, strings.verdictHead(result.label, p[places.indexOf(result.label)])),
    probabilityBar(p, strings, true),
    el("p", {}, said),
    el("p.score", {}, strings.score(result.score, result.stars)),
    probabilityLines(p, strings),
  );
}

/**
 * @param {Result} result
 * @param {Strings} strings
 * @param {(sentence: number, node: number) => void} reveal
 */
function reasons(result, strings, reveal) {
  const items = result.reasons.map((reason) => {
    const text = el("span", { dir: "auto" }, strings.reason(reason));
    if (reason.node < 0) return el("li", {}, badge(reason.phrase.label, strings), text);
    const choose = () => reveal(reason.sentence, reason.node);
    const entry = el("button.reason", { type: "button", click: choose });
    entry.append(badge(reason.phrase.label, strings), text);
    return el("li", {}, entry);
  });
  const list = items.length ? el("ul", {}, ...items) : el("p", {}, strings.noReason);
  return el("section.why", {}, el("h3", {}, strings.why), list);
}
