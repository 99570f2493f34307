/** The tree of a sentence that can be read with a mouse, fingers, a keyboard and a screen reader. */

import { percent, placesOf } from "./bar.js";
import { DetailCard } from "./card.js";
import { el, svgEl } from "./dom.js";
import { drawNode } from "./draw.js";
import { layoutTree, textWidth } from "./layout.js";
import { foldedAtFirst, neutralPhrases, pathToRoot, placeOf } from "./model.js";
import { dragToScroll, wheelToZoom } from "./pointer.js";

/** @import { Sentence } from "./model.js" */
/** @import { Strings } from "../strings/en.js" */

/**
 * @typedef {object} TreeOptions
 * @property {Map<number, number>} corrections classes that a reader has set, by node.
 * @property {(node: number, label: number) => void} [onCorrect] a reader sets the class of a node.
 * @property {Map<string, number>} [others] how another reader reads the phrases, by `placeOf`.
 * @property {(node: number) => void} [onSelect] a reader selects a node; -1: none.
 */

const SCALES = [0.3, 2.5];
const SMALLEST_AT_FIRST = 0.72;

export class TreeView {
  /**
   * @param {Sentence} sentence
   * @param {Strings} strings
   * @param {TreeOptions} options
   */
  constructor(sentence, strings, options) {
    this.sentence = sentence;
    /** Its classes, as places among the five. */
    this.places = placesOf(sentence.probabilities);
    this.strings = strings;
    this.options = options;
    this.folded = foldedAtFirst(sentence.nodes, innerWidth < 600);
    this.selected = -1;
    this.active = 0;
    /** @type {Set<number>} */
    this.marked = new Set();
    this.scale = 0;
    /** @type {Map<number, SVGElement>} */
    this.items = new Map();
    this.picture = svgEl("svg", {
      role: "tree",
      "aria-label": `${strings.treeOf} ${sentence.text}`,
      ...{ keydown: this.#onKey, click: this.#onClick, dblclick: this.#onDouble },
      ...{ pointerover: this.#onHover, pointerleave: () => this.card.leave() },
      ...{ focusin: this.#onFocus, focusout: () => this.card.leave() },
    });
    this.scroller = el("div.scroller", {}, this.picture);
    this.card = new DetailCard(this);
    this.element = el("div.tree", {}, this.scroller, this.card.element);
    this.scroller.addEventListener("scroll", () => this.card.place(), { passive: true });
    dragToScroll(this.scroller);
    wheelToZoom(this.scroller, (factor, x, y) => this.zoom(factor, x, y));
    new ResizeObserver(() => {
      if (!this.scale && this.scroller.clientWidth) this.fit();
      this.card.place();
    }).observe(this.scroller);
    this.draw();
  }

  /** The class of a node, with corrections. @param {number} node */
  labelOf(node) {
    return this.options.corrections.get(node) ?? this.sentence.nodes[node].label;
  }

  /** Another class that another reader gives a node; -1: none. @param {number} node */
  otherLabelOf(node) {
    const other = this.options.others?.get(placeOf(this.sentence.nodes[node])) ?? -1;
    return other === this.sentence.nodes[node].label ? -1 : other;
  }

  /** @param {number} node @returns {import("./draw.js").Look} */
  lookOf = (node) => ({
    label: this.labelOf(node),
    folded: this.folded.has(node),
    corrected: this.options.corrections.has(node),
    differs: this.otherLabelOf(node) >= 0,
  });

  /** Draw again: phrases were folded, or a class was set. */
  draw() {
    const { nodes, rtl } = this.sentence;
    const layout = layoutTree(nodes, this.folded, rtl, textWidth);
    const hadFocus = this.picture.contains(document.activeElement);
    this.layout = layout;
    this.items.clear();
    const edges = svgEl("g", { role: "presentation" });
    layout.edges.forEach((d, index) => {
      const marked = this.marked.has(layout.places[index + 1].node);
      edges.append(svgEl(marked ? "path.edge.marked" : "path.edge", { d }));
    });
    this.picture.replaceChildren(edges);
    for (const place of layout.places) {
      const group = svgEl("g.node", this.#itemAttributes(place.node));
      group.setAttribute("transform", `translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`);
      group.append(...drawNode(place, this.lookOf(place.node)));
      this.items.set(place.node, group);
      this.picture.append(group);
    }
    this.#size();
    if (hadFocus) this.items.get(this.active)?.focus({ preventScroll: true });
    this.card.show();
  }

  /** @param {number} index @returns {Record<string, any>} */
  #itemAttributes(index) {
    const node = this.sentence.nodes[index];
    const siblings = node.parent < 0 ? [index] : this.sentence.nodes[node.parent].children;
    const label = this.labelOf(index);
    const said = [node.text, this.strings.labels[label]];
    if (this.options.corrections.has(index)) said.push(this.strings.corrected);
    else said.push(percent(node.probabilities[this.places.indexOf(label)]));
    const other = this.otherLabelOf(index);
    if (other >= 0) said.push(this.strings.otherwise(this.strings.labels[other]));
    const classes = [this.marked.has(index) && "marked", this.selected === index && "selected"];
    return {
      class: ["node", ...classes].filter(Boolean).join(" "),
      role: "treeitem",
      tabindex: index === this.active ? 0 : -1,
      "data-node": index,
      "aria-level": node.depth + 1,
      "aria-posinset": siblings.indexOf(index) + 1,
      "aria-setsize": siblings.length,
      "aria-selected": String(this.selected === index),
      "aria-expanded": node.children.length ? String(!this.folded.has(index)) : undefined,
      "aria-label": said.join(", "),
    };
  }

  /** Fold or unfold a phrase. @param {number} index */
  toggle(index) {
    if (!this.sentence.nodes[index].children.length) return;
    if (!this.folded.delete(index)) this.folded.add(index);
    this.draw();
  }

  /** Unfold everything. */
  unfoldAll() {
    this.folded = new Set();
    this.draw();
  }

  /** Fold the phrases that say nothing. */
  foldNeutral() {
    this.folded = neutralPhrases(this.sentence.nodes);
    this.#see(this.active);
    this.draw();
  }

  /** Select a node, so that its card stays; -1: none. @param {number} index */
  select(index) {
    this.selected = index;
    this.marked = new Set(index < 0 ? [] : pathToRoot(this.sentence.nodes, index));
    if (index >= 0) {
      this.active = index;
      this.#see(index);
    }
    this.draw();
    if (index >= 0) this.#scrollTo(index);
    this.options.onSelect?.(index);
  }

  /** Set the class of a node. @param {number} index @param {number} label */
  correct(index, label) {
    this.options.onCorrect?.(index, label);
    this.draw();
  }

  /** Show the whole tree, unless that is too small to read. */
  fit() {
    const room = this.scroller.clientWidth;
    if (!room || !this.layout) return;
    this.scale = Math.max(SMALLEST_AT_FIRST, Math.min(1, room / this.layout.width));
    this.#size();
    // What does not fit begins at its root.
    this.scroller.scrollLeft = this.layout.places[0].x * this.scale - room / 2;
  }

  /**
   * Zoom around a point.
   * @param {number} factor
   * @param {number} [x] from the left of the window on the tree; default: its middle.
   * @param {number} [y]
   */
  zoom(factor, x = this.scroller.clientWidth / 2, y = this.scroller.clientHeight / 2) {
    const before = this.scale || 1;
    this.scale = Math.min(SCALES[1], Math.max(SCALES[0], before * factor));
    const ratio = this.scale / before;
    const { scrollLeft, scrollTop } = this.scroller;
    this.#size();
    this.scroller.scrollTo((scrollLeft + x) * ratio - x, (scrollTop + y) * ratio - y);
    this.card.place();
  }

  #size() {
    const { width, height } = /** @type {import("./layout.js").Layout} */ (this.layout);
    const scale = this.scale || 1;
    this.picture.setAttribute("viewBox", `0 0 ${width.toFixed(0)} ${height.toFixed(0)}`);
    this.picture.setAttribute("width", (width * scale).toFixed(0));
    this.picture.setAttribute("height", (height * scale).toFixed(0));
  }

  /** Unfold what hides a node. @param {number} index */
  #see(index) {
    for (const above of pathToRoot(this.sentence.nodes, index).slice(1)) this.folded.delete(above);
  }

  /** @param {number} index */
  #scrollTo(index) {
    const place = this.layout?.places.find((each) => each.node === index);
    if (!place) return;
    const scale = this.scale || 1;
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.scroller;
    const [x, y] = [place.x * scale, place.y * scale];
    if (x < scrollLeft + 30 || x > scrollLeft + clientWidth - 30) {
      this.scroller.scrollLeft = x - clientWidth / 2;
    }
    if (y < scrollTop || y > scrollTop + clientHeight - 30) {
      this.scroller.scrollTop = y - clientHeight / 2;
    }
  }

