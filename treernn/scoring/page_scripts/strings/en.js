/** What the page says in English. `zh-hant.js` has the same keys. */

import { signed } from "../result/bar.js";

/** @typedef {typeof english} Strings */

export const english = {
  name: "English",
  code: "en",
  labels: ["very negative", "negative", "neutral", "positive", "very positive"],

  // Trees
  treeOf: "Tree of the sentence:",
  corrected: "set by you",
  otherwise: (/** @type {string} */ label) => `the other reads ${label}`,
  setClass: "Set another class",
  fold: "Fold",
  unfold: "Unfold",
  close: "Close",
  unfoldAll: "Unfold all",
  foldNeutral: "Fold neutral phrases",
  zoomIn: "Larger",
  zoomOut: "Smaller",
  fit: "Fit to the width",
  save: "Save or copy",
  copy: "Copy",
  copied: "Copied",
  download: "Save",
  asPng: "PNG picture",
  asSvg: "SVG picture",
  asJson: "JSON",
  asBrackets: "Brackets (SST)",
  hint: "Point at a phrase for its probabilities. Click to keep them in view and correct the class; double-click to fold. Keys: arrows, Enter, space, 1 to 5.",
  noTree: "The tree of this sentence is not in this file.",

  // Verdicts
  verdict: (/** @type {number} */ label, /** @type {(number | null)[]} */ [bad, none, good]) =>
    `This text reads as ${english.labels[label]}: ${good} % speaks for positive, ${bad} % for negative${none === null ? "" : `, ${none} % for neutral`}.`,
  score: (/** @type {number} */ score, /** @type {number} */ stars) =>
    `Score ${signed(score)} on a scale from −1 to 1, ${stars.toFixed(1)} of 5 stars`,
  verdictHead: (/** @type {number} */ label, /** @type {number} */ probability) => {
    const name = english.labels[label];
    const Name = name[0].toUpperCase() + name.slice(1);
    return probability < 0.5 ? `Rather ${name}` : Name;
  },
  nothingScored: "There is nothing to score in this text.",
  why: "Why",
  noReason: "No phrase stands out.",
  reason: (/** @type {import("../result/model.js").Reason} */ reason) => reason.text,
  sentences: (/** @type {number} */ count) => (count === 1 ? "1 sentence" : `${count} sentences`),
  words: "Words of the sentence; choose one to see its phrases",
  phrasesOf: (/** @type {string} */ word) => `The phrases with “${word}”, from the word to the sentence`,
  note: "Note:",
  moreSentences: (/** @type {number} */ count) => `Show ${count} more sentences`,

  // Tables of results
  filter: "Show",
  all: "all",
  unscored: "not scored",
  search: "Search the texts",
  sort: "Order",
  asGiven: "as given",
  worstFirst: "most negative first",
  bestFirst: "most positive first",
  unsureFirst: "least certain first",
  rows: (/** @type {number} */ shown, /** @type {number} */ total) =>
    shown === total ? `${total} texts` : `${shown} of ${total} texts`,
  page: (/** @type {number} */ page, /** @type {number} */ pages) => `Page ${page} of ${pages}`,
  previous: "Previous",
  next: "Next",
  row: "Row",
  verdictColumn: "Verdict",
  text: "Text",
  missingRows: (/** @type {number} */ count) =>
    `${count} further texts are not in this file; write CSV, Parquet or JSON lines to have all.`,
  missingTrees: (/** @type {number} */ count) =>
    `${count} texts have their verdict alone: their trees would make this file too large.`,

  // Corrections
  corrections: (/** @type {number} */ nodes, /** @type {number} */ trees) =>
    `${nodes} ${nodes === 1 ? "phrase" : "phrases"} corrected in ${trees} ${trees === 1 ? "sentence" : "sentences"}`,
  saveCorrections: "Save the trees",
  sendCorrections: "Send to the server",
  sentCorrections: (/** @type {number} */ trees) =>
    `${trees} ${trees === 1 ? "tree is" : "trees are"} kept on the server`,
  discardCorrections: "Discard",

  // The page
  tagline: "The sentiment of a text, phrase by phrase",
  intro:
    "Each sentence is read as a tree of phrases, and every phrase gets its own verdict, from very negative to very positive. So you see where a text turns. Choose an example, or write a text of your own.",
  prompt: "Write or paste a review",
  placeholder: "A review, a comment, a sentence …",
  examples: "Examples",
  chooseFile: "Score a file (CSV) …",
  readWith: "Read with",
  compareWith: "Compare with",
  agreement: (/** @type {number} */ first, /** @type {number} */ second) =>
    first === second
      ? `Both read it as ${english.labels[first] ?? "nothing"}.`
      : `They differ: ${english.labels[first] ?? "nothing"} and ${english.labels[second] ?? "nothing"}.`,
  differing: (/** @type {number} */ phrases) =>
    phrases === 0
      ? "All phrases that both have are read alike."
      : `${phrases} ${phrases === 1 ? "phrase has" : "phrases have"} another class, with a ring in the trees.`,
  copyLink: "Copy a link to this result",
  saveJson: "Save as JSON",
  noServer: "The server does not answer. Is it still running?",
  tryAgain: "Try again",
  token: "Token",
  useToken: "Use this token",

  // Files
  column: "Column with the texts",
  scoreRows: (/** @type {number} */ rows) => `Score ${rows} ${rows === 1 ? "row" : "rows"}`,
  saveTable: "Save with verdicts (CSV)",
  progress: "Rows scored",
  scored: (/** @type {number} */ scored, /** @type {number} */ total) => `${scored} of ${total} rows scored`,
  noRows: "This file has no rows below its header.",
};
