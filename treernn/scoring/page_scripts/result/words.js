/** A sentence as it is written, its words in the colours of their classes. */

import { badge } from "./bar.js";
import { el } from "./dom.js";
import { LOOKS } from "./palette.js";
import { pathToRoot } from "./model.js";
import { shortened } from "./layout.js";

/** @import { Sentence, TreeNode } from "./model.js" */
/** @import { TreeView } from "./tree.js" */
/** @import { Strings } from "../strings/en.js" */

/**
 * The words, each of which can be chosen.
 * @param {Sentence} sentence
 * @param {Strings} strings
 * @param {(node: number) => number} labelOf the class of a node.
 * @param {(node: number) => void} choose a word was chosen.
 * @returns {HTMLElement}
 */
export function wordsOf(sentence, strings, labelOf, choose) {
  const line = el("p.words", { dir: "auto", role: "group", "aria-label": strings.words });
  const words = sentence.nodes.filter((node) => !node.children.length);
  let at = sentence.start;
  words.forEach((word, number) => {
    const start = Math.max(at, word.start);
    const text = sentence.text.slice(start - sentence.start, word.end - sentence.start);
    if (!text) return;
    line.append(sentence.text.slice(at - sentence.start, start - sentence.start));
    at = word.end;
    line.append(wordButton(word, text, strings, labelOf(word.index), number === 0, choose));
  });
  line.append(sentence.text.slice(at - sentence.start));
  line.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => moveFocus(line, event));
  return line;
}

/**
 * @param {TreeNode} word
 * @param {string} text
 * @param {Strings} strings
 * @param {number} label
 * @param {boolean} first
 * @param {(node: number) => void} choose
 */
function wordButton(word, text, strings, label, first, choose) {
  const { ink, paper } = LOOKS[label];
  // Not a <button>, which would not break where text breaks.
  const element = el(
    "span.word",
    {
      ...{ role: "button", tabindex: first ? 0 : -1, "data-node": word.index },
      "aria-label": `${text}, ${strings.labels[label]}`,
      click: () => choose(word.index),
      keydown: (/** @type {any} */ event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose(word.index);
      },
    },
    text,
  );
  if (paper) Object.assign(element.style, { background: paper, color: ink });
  return element;
}

/**
 * Arrow keys go from word to word, so that the line is one stop of the Tab key.
 * @param {HTMLElement} line
 * @param {KeyboardEvent} event
 */
function moveFocus(line, event) {
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  let step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (!step) return;
  if (getComputedStyle(line).direction === "rtl" && event.key !== "ArrowDown") step = -step;
  const words = /** @type {HTMLElement[]} */ ([...line.querySelectorAll(".word")]);
  const at = words.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = words[at + step];
  if (at < 0 || !next) return;
  event.preventDefault();
  words[at].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/**
 * The phrases that contain a word, from the word to the sentence.
 * @param {TreeView} tree
 * @param {number} word
 * @returns {HTMLElement}
 */
export function phrasesWith(tree, word) {
  const { nodes } = tree.sentence;
  const { strings } = tree;
  const items = pathToRoot(nodes, word).map((index) => {
    const choose = () => tree.select(index);
    const text = el("span", { dir: "auto" }, shortened(nodes[index].text, 90));
    const entry = el("button.phrase-of-word", { type: "button", click: choose });
    entry.append(badge(tree.labelOf(index), strings), text);
    return el("li", {}, entry);
  });
  const heading = el("h4", {}, strings.phrasesOf(nodes[word].text));
  return el("div.phrases", {}, heading, el("ul", {}, ...items));
}
