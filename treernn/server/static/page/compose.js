/** Where a text is written: with examples, and what it is read with. */

import { button, el } from "../result/dom.js";

/** @import { Strings } from "../strings/en.js" */
/** @import { Reader, Served } from "./api.js" */

// The models read English.
const EXAMPLES = [
  "It's not a bad movie, but the ending ruins everything.",
  "A trophy for the worst film of the year is no praise.",
  "Not once did I look at my watch. A small miracle! 😀",
  "Despite its weak ending, this is a warm, funny and moving film.",
  "The food was wonderful and the waiter charming. Sadly, we waited an hour for a table, and it was far too loud.",
];

const DELAY = 350;

/**
 * @typedef {object} Composed
 * @property {string} text
 * @property {Reader} reader
 * @property {Reader | null} other
 */

/**
 * @param {Composed} now
 * @param {Served} served
 * @param {Strings} strings
 * @param {(next: Composed) => void} changed is called soon after the text has changed.
 * @param {(files: FileList) => void} dropped
 * @returns {HTMLElement}
 */
export function composeForm(now, served, strings, changed, dropped) {
  let timer = 0;
  const area = el("textarea", {
    ...{ id: "text", rows: 2, dir: "auto", placeholder: strings.placeholder, spellcheck: "true" },
    input: () => {
      grow(area);
      clearTimeout(timer);
      timer = window.setTimeout(() => send({}), DELAY);
    },
  });
  area.value = now.text;
  const send = (/** @type {Partial<Composed>} */ change) => {
    clearTimeout(timer);
    Object.assign(now, { text: area.value }, change);
    changed(now);
  };
  const examples = EXAMPLES.map((text) => {
    const use = () => {
      area.value = text;
      grow(area);
      send({});
    };
    return button(text, use, { class: "example", title: text, lang: "en" });
  });
  const input = el("input.file", {
    ...{ type: "file", accept: ".csv,.tsv,.txt,text/csv", "aria-label": strings.chooseFile },
    change: () => input.files?.length && dropped(input.files),
  });
  const choose = button(strings.chooseFile, () => input.click());
  requestAnimationFrame(() => grow(area));
  const choices = readerChoices(now, served, strings, send);
  return el(
    "form.compose",
    { submit: (/** @type {Event} */ event) => event.preventDefault() },
    el("div.compose-head", {}, el("label", { for: "text" }, strings.prompt), input, choose),
    area,
    el("div.examples", { role: "group", "aria-label": strings.examples }, ...examples),
    choices.length ? el("div.choices", {}, ...choices) : null,
  );
}

/**
 * @param {Composed} now
 * @param {Served} served
 * @param {Strings} strings
 * @param {(change: Partial<Composed>) => void} send
 * @returns {HTMLElement[]} nothing if there is no choice.
 */
function readerChoices(now, { readers }, strings, send) {
  if (readers.length < 2) return [];
  const select = (
    /** @type {string} */ label,
    /** @type {Reader | null} */ chosen,
    /** @type {(Reader | null)[]} */ choices,
    /** @type {(reader: Reader | null) => void} */ act,
  ) => {
    const options = choices.map((reader, index) => {
      const selected = sameReader(reader, chosen);
      return el("option", { value: index, selected }, reader ? readerName(reader, readers) : "—");
    });
    const change = (/** @type {any} */ event) => act(choices[event.target.value]);
    return el("label", {}, label, el("select", { change }, ...options));
  };
  return [
    select(strings.readWith, now.reader, readers, (reader) => reader && send({ reader })),
    select(strings.compareWith, now.other, [null, ...readers], (other) => send({ other })),
  ];
}

/** @param {Reader | null} a @param {Reader | null} b */
export function sameReader(a, b) {
  return a?.model === b?.model && a?.parser === b?.parser;
}

/**
 * A name that tells a reader from the others.
 * @param {Reader} reader
 * @param {Reader[]} readers
 */
export function readerName({ model, parser }, readers) {
  const models = new Set(readers.map((each) => each.model)).size > 1;
  const parsers = new Set(readers.map((each) => each.parser)).size > 1;
  if (!parsers) return model;
  return models ? `${model} · ${parser}` : parser;
}

/** As high as its text. @param {HTMLTextAreaElement} area */
function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, innerHeight / 2)}px`;
}
