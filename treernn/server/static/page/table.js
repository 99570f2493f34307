/** A table of texts: choose the column, score its rows, look at them, save them with verdicts. */

import { probabilityBar } from "../result/bar.js";
import { button, el, saveFile } from "../result/dom.js";
import { LABELS } from "../result/palette.js";
import { RowsView } from "../result/rows.js";
import { AskError, askScore } from "./api.js";
import { scoreAll } from "./batches.js";
import { parseTable, textColumn, writeTable } from "./csv.js";

/** @import { Corrections } from "../result/corrections.js" */
/** @import { Row } from "../result/rows.js" */
/** @import { Strings } from "../strings/en.js" */
/** @import { Reader, Served } from "./api.js" */

/**
 * @typedef {object} TableOptions
 * @property {Reader} reader
 * @property {Served["limits"]} limits
 * @property {Corrections} corrections
 * @property {AbortSignal} signal ends the scoring.
 * @property {Strings} strings
 */

export class TableView {
  /**
   * @param {string} name of the file.
   * @param {string} text its content.
   * @param {TableOptions} options
   */
  constructor(name, text, options) {
    this.name = name;
    this.options = options;
    const [first = [], ...rest] = parseTable(text);
    // A file with a text in each line has no header.
    const plain = /\.txt$/i.test(name);
    this.header = plain ? ["text"] : first;
    this.cells = plain ? text.split(/\r?\n/).filter((line) => line.trim()).map((line) => [line]) : rest;
    this.column = Math.max(0, textColumn(this.header, this.cells));
    /** @type {Row[]} */
    this.rows = [];
    this.scoring = false;
    this.problem = "";
    this.element = el("section.file-table");
  }

  /** Show everything again, in this language. @param {Strings} strings */
  speak(strings) {
    this.options.strings = strings;
    this.summary = el("div.summary");
    this.view = this.rows.length || this.scoring ? this.#view() : null;
    this.progress = el("progress", { max: this.cells.length, value: 0, "aria-label": strings.progress });
    this.element.replaceChildren(
      el("div.file-head", {}, el("h2", {}, this.name), this.#choice(), this.progress),
      this.summary,
      ...(this.view ? [this.view.element] : []),
    );
    this.#update();
  }

  #view() {
    const { strings, corrections, reader } = this.options;
    const load = async (/** @type {Row} */ row) => {
      if (!row.answer.sentences) row.answer = await askScore(row.answer.text, reader);
      return row.answer;
    };
    return new RowsView(this.rows, strings, corrections, load);
  }

  #choice() {
    const { strings } = this.options;
    if (!this.cells.length) return el("p.problem", {}, strings.noRows);
    const change = (/** @type {any} */ event) => (this.column = Number(event.target.value));
    const choices = this.header.map((name, index) =>
      el("option", { value: index, selected: index === this.column }, name || `${index + 1}`),
    );
    this.save = button(strings.saveTable, () => this.#save());
    this.begin = button(strings.scoreRows(this.cells.length), () => this.score(), { class: "primary" });
    const select = el("select", { change }, ...choices);
    return el("div.choices", {}, el("label", {}, strings.column, select), this.begin, this.save);
  }

  /** What has changed while rows are scored. */
  #update() {
    const { strings } = this.options;
    const done = this.rows.length;
    if (this.progress) {
      this.progress.hidden = !this.scoring;
      this.progress.value = done;
    }
    if (this.begin) this.begin.disabled = this.scoring;
    if (this.save) this.save.hidden = !done || this.scoring;
    if (!this.summary) return;
    const scored = this.rows.filter((row) => row.answer.label);
    const shares = LABELS.map(
      (label) => scored.filter((row) => row.answer.label === label).length / (scored.length || 1),
    );
    this.summary.replaceChildren(
      ...(this.problem ? [el("p.error", { role: "alert" }, this.problem)] : []),
      ...(done ? [el("p", {}, strings.scored(scored.length, this.cells.length))] : []),
      ...(scored.length ? [probabilityBar(shares, strings, true)] : []),
    );
  }

  /** Score all rows, batch by batch. */
  async score() {
    const { reader, signal, strings, limits } = this.options;
    this.rows = [];
    this.scoring = true;
    this.problem = "";
    this.speak(strings);
    const texts = this.cells.map((row) => row[this.column] ?? "");
    try {
      for await (const answers of scoreAll(texts, reader, limits, signal)) {
        for (const answer of answers) {
          const row = this.rows.length;
          const scored = answer.error ? { text: texts[row], label: null, problems: [] } : answer;
          this.rows.push({ row: row + 1, answer: scored, error: answer.error });
        }
        this.view?.draw();
        this.#update();
      }
    } catch (error) {
      if (signal.aborted) return;
      const said = error instanceof AskError && !error.message ? strings.noServer : String(error);
      this.problem = said.replace(/^Error: /, "");
    }
    this.scoring = false;
    this.view?.draw();
    this.#update();
  }

  /** Save the table with the columns that `treernn score` adds. */
  #save() {
    // Stars of the table are not ours, and stay alone.
    const numbers = ["score", "stars"].filter((name) => !this.header.includes(name));
    const shares = LABELS.map((label) => `p_${label.replace(" ", "_")}`);
    const lines = this.rows.map(({ row, answer, error }) => [
      ...this.header.map((_, index) => this.cells[row - 1][index]),
      answer.label,
      answer.label && LABELS.indexOf(answer.label),
      ...(answer.probabilities ?? LABELS.map(() => null)),
      error ?? (answer.label ? null : (answer.problems ?? []).join("; ")),
      ...numbers.map((name) => answer[name]),
    ]);
    const header = [...this.header, "label", "sentiment", ...shares, "error", ...numbers];
    const name = `${this.name.replace(/\.[^.]*$/, "")}-scored.csv`;
    saveFile(name, new Blob(["\ufeff", writeTable([header, ...lines])], { type: "text/csv" }));
  }
}
