/** Reads a result as `Result.to_dict()` writes it. Nothing here recurses: trees may be deep. */

import { LABELS } from "./palette.js";

/**
 * A phrase: a node of a tree. The nodes of a sentence are in the order of a reader, each before its
 * children, from left to right; node 0 is the root.
 * @typedef {object} TreeNode
 * @property {number} index its place among the nodes of the sentence.
 * @property {number} parent the index of its parent, -1 for the root.
 * @property {number[]} children their indices, left to right; empty for a word.
 * @property {number} depth edges up to the root.
 * @property {number} last the index of the last node below it, or its own.
 * @property {number} start where the phrase begins in the text, in UTF-16 units.
 * @property {number} end where it ends.
 * @property {string} text the phrase as written.
 * @property {string} word what the model read; empty unless it is a word.
 * @property {number} label the predicted class, 0 to 4.
 * @property {number[]} probabilities of its classes, see `PLACES`.
 */

/**
 * @typedef {object} Sentence
 * @property {string} text
 * @property {number} start in the text, in UTF-16 units.
 * @property {number} end
 * @property {number} label
 * @property {number[]} probabilities
 * @property {TreeNode[]} nodes
 * @property {boolean} rtl whether it is written from right to left.
 */

/**
 * A phrase that helped to decide.
 * @typedef {object} Reason
 * @property {string} kind
 * @property {string} text the explanation in English.
 * @property {number} direction -1, 0 or 1.
 * @property {number} sentence index of its sentence, -1 if there is none.
 * @property {number} node index of its node there, -1 if there is none.
 * @property {{text: string, label: number}} phrase
 * @property {{text: string, label: number}[]} parts
 */

/**
 * @typedef {object} Result
 * @property {string} text
 * @property {number} label -1 if there is nothing to score.
 * @property {number} score from -1 to 1; 0 if there is nothing to score.
 * @property {number} stars from 1 to 5.
 * @property {number[]} probabilities
 * @property {string[]} problems
 * @property {Sentence[]} sentences
 * @property {Reason[]} reasons
 * @property {object} answer what it was read from.
 */

const RIGHT_TO_LEFT = /^[^\p{L}]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/**
 * @param {any} answer `Result.to_dict()`, perhaps with `explanations`.
 * @returns {Result}
 */
export function readResult(answer) {
  const text = String(answer.text ?? "");
  const place = utf16Places(text);
  const sentences = (answer.sentences ?? []).map((/** @type {any} */ each) => {
    const nodes = each.tree ? readNodes(each.tree, text, place) : [];
    const start = place(each.start);
    const end = place(each.end);
    const own = text.slice(start, end);
    const { label, probabilities } = each;
    return {
      ...{ text: own, start, end, label: LABELS.indexOf(label), probabilities, nodes },
      rtl: RIGHT_TO_LEFT.test(own),
    };
  });
  return {
    text,
    label: LABELS.indexOf(answer.label),
    score: answer.score ?? 0,
    stars: answer.stars ?? 3,
    probabilities: answer.probabilities ?? [],
    problems: answer.problems ?? [],
    sentences,
    reasons: (answer.explanations ?? []).map((/** @type {any} */ each) =>
      readReason(each, sentences, text, place),
    ),
    answer,
  };
}

/**
 * Python counts characters, JavaScript UTF-16 units: an emoji is two.
 * @param {string} text
 * @returns {(index: number) => number} from a place in characters to one in units.
 */
export function utf16Places(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (index) => index;
  const places = [0];
  let units = 0;
  for (const character of text) places.push((units += character.length));
  return (index) => places[Math.min(index, places.length - 1)];
}

/**
 * @param {any} tree
 * @param {string} text
 * @param {(index: number) => number} place
 * @returns {TreeNode[]}
 */
