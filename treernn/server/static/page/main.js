/** The page: a text is written, and its verdict, its words and its trees are shown. */

import { badge } from "../result/bar.js";
import { Corrections, correctionsBar } from "../result/corrections.js";
import { button, el, saveFile } from "../result/dom.js";
import { labelsByPlace, readResult } from "../result/model.js";
import { LABELS } from "../result/palette.js";
import { showResult } from "../result/result.js";
import { LANGUAGES, stringsFor } from "../result/strings.js";
import { readAddress, writeAddress } from "./address.js";
import { AskError, askModels, askScore, askToKeep, useToken } from "./api.js";
import { composeForm, readerName, sameReader } from "./compose.js";
import { decodeText } from "./csv.js";
import { TableView } from "./table.js";

/** @import { Strings } from "../strings/en.js" */
/** @import { Reader, Served } from "./api.js" */
/** @import { Composed } from "./compose.js" */

class App {
  constructor() {
    this.strings = stringsFor([stored("language"), ...navigator.languages]);
    this.corrections = new Corrections(() => this.showCorrections());
    this.output = el("div.output");
    this.said = el("p.said", { role: "status" }); // for screen readers: the verdict alone
    this.bar = el("div.corrections-place");
    /** @type {any[]} */
    this.answers = [];
    /** @type {TableView | null} */
    this.table = null;
    this.working = new AbortController();
    /** @type {Served} */
    this.served = { readers: [], corrections: false, limits: { characters: 0, texts: 0, body_bytes: 0 } };
    /** @type {Composed} */
    this.now = { text: "", reader: { model: "", parser: "" }, other: null };
    addEventListener("hashchange", () => this.follow());
    addEventListener("beforeunload", (event) => {
      if (this.corrections.corrected.length) event.preventDefault();
    });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      const files = event.dataTransfer?.files;
      if (files?.length && this.served.readers.length) this.openFiles(files);
    });
  }

  async start() {
    this.draw();
    try {
      this.served = await askModels();
    } catch (error) {
      this.showError(error, () => this.start());
      return;
    }
    this.follow();
  }

  /** Show what the address says. */
  follow() {
    const { text, reader, other } = readAddress();
    const known = (/** @type {Reader | null} */ wanted) =>
      this.served.readers.find((each) => sameReader(each, wanted)) ?? null;
    this.now = { text, reader: known(reader) ?? this.served.readers[0], other: known(other) };
    this.draw();
    this.score();
  }

  /** Everything but the results, which are shown again. */
  draw() {
    const { strings } = this;
    document.documentElement.lang = strings.code;
    document.title = `treernn · ${strings.tagline}`;
    const others = LANGUAGES.filter((each) => each !== strings);
    const languages = others.map((each) =>
      button(each.name, () => this.speak(each), { lang: each.code }),
    );
    const head = el(
      "header",
      {},
      el("div", {}, el("h1", {}, "treernn"), el("p", {}, strings.tagline)),
      el("div.languages", {}, ...languages),
    );
    page.replaceChildren(head, this.said, this.output, this.bar);
    if (!this.served.readers.length) return; // not yet known
    const score = () => this.score();
    const open = (/** @type {FileList} */ files) => this.openFiles(files);
    head.after(composeForm(this.now, this.served, strings, score, open));
    this.show();
    this.showCorrections();
  }

  /** @param {Strings} chosen */
  speak(chosen) {
    this.strings = chosen;
    store("language", chosen.code);
    this.draw();
  }

  /** Ask for the results of the text. */
  async score() {
    this.working.abort();
    this.table = null;
    const { text, reader, other } = this.now;
    writeAddress({ text, reader: this.served.readers.length > 1 ? reader : null, other });
    this.answers = [];
    if (!text.trim()) return this.show();
    this.working = new AbortController();
    const { signal } = this.working;
    this.output.setAttribute("aria-busy", "true");
    try {
      const readers = other ? [reader, other] : [reader];
      this.answers = await Promise.all(readers.map((each) => askScore(text, each, signal)));
      this.show();
    } catch (error) {
      if (!signal.aborted) this.showError(error, () => this.score());
    } finally {
      if (!signal.aborted) this.output.removeAttribute("aria-busy");
    }
  }

  /** Show the results that there are. */
  show() {
    const { strings, answers, now, corrections } = this;
    page.classList.toggle("wide", answers.length > 1);
    if (this.table) {
      this.table.speak(strings);
      this.output.replaceChildren(this.table.element);
      return;
    }
    const { labels } = strings;
    this.said.textContent = answers.map((each) => labels[LABELS.indexOf(each.label)] ?? "").join(", ");
    if (!answers.length) {
      this.output.replaceChildren(...(now.text.trim() ? [] : [intro(strings)]));
      return;
    }
    const results = answers.map(readResult);
    const columns = results.map((result, index) => {
      const other = results[1 - index];
      const others = other && labelsByPlace(other);
      const shown = showResult(result, strings, corrections, others);
      const reader = index ? now.other : now.reader;
      if (results.length > 1 && reader) {
        shown.prepend(el("h2.reader", {}, readerName(reader, this.served.readers)));
      }
      return shown;
    });
    this.output.replaceChildren(
      ...(results.length > 1 ? [agreement(results, strings)] : []),
      el("div.columns", {}, ...columns),
      ...(results[0].label >= 0 ? [this.actions(), el("p.hint", {}, strings.hint)] : []),
    );
  }

  actions() {
    const { strings } = this;
    const copyLink = async (/** @type {Event} */ event) => {
      const pressed = /** @type {HTMLElement} */ (event.currentTarget);
      await navigator.clipboard.writeText(location.href);
      pressed.textContent = strings.copied;
      setTimeout(() => (pressed.textContent = strings.copyLink), 1500);
    };
    const saveJson = () => {
      const value = this.answers.length > 1 ? this.answers : this.answers[0];
      const blob = new Blob([JSON.stringify(value, null, 1)], { type: "application/json" });
      saveFile("result.json", blob);
    };
    return el(
      "div.page-actions",
      {},
      // Without HTTPS only this machine has a clipboard.
      navigator.clipboard && button(strings.copyLink, copyLink),
      button(strings.saveJson, saveJson),
    );
  }

  showCorrections() {
    const send = this.served.corrections ? () => this.sendCorrections() : null;
    const shown = correctionsBar(this.corrections, this.strings, () => this.show(), send);
    this.bar.replaceChildren(...(shown ? [shown] : []));
  }

  /** Give the corrected trees to the server; they are forgotten here when it has them. */
  async sendCorrections() {
    const { corrections, strings, bar } = this;
    for (const each of bar.querySelectorAll("button")) each.disabled = true; // once is enough
    const trees = corrections.toLines();
    try {
      await askToKeep(trees);
    } catch (error) {
      const said = error instanceof AskError ? error.message || strings.noServer : String(error);
      this.showCorrections();
      bar.append(el("p.error", { role: "alert" }, said));
      return;
    }
    corrections.clear();
    this.show();
    bar.replaceChildren(el("div.corrections", { role: "status" }, strings.sentCorrections(trees.length)));
  }

  /** @param {unknown} error @param {() => void} again */
  showError(error, again) {
    const { strings } = this;
    const said = error instanceof AskError ? error.message || strings.noServer : String(error);
    const parts = [el("p", {}, said)];
    if (error instanceof AskError && error.status === 401) {
      const input = el("input", { type: "password", "aria-label": strings.token, autocomplete: "off" });
      const use = () => {
        useToken(input.value);
        again();
      };
      parts.push(el("p", {}, input, " ", button(strings.useToken, use)));
    } else parts.push(button(strings.tryAgain, again));
    this.output.replaceChildren(el("div.error", { role: "alert" }, ...parts));
  }

  /** @param {FileList} files */
  async openFiles(files) {
    this.working.abort();
    this.working = new AbortController();
    this.answers = [];
    this.output.removeAttribute("aria-busy");
    const { now, served, corrections, working } = this;
    const text = decodeText(await files[0].arrayBuffer());
    this.table = new TableView(files[0].name, text, {
      ...{ reader: now.reader, limits: served.limits, corrections, signal: working.signal },
      strings: this.strings,
    });
    this.show();
  }
}

/** What a reader sees before there is a text. @param {Strings} strings */
function intro(strings) {
  const legend = strings.labels.map((_, label) => el("li", {}, badge(label, strings)));
  return el("div.intro", {}, el("p", {}, strings.intro), el("ul.legend", {}, ...legend));
}

/**
 * @param {import("../result/model.js").Result[]} results of the same text.
 * @param {Strings} strings
 */
function agreement([first, second], strings) {
  const others = labelsByPlace(second);
  let differing = 0;
  for (const [place, label] of labelsByPlace(first)) {
    if (others.has(place) && others.get(place) !== label) differing++;
  }
  const said = [strings.agreement(first.label, second.label), strings.differing(differing)];
  return el("p.agreement", { role: "status" }, said.join(" "));
}

/** @param {string} name */
function stored(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return ""; // a browser may forbid it
  }
}

/** @param {string} name @param {string} value */
function store(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then the choice lasts as long as the page.
  }
}

const page = /** @type {HTMLElement} */ (document.querySelector("main"));
new App().start();
