/** The classes and how they look; written by `python -m treernn.palette`. */

export const LABELS = [
  "very negative",
  "negative",
  "neutral",
  "positive",
  "very positive"
];

/** By how many classes there are, the place of each among the five. */
/** @type {Record<number, number[]>} */
export const PLACES = { 5: [0, 1, 2, 3, 4], 3: [1, 2, 3], 2: [1, 3] };

/** A class without colours has those of the surroundings. */
export const LOOKS = [
  {
    "sign": "−−",
    "ink": "#ffffff",
    "paper": "#b2182b"
  },
  {
    "sign": "−",
    "ink": "#3b0a0f",
    "paper": "#f4a582"
  },
  {
    "sign": "0",
    "ink": "",
    "paper": ""
  },
  {
    "sign": "+",
    "ink": "#08263f",
    "paper": "#92c5de"
  },
  {
    "sign": "++",
    "ink": "#ffffff",
    "paper": "#2166ac"
  }
];