function readNodes(tree, text, place) {
  /** @type {TreeNode[]} */
  const nodes = [];
  /** @type {[any, number][]} */
  const pending = [[tree, -1]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [raw, parent] = next;
    const index = nodes.length;
    const start = place(raw.start);
    const end = place(raw.end);
    nodes.push({
      ...{ index, parent, children: [], start, end, word: raw.word ?? "", last: index },
      depth: parent < 0 ? 0 : nodes[parent].depth + 1,
      text: text.slice(start, end) || (raw.word ?? ""),
      label: LABELS.indexOf(raw.label),
      probabilities: raw.probabilities,
    });
    if (parent >= 0) nodes[parent].children.push(index);
    for (const child of [...(raw.children ?? [])].reverse()) pending.push([child, index]);
  }
  for (let index = nodes.length - 1; index > 0; index--) {
    const above = nodes[nodes[index].parent];
    above.last = Math.max(above.last, nodes[index].last);
  }
  return nodes;
}

/**
 * @param {any} raw
 * @param {Sentence[]} sentences
 * @param {string} text
 * @param {(index: number) => number} place
 * @returns {Reason}
 */
function readReason(raw, sentences, text, place) {
  const start = place(raw.phrase.start);
  const end = place(raw.phrase.end);
  const sentence = sentences.findIndex((each) => each.start <= start && end <= each.end);
  const nodes = sentence < 0 ? [] : sentences[sentence].nodes;
  const node = nodes.findIndex((each) => each.start === start && each.end === end);
  const named = (/** @type {any} */ phrase) => ({
    text: text.slice(place(phrase.start), place(phrase.end)),
    label: LABELS.indexOf(phrase.label),
  });
  const { kind, direction } = raw;
  const parts = (raw.parts ?? []).map(named);
  return { kind, direction, text: raw.text, sentence, node, phrase: named(raw.phrase), parts };
}

/**
 * The nodes from a node up to the root, the node first.
 * @param {TreeNode[]} nodes
 * @param {number} index
 * @returns {number[]}
 */
export function pathToRoot(nodes, index) {
  const path = [];
  for (let at = index; at >= 0; at = nodes[at].parent) path.push(at);
  return path;
}

/**
 * The class of each phrase of a text, by its place, to compare with those of another reader.
 * @param {Result} result
 * @returns {Map<string, number>} by `placeOf`.
 */
export function labelsByPlace({ sentences }) {
  return new Map(
    sentences.flatMap(({ nodes }) =>
      // A phrase in brackets of its own has the class of the outermost, which comes first.
      [...nodes].reverse().map((node) => [placeOf(node), node.label]),
    ),
  );
}

/** @param {TreeNode} node */
export function placeOf({ start, end }) {
  return `${start}-${end}`;
}

/**
 * Phrases that are folded when a tree is first seen: in a long sentence those that say nothing,
 * and in a huge one whatever is deep.
 * @param {TreeNode[]} nodes
 * @param {boolean} [narrow] whether the screen has little room.
 * @returns {Set<number>}
 */
export function foldedAtFirst(nodes, narrow = false) {
  const words = nodes.filter((node) => !node.children.length).length;
  const folded = words > (narrow ? FEW_WORDS / 2 : FEW_WORDS) ? neutralPhrases(nodes) : new Set();
  let shown = nodes.length;
  for (const index of folded) shown -= nodes[index].last - index;
  if (shown <= MANY_NODES) return folded;
  folded.clear();
  let count = 1;
  let level = [0];
  while (level.length) {
    const next = [];
    for (const index of level) {
      const { children } = nodes[index];
      if (count + children.length > MANY_NODES) {
        if (children.length) folded.add(index);
      } else {
        count += children.length;
        next.push(...children);
      }
    }
    level = next;
  }
  return folded;
}

const FEW_WORDS = 14;
const MANY_NODES = 400;

/**
 * The largest phrases of several words in which every phrase is neutral.
 * @param {TreeNode[]} nodes
 * @returns {Set<number>}
 */
export function neutralPhrases(nodes) {
  const neutral = nodes.map((node) => node.label === 2);
  for (let index = nodes.length - 1; index > 0; index--) {
    if (!neutral[index]) neutral[nodes[index].parent] = false;
  }
  const found = nodes.filter(
    (node) => neutral[node.index] && node.children.length && (!node.index || !neutral[node.parent]),
  );
  return new Set(found.map((node) => node.index).filter((index) => index > 0));
}
