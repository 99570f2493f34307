/** Classes that a reader has set, until they are saved as trees to train with. */

import { toBrackets } from "./brackets.js";
import { button, el, saveFile } from "./dom.js";

/** @import { Sentence } from "./model.js" */
/** @import { Strings } from "../strings/en.js" */

export class Corrections {
  /** @param {() => void} [changed] is called after each change. */
  constructor(changed = () => {}) {
    this.changed = changed;
    /** @type {Map<string, {nodes: Sentence["nodes"], labels: Map<number, number>}>} */
    this.trees = new Map();
  }

  /**
   * The classes set in a sentence, by node. The same tree read again has the same.
   * @param {Sentence} sentence
   * @returns {Map<number, number>}
   */
  of(sentence) {
    const key = toBrackets(sentence.nodes);
    const found = this.trees.get(key) ?? { nodes: sentence.nodes, labels: new Map() };
    this.trees.set(key, found);
    return found.labels;
  }

  /**
   * Set the class of a node; the one predicted takes a correction back.
   * @param {Sentence} sentence
   * @param {number} node
   * @param {number} label
   */
  set(sentence, node, label) {
    const labels = this.of(sentence);
    if (sentence.nodes[node].label === label) labels.delete(node);
    else labels.set(node, label);
    this.changed();
  }

  /** The trees with a correction. */
  get corrected() {
    return [...this.trees.values()].filter((each) => each.labels.size);
  }

  /** They in brackets, a line each, as `treernn train sentiment --trees` reads them. */
  toText() {
    return this.toLines().map((line) => `${line}\n`).join("");
  }

  /** They in brackets. */
  toLines() {
    return this.corrected.map(({ nodes, labels }) => toBrackets(nodes, labels));
  }

  /** Forget all. */
  clear() {
    for (const { labels } of this.trees.values()) labels.clear();
    this.changed();
  }
}

/**
 * A bar that says how many there are, saves them, and forgets them.
 * @param {Corrections} corrections
 * @param {Strings} strings
 * @param {() => void} discarded is called when they are forgotten.
 * @param {(() => void) | null} [send] gives them to a server that keeps them.
 * @returns {HTMLElement | null} null if there are none.
 */
export function correctionsBar(corrections, strings, discarded, send = null) {
  const trees = corrections.corrected;
  if (!trees.length) return null;
  const nodes = trees.reduce((sum, { labels }) => sum + labels.size, 0);
  const save = () => saveFile("trees.txt", new Blob([corrections.toText()], { type: "text/plain" }));
  const discard = () => {
    corrections.clear();
    discarded();
  };
  return el(
    "div.corrections",
    { role: "status" },
    el("span", {}, strings.corrections(nodes, trees.length)),
    send && button(strings.sendCorrections, send, { class: "primary" }),
    button(strings.saveCorrections, save, send ? {} : { class: "primary" }),
    button(strings.discardCorrections, discard),
  );
}
