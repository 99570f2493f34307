/** Many results: a table that can be filtered, searched and sorted; a row opens its trees. */

import { badge, probabilityBar } from "./bar.js";
import { button, el } from "./dom.js";
import { shortened } from "./layout.js";
import { readResult } from "./model.js";
import { LABELS } from "./palette.js";
import { showResult } from "./result.js";

/** @import { Corrections } from "./corrections.js" */
/** @import { Strings } from "../strings/en.js" */

/**
 * @typedef {object} Row
 * @property {number} row its number, from 1.
 * @property {any} answer `Result.to_dict()`; its sentences may be missing.
 * @property {string} [error] why it was not scored.
 */

const PAGE = 25;
const UNSCORED = LABELS.length;

export class RowsView {
  /**
   * @param {Row[]} rows
   * @param {Strings} strings
   * @param {Corrections} corrections
   * @param {(row: Row) => Promise<any>} [load] the answer of a row with its trees.
   */
  constructor(rows, strings, corrections, load = async (row) => row.answer) {
    this.rows = rows;
    this.load = load;
    this.strings = strings;
    this.corrections = corrections;
    this.page = 0;
    this.wanted = -1;
    this.words = "";
    this.order = "given";
    this.body = el("tbody");
    this.count = el("span.count", { role: "status" });
    this.pages = el("nav.pages");
    const names = [strings.row, strings.verdictColumn, strings.text];
    const head = el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name)));
    const table = el("table.rows", {}, el("thead", {}, head), this.body);
    this.element = el("div.table", {}, this.#controls(), table, this.pages);
    this.draw();
  }

  /** More rows have come, or what is looked for has changed. */
  draw() {
    const { strings } = this;
    const found = this.found();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    this.page = Math.min(this.page, pages - 1);
    this.count.textContent = strings.rows(found.length, this.rows.length);
    const shown = found.slice(this.page * PAGE, (this.page + 1) * PAGE);
    this.body.replaceChildren(...shown.flatMap((row) => this.#row(row)));
    const turn = (/** @type {number} */ step) => () => {
      this.page += step;
      this.draw();
      this.element.scrollIntoView({ block: "start" });
    };
    this.pages.hidden = pages < 2;
    this.pages.replaceChildren(
      button(strings.previous, turn(-1), { disabled: !this.page }),
      el("span", {}, strings.page(this.page + 1, pages)),
      button(strings.next, turn(1), { disabled: this.page === pages - 1 }),
    );
  }

  /** The rows that are looked for, in order. @returns {Row[]} */
  found() {
    const words = this.words.toLowerCase();
    const found = this.rows.filter(
      (row) =>
        (this.wanted < 0 || classOf(row) === this.wanted) &&
        (!words || String(row.answer.text).toLowerCase().includes(words)),
    );
    /** @type {Record<string, (row: Row) => number>} */
    const keys = {
      worst: (row) => row.answer.score ?? 9,
      best: (row) => -(row.answer.score ?? -9),
      unsure: (row) => Math.max(...(row.answer.probabilities ?? [9])),
    };
    const key = keys[this.order];
    return key ? found.sort((a, b) => key(a) - key(b)) : found;
  }

  #controls() {
    const { strings } = this;
    const select = (
      /** @type {string} */ label,
      /** @type {[string | number, string][]} */ choices,
      /** @type {(value: string) => void} */ act,
    ) => {
      const options = choices.map(([value, text]) => el("option", { value }, text));
      const change = (/** @type {any} */ event) => {
        act(event.target.value);
        this.page = 0;
        this.draw();
      };
      return el("label", {}, label, el("select", { change }, ...options));
    };
    const search = el("input", {
      ...{ type: "search", placeholder: strings.search, "aria-label": strings.search },
      input: (/** @type {any} */ event) => {
        this.words = event.target.value;
        this.page = 0;
        this.draw();
      },
    });
    /** @type {[string | number, string][]} */
    const classes = [[-1, strings.all], ...strings.labels.map(numbered), [UNSCORED, strings.unscored]];
    return el(
      "div.controls",
      {},
      search,
      select(strings.filter, classes, (value) => (this.wanted = Number(value))),
      select(
        strings.sort,
        [
          ["given", strings.asGiven],
          ["worst", strings.worstFirst],
          ["best", strings.bestFirst],
          ["unsure", strings.unsureFirst],
        ],
        (value) => (this.order = value),
      ),
      this.count,
    );
  }

  /** @param {Row} row @returns {HTMLElement[]} the row, and one below it for its trees. */
  #row(row) {
    const { strings } = this;
    const { answer } = row;
    const below = el("tr.opened", { hidden: true }, el("td", { colspan: 3 }));
    const open = async (/** @type {any} */ event) => {
      const pressed = event.currentTarget;
      below.hidden = !below.hidden;
      pressed.setAttribute("aria-expanded", String(!below.hidden));
      if (below.hidden || below.firstChild.firstChild) return;
      try {
        const whole = await this.load(row);
        below.firstChild.replaceChildren(
          whole.sentences
            ? showResult(readResult(whole), strings, this.corrections)
            : el("p.problem", {}, strings.noTree),
        );
      } catch (error) {
        below.firstChild.replaceChildren(el("p.problem", {}, String(error)));
      }
    };
    const text = el(
      "button.open",
      { type: "button", "aria-expanded": "false", click: open },
      el("span", { dir: "auto" }, shortened(String(answer.text), 220)),
    );
    const label = classOf(row);
    const verdict =
      label === UNSCORED
        ? [el("span.problem", {}, row.error || (answer.problems ?? []).join("; ") || strings.unscored)]
        : [badge(label, strings), probabilityBar(answer.probabilities, strings)];
    const cells = [
      el("td.number", {}, String(row.row)),
      el("td.class", {}, ...verdict),
      el("td", {}, label === UNSCORED ? el("span", { dir: "auto" }, shortened(String(answer.text), 220)) : text),
    ];
    return [el("tr", {}, ...cells), below];
  }
}

/** @param {string} text @param {number} index @returns {[number, string]} */
function numbered(text, index) {
  return [index, text];
}

/** @param {Row} row */
function classOf(row) {
  const label = LABELS.indexOf(row.answer.label);
  return label < 0 ? UNSCORED : label;
}
