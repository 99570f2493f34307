/** The card beside a node: its phrase, its probabilities, and what a reader can do with it. */

import { badge, placesOf, probabilityLines } from "./bar.js";
import { button, el } from "./dom.js";
import { LOOKS } from "./palette.js";
import { shortened } from "./layout.js";

export class DetailCard {
  /** @param {import("./tree.js").TreeView} tree */
  constructor(tree) {
    this.tree = tree;
    this.hovered = -1;
    /** What is written, so that it is not written again while somebody uses it. */
    this.written = "";
    this.element = el("div.card-of-node", { hidden: true, keydown: this.#onKey });
  }

  /** The pointer or the focus is at a node. @param {number} index */
  hover(index) {
    if (this.hovered === index) return;
    this.hovered = index;
    this.show();
  }

  /** It is no longer there. */
  leave() {
    if (this.hovered < 0) return;
    this.hovered = -1;
    this.show();
  }

  /** The node of which the card speaks: that under the pointer, or the selected one; or -1. */
  get node() {
    return this.hovered >= 0 ? this.hovered : this.tree.selected;
  }

  /** Write the card of its node. */
  show() {
    const { node: index, tree } = this;
    this.element.hidden = index < 0;
    if (index < 0) return;
    const node = tree.sentence.nodes[index];
    const other = tree.otherLabelOf(index);
    const pinned = index === tree.selected;
    const state = JSON.stringify([index, pinned, tree.lookOf(index)]);
    if (state === this.written) return this.place();
    this.written = state;
    const buttons = [...this.element.querySelectorAll("button")];
    const focused = buttons.findIndex((each) => each === document.activeElement);
    this.element.classList.toggle("pinned", pinned);
    this.element.replaceChildren(
      el("div.phrase", { dir: "auto" }, shortened(node.text, 160)),
      badge(tree.labelOf(index), tree.strings),
      ...(other < 0 ? [] : [" ", tree.strings.otherwise(tree.strings.labels[other])]),
      probabilityLines(node.probabilities, tree.strings),
      ...(pinned ? [this.#actions(index)] : []),
    );
    if (focused >= 0) this.element.querySelectorAll("button")[focused]?.focus();
    this.place();
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    const { node, tree } = this;
    tree.select(-1);
    tree.items.get(node)?.focus({ preventScroll: true });
  };

  /** @param {number} index */
  #actions(index) {
    const { tree } = this;
    const { strings, options, sentence } = tree;
    const actions = el("div.actions");
    if (options.onCorrect) {
      const choices = placesOf(sentence.probabilities).map((label) => {
        const look = LOOKS[label];
        const chosen = tree.labelOf(index) === label;
        const choice = button(look.sign, () => tree.correct(index, label), {
          ...{ "aria-label": strings.labels[label], "aria-pressed": String(chosen) },
          title: strings.labels[label],
        });
        if (look.paper) Object.assign(choice.style, { background: look.paper, color: look.ink });
        return choice;
      });
      actions.append(
        el("div.classes", { role: "group", "aria-label": strings.setClass }, ...choices),
      );
    }
    const row = el("div.row");
    if (sentence.nodes[index].children.length) {
      const text = tree.folded.has(index) ? strings.unfold : strings.fold;
      row.append(button(text, () => tree.toggle(index)));
    }
    row.append(button(strings.close, () => tree.select(-1)));
    actions.append(row);
    return actions;
  }

  /** Put the card beside its node, within the window on the tree. */
  place() {
    const { node: index, tree } = this;
    const { layout, scroller } = tree;
    const place = layout?.places.find((each) => each.node === index);
    if (!layout || !place) return;
    const scale = tree.scale || 1;
    // A picture that is narrower than its window stands in the middle of it.
    const offset = Math.max(0, (scroller.clientWidth - layout.width * scale) / 2);
    const x = place.x * scale - scroller.scrollLeft + offset;
    const y = place.y * scale - scroller.scrollTop;
    const { offsetWidth: width } = this.element;
    const reach = 26 * Math.max(scale, 0.8);
    // Beside all that is below the node, so that it is seen; where there is no room, below it.
    const { last } = tree.sentence.nodes[index];
    const below = layout.places.filter((each) => each.node >= index && each.node <= last);
    const edges = below.map((each) => each.x * scale - scroller.scrollLeft + offset);
    const right = Math.max(...edges) + reach;
    const left = Math.min(...edges) - reach - width;
    const fits = right + width <= scroller.clientWidth ? right : left >= 0 ? left : -1;
    const middle = Math.max(4, Math.min(scroller.clientWidth - width - 4, x - width / 2));
    this.element.style.left = `${fits < 0 ? middle : fits}px`;
    this.element.style.top = `${fits < 0 ? y + reach : Math.max(0, y - reach)}px`;
  }
}
