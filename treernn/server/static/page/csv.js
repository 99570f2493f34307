/** Tables as text: reading and writing CSV and TSV. */

const DELIMITERS = [",", ";", "\t", "|"];

// What a spreadsheet takes for a formula, unless it is a number (OWASP, CSV Injection).
const FORMULA = /^(?![-+]?\d+(?:[.,]\d+)*%?$)[\s\ufeff]*[=+\-@\t\r＝＋－＠]/;

/**
 * The text of a file: UTF-8, UTF-16 with a byte order mark, or else what Windows wrote.
 * @param {ArrayBuffer} bytes
 */
export function decodeText(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/**
 * The rows of a table; quotation marks as in RFC 4180.
 * @param {string} text
 * @returns {string[][]} blank lines are left out.
 */
export function parseTable(text) {
  text = text.replace(/^\ufeff/, "");
  const delimiter = delimiterOf(text);
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let row = [];
  let at = 0;
  const endRow = () => {
    if (row.length > 1 || row[0]) rows.push(row);
    row = [];
  };
  while (at < text.length) {
    let cell;
    if (text[at] === '"') [cell, at] = quoted(text, at + 1);
    else cell = "";
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
    row.push(cell + text.slice(start, at));
    if (text[at] === delimiter) {
      at++;
      if (at === text.length) row.push("");
      continue;
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    at++;
    endRow();
  }
  endRow();
  return rows;
}

/** @param {string} text @param {number} at after the mark. @returns {[string, number]} */
function quoted(text, at) {
  let cell = "";
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) return [cell + text.slice(at), text.length];
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return [cell, end + 1];
    cell += '"';
    at = end + 2;
  }
}

/** The delimiter that is most frequent in the first line. @param {string} text */
function delimiterOf(text) {
  const line = text.slice(0, 10_000).replace(/"[^"]*"/g, "").split(/[\r\n]/, 1)[0];
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/**
 * A table as CSV. What a spreadsheet would take for a formula follows an apostrophe.
 * @param {(string | number | null | undefined)[][]} rows
 */
export function writeTable(rows) {
  return rows.map((row) => `${row.map(writeCell).join(",")}\r\n`).join("");
}

/** @param {string | number | null | undefined} value */
function writeCell(value) {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * The column that most likely has the texts: by its name, or else the one with the longest.
 * @param {string[]} header
 * @param {string[][]} rows
 */
export function textColumn(header, rows) {
  const named = header.findIndex((name) =>
    /^(text|review|comment|body|content|sentence|message)s?$/i.test(name.trim()),
  );
  if (named >= 0) return named;
  const lengths = header.map((_, index) =>
    rows.slice(0, 200).reduce((sum, row) => sum + (row[index]?.length ?? 0), 0),
  );
  return lengths.indexOf(Math.max(...lengths));
}
