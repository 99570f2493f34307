/** Where the nodes of a tree stand: the words in a row below, each phrase over the middle of its. */

/** @import { TreeNode } from "./model.js" */

/**
 * @typedef {object} Place
 * @property {number} node
 * @property {number} x
 * @property {number} y
 * @property {string} words below it, if it is a word or folded; shortened.
 */

/**
 * @typedef {object} Layout
 * @property {Place[]} places of the nodes that are seen, in the order of the nodes.
 * @property {string[]} edges paths of SVG, one for each place but the root's, in their order.
 * @property {number} width
 * @property {number} height
 */

const LEVEL = 44;
const MAX_HEIGHT = 1100;
const GAP = 18;
const MARGIN = 20;
const LONGEST = 28;

/**
 * @param {TreeNode[]} nodes
 * @param {Set<number>} folded nodes whose children are not seen.
 * @param {boolean} rtl whether the first word stands on the right.
 * @param {(text: string) => number} widthOf a text, in pixels.
 * @returns {Layout}
 */
export function layoutTree(nodes, folded, rtl, widthOf) {
  /** @type {Place[]} */
  const places = [];
  const where = new Map();
  let width = MARGIN;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    const isEnd = !node.children.length || folded.has(index);
    const words = isEnd ? shortened(node.text) || "·" : "";
    const place = { node: index, x: 0, y: 0, words };
    where.set(index, place);
    places.push(place);
    if (!isEnd) continue;
    const own = Math.max(22, widthOf(words)) + GAP;
    place.x = width + own / 2;
    width += own;
    index = node.last;
  }
  width += MARGIN;
  const heights = new Map();
  for (const place of [...places].reverse()) {
    const { children } = nodes[place.node];
    if (place.words) {
      heights.set(place.node, 0);
      continue;
    }
    const seen = children.map((child) => where.get(child));
    place.x = (seen[0].x + seen[seen.length - 1].x) / 2;
    heights.set(place.node, 1 + Math.max(...children.map((child) => heights.get(child))));
  }
  const levels = heights.get(0) ?? 0;
  const step = Math.min(LEVEL, MAX_HEIGHT / Math.max(levels, 1));
  for (const place of places) {
    place.y = MARGIN + step * (levels - heights.get(place.node));
    if (rtl) place.x = width - place.x;
  }
  const edges = places.slice(1).map((place) => edge(where.get(nodes[place.node].parent), place));
  return { places, edges, width, height: MARGIN + step * levels + 44 };
}

/**
 * @param {Place} parent
 * @param {Place} child
 */
function edge(parent, child) {
  const turn = Math.min(child.y, parent.y + Math.max(LEVEL, Math.abs(child.x - parent.x) * 0.35));
  const [px, py, cx, cy] = [parent.x, parent.y, child.x, child.y].map((each) => each.toFixed(1));
  const middle = ((parent.y + turn) / 2).toFixed(1);
  return `M${px} ${py}C${px} ${middle} ${cx} ${middle} ${cx} ${turn.toFixed(1)}V${cy}`;
}

/**
 * A text of at most so many characters; emoji and accents stay whole.
 * @param {string} text
 * @param {number} [limit]
 */
export function shortened(text, limit = LONGEST) {
  // No more of a long text is looked at than can be shown, even of emoji with many parts.
  const line = text.slice(0, 30 * limit).replace(/\s+/g, " ");
  if (line.length <= limit) return line;
  const parts = Intl.Segmenter
    ? [...new Intl.Segmenter().segment(line)].map((part) => part.segment)
    : [...line];
  return parts.length <= limit ? line : `${parts.slice(0, limit - 1).join("").trimEnd()}…`;
}

/** @type {CanvasRenderingContext2D | null} */
let measuring = null;

/** The width of a text under a node. @param {string} text */
export function textWidth(text) {
  measuring ??= document.createElement("canvas").getContext("2d");
  if (!measuring) return text.length * 8;
  measuring.font = "14px system-ui, sans-serif";
  return measuring.measureText(text).width;
}
