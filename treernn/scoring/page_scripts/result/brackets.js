/** Writes trees in the brackets of the Stanford Sentiment Treebank; see `corpora/brackets.py`. */

/** @import { TreeNode } from "./model.js" */

/** @type {Record<string, string>} */
const BRACKET_NAMES = {
  ...{ "(": "-LRB-", ")": "-RRB-", "{": "-LCB-" },
  ...{ "}": "-RCB-", "[": "-LSB-", "]": "-RSB-" },
};

/**
 * One tree, without a line end.
 * @param {TreeNode[]} nodes of a sentence.
 * @param {Map<number, number>} [corrections] classes by node, instead of those predicted.
 * @returns {string} for example `(3 (2 It) (4 works))`.
 */
export function toBrackets(nodes, corrections = new Map()) {
  const pieces = [];
  /** @type {(number | ")")[]} */
  const pending = [0];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === ")") {
      pieces.push(")");
      continue;
    }
    const { children, word, label } = nodes[next];
    pieces.push(`${next ? " " : ""}(${corrections.get(next) ?? label}`);
    pending.push(")");
    if (children.length) pending.push(...[...children].reverse());
    else pieces.push(` ${escapeWord(word)}`);
  }
  return pieces.join("");
}

/** @param {string} word */
function escapeWord(word) {
  return word
    .replace(/([/*\\]|-(?=[LR][RCS]B))/g, "\\$1")
    .replace(/[(){}[\]]/g, (bracket) => BRACKET_NAMES[bracket]);
}
