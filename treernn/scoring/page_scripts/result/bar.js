/** The probabilities, of five classes or fewer, as a bar, as a list, and in words; a class as a badge. */

import { el } from "./dom.js";
import { LOOKS, PLACES } from "./palette.js";

/** @import { Strings } from "../strings/en.js" */

/**
 * A share as a percentage.
 * @param {number} value from 0 to 1.
 */
export function percent(value) {
  return `${Math.round(100 * value)} %`;
}

/**
 * A number with its sign.
 * @param {number} value
 */
export function signed(value) {
  const size = Math.abs(value).toFixed(2);
  return Number(size) ? `${value < 0 ? "−" : "+"}${size}` : size;
}

/**
 * Shares as whole percentages that add up to 100.
 * @param {number[]} shares that add up to 1.
 * @returns {number[]}
 */
export function wholePercentages(shares) {
  const values = shares.map((share) => 100 * share);
  const whole = values.map(Math.floor);
  const byRest = [...values.keys()].sort((a, b) => values[b] - whole[b] - (values[a] - whole[a]));
  const missing = Math.round(sum(values)) - sum(whole);
  for (const index of byRest.slice(0, Math.max(missing, 0))) whole[index]++;
  return whole;
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * The classes of some probabilities, as places among the five.
 * @param {number[]} probabilities
 */
export function placesOf(probabilities) {
  return PLACES[probabilities.length];
}

/**
 * A bar of the colours of the classes.
 * @param {number[]} probabilities
 * @param {Strings} strings
 * @param {boolean} [large] whether it has percentages in it.
 * @returns {HTMLElement}
 */
export function probabilityBar(probabilities, strings, large = false) {
  const whole = wholePercentages(probabilities);
  const places = placesOf(probabilities);
  const label = whole.map((share, i) => `${strings.labels[places[i]]} ${share} %`).join(", ");
  const bar = el(large ? "div.bar.large" : "div.bar", { role: "img", "aria-label": label, title: label });
  probabilities.forEach((probability, index) => {
    const { ink, paper } = LOOKS[places[index]];
    const part = el("span", {}, large && whole[index] >= 7 ? `${whole[index]} %` : "");
    part.style.flexGrow = String(probability);
    if (paper) Object.assign(part.style, { background: paper, color: ink });
    bar.append(part);
  });
  return bar;
}

/**
 * The name of a class in its colours.
 * @param {number} label
 * @param {Strings} strings
 * @returns {HTMLElement}
 */
export function badge(label, strings) {
  const { ink, paper, sign } = LOOKS[label];
  const element = el("span.badge", {}, el("span.sign", { "aria-hidden": "true" }, sign), strings.labels[label]);
  if (paper) Object.assign(element.style, { background: paper, color: ink });
  return element;
}

/**
 * A line for each class, with its name, a bar and a percentage.
 * @param {number[]} probabilities
 * @param {Strings} strings
 * @returns {HTMLElement}
 */
export function probabilityLines(probabilities, strings) {
  const whole = wholePercentages(probabilities);
  const lines = probabilities.map((probability, index) => {
    const place = placesOf(probabilities)[index];
    const fill = el("span.fill");
    fill.style.width = `${100 * probability}%`;
    if (LOOKS[place].paper) fill.style.background = LOOKS[place].paper;
    return el(
      "div.line",
      {},
      el("span.name", {}, strings.labels[place]),
      el("span.track", { "aria-hidden": "true" }, fill),
      el("span.value", {}, `${whole[index]} %`),
    );
  });
  return el("div.lines", {}, ...lines);
}
