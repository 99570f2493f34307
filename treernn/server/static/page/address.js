/** What is shown is in the address, after `#`, which is never sent to a server: it can be shared. */

/** @import { Reader } from "./api.js" */

/**
 * @typedef {object} Shown
 * @property {string} text
 * @property {Reader | null} reader null: the server's first.
 * @property {Reader | null} other to compare with.
 */

/** Longer texts are not put into the address; programs that share addresses cut them off. */
const LONGEST = 8_000;

/** @returns {Shown} */
export function readAddress() {
  const values = new URLSearchParams(location.hash.slice(1));
  return {
    text: values.get("text") ?? "",
    reader: readReader(values.get("model"), values.get("parser")),
    other: readReader(values.get("with-model"), values.get("with-parser")),
  };
}

/** @param {string | null} model @param {string | null} parser @returns {Reader | null} */
function readReader(model, parser) {
  return model && parser ? { model, parser } : null;
}

/** @param {Shown} shown */
export function writeAddress({ text, reader, other }) {
  const values = new URLSearchParams();
  if (text && text.length <= LONGEST) values.set("text", text);
  if (text && reader) {
    values.set("model", reader.model);
    values.set("parser", reader.parser);
  }
  if (text && other) {
    values.set("with-model", other.model);
    values.set("with-parser", other.parser);
  }
  const hash = String(values);
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
}