  /** @param {Event} event @returns {number} the node at which it happened, or -1. */
  #nodeOf(event) {
    const item = /** @type {Element} */ (event.target).closest("[data-node]");
    return item ? Number(item.getAttribute("data-node")) : -1;
  }

  #onHover = (/** @type {PointerEvent} */ event) => {
    const index = this.#nodeOf(event);
    if (index >= 0 && event.pointerType !== "touch") this.card.hover(index);
    else this.card.leave();
  };

  #onClick = (/** @type {MouseEvent} */ event) => {
    const index = this.#nodeOf(event);
    if (event.detail > 1) return;
    this.select(index === this.selected ? -1 : index);
    if (index >= 0) this.items.get(index)?.focus({ preventScroll: true });
  };

  #onDouble = (/** @type {MouseEvent} */ event) => {
    const index = this.#nodeOf(event);
    if (index >= 0) this.toggle(index);
  };

  #onFocus = (/** @type {FocusEvent} */ event) => {
    const index = this.#nodeOf(event);
    if (index < 0) return;
    this.#activate(index);
    this.card.hover(index);
  };

  /** @param {number} index */
  #activate(index) {
    this.items.get(this.active)?.setAttribute("tabindex", "-1");
    this.active = index;
    this.items.get(index)?.setAttribute("tabindex", "0");
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { nodes, rtl } = this.sentence;
    const node = nodes[this.active];
    const seen = [...this.items.keys()];
    const at = seen.indexOf(this.active);
    const [open, close] = rtl ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    let target = this.active;
    if (event.key === "ArrowDown") target = seen[at + 1] ?? target;
    else if (event.key === "ArrowUp") target = seen[at - 1] ?? target;
    else if (event.key === "Home") target = 0;
    else if (event.key === "End") target = seen[seen.length - 1];
    else if (event.key === open) {
      if (this.folded.has(this.active)) this.toggle(this.active);
      else target = node.children[0] ?? target;
    } else if (event.key === close) {
      if (node.children.length && !this.folded.has(this.active)) this.toggle(this.active);
      else target = Math.max(node.parent, 0);
    } else if (event.key === "Enter") this.select(this.active === this.selected ? -1 : this.active);
    else if (event.key === " ") this.toggle(this.active);
    else if (event.key === "Escape") this.select(-1);
    else if (event.key === "+") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (/^[1-5]$/.test(event.key) && this.options.onCorrect) {
      const label = this.places[Number(event.key) - 1];
      if (label !== undefined) this.correct(this.active, label);
    } else return;
    event.preventDefault();
    if (target === this.active) return;
    this.#activate(target);
    this.items.get(target)?.focus({ preventScroll: true });
    this.#scrollTo(target);
  };
}
