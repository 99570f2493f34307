/** A sentence: its class, its words in colour, its tree, and what can be done with the tree. */

import { badge, probabilityBar } from "./bar.js";
import { button, el } from "./dom.js";
import { saveMenu } from "./menu.js";
import { TreeView } from "./tree.js";
import { phrasesWith, wordsOf } from "./words.js";

/** @import { Corrections } from "./corrections.js" */
/** @import { Result } from "./model.js" */
/** @import { Strings } from "../strings/en.js" */

export class SentenceView {
  /**
   * @param {Result} result
   * @param {number} index of the sentence.
   * @param {Strings} strings
   * @param {Corrections} corrections
   * @param {Map<string, number>} [others] see `TreeOptions`.
   */
  constructor(result, index, strings, corrections, others) {
    const sentence = result.sentences[index];
    this.sentence = sentence;
    this.strings = strings;
    const ownCorrections = corrections.of(sentence);
    this.phrases = el("div", { "aria-live": "polite" });
    this.words = el("div.sentence-words");
    this.class = el("div.class");
    this.element = el("section.sentence", {}, this.words);
    this.tree = new TreeView(sentence, strings, {
      ...{ corrections: ownCorrections, others },
      onCorrect: (node, label) => {
        corrections.set(sentence, node, label);
        this.#head();
      },
      onSelect: (node) => {
        if (node < 0) this.phrases.replaceChildren();
      },
    });
    this.#head();
    const json = () => /** @type {any} */ (result.answer).sentences[index];
    const bar = el("div.sentence-bar", {}, this.class, toolbar(this.tree, json));
    this.element.append(bar, this.phrases, this.tree.element);
  }

  /** The words and the class, again after a correction. */
  #head() {
    const { sentence, strings, tree } = this;
    const words = wordsOf(sentence, strings, (node) => tree.labelOf(node), (node) => this.choose(node));
    const bar = probabilityBar(sentence.probabilities, strings);
    this.words.replaceChildren(words);
    this.class.replaceChildren(badge(tree.labelOf(0), strings), bar);
  }

  /** Show the phrases of a word. @param {number} word */
  choose(word) {
    this.tree.select(word);
    this.phrases.replaceChildren(phrasesWith(this.tree, word));
  }

  /** Select a node and bring it into view. @param {number} node */
  reveal(node) {
    this.phrases.replaceChildren();
    this.tree.select(node);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.element.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }
}

/**
 * @param {TreeView} tree
 * @param {() => object} json
 * @returns {HTMLElement}
 */
function toolbar(tree, json) {
  const { strings } = tree;
  const icon = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => void} */ act) =>
    button(text, act, { "aria-label": name, title: name, class: "icon" });
  return el(
    "div.toolbar",
    {},
    icon("−", strings.zoomOut, () => tree.zoom(0.8)),
    icon("+", strings.zoomIn, () => tree.zoom(1.25)),
    icon("↔", strings.fit, () => tree.fit()),
    button(strings.unfoldAll, () => tree.unfoldAll()),
    button(strings.foldNeutral, () => tree.foldNeutral()),
    saveMenu(tree, json),
  );
}
