/** Asks the server that the page came from. */

/** What the server refuses, or that it cannot be reached; the message is for people. */
export class AskError extends Error {
  /**
   * @param {string} message
   * @param {number} status of the answer; 0 if there is none.
   * @param {number} wait seconds after which to try again.
   */
  constructor(message, status, wait) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

/**
 * A model and a parser.
 * @typedef {object} Reader
 * @property {string} model
 * @property {string} parser
 */

/**
 * @typedef {object} Served
 * @property {Reader[]} readers
 * @property {boolean} corrections whether it keeps corrected trees.
 * @property {{characters: number, texts: number, body_bytes: number}} limits
 */

/** A server may want a token; it is kept as long as the page is open. */
let token = "";

/** @param {string} given */
export function useToken(given) {
  token = given.trim();
}

/**
 * What the server can read with.
 * @returns {Promise<Served>}
 */
export async function askModels() {
  const answer = await ask("api/models");
  const readers = answer.models.flatMap((/** @type {{name: string}} */ { name }) =>
    answer.parsers.map((/** @type {string} */ parser) => ({ model: name, parser })),
  );
  return { readers, corrections: answer.corrections, limits: answer.limits };
}

/**
 * The result of a text, with its trees and why.
 * @param {string} text
 * @param {Reader} reader
 * @param {AbortSignal} [signal]
 */
export function askScore(text, reader, signal) {
  return ask("api/score", { text, ...reader, explain: true }, signal);
}

/**
 * The results of many texts, without trees.
 * @param {string[]} texts
 * @param {Reader} reader
 * @param {AbortSignal} signal
 * @returns {Promise<any[]>} one for each text; `{error}` for one that cannot be scored.
 */
export async function askScores(texts, reader, signal) {
  return (await ask("api/score", { texts, ...reader, level: "review" }, signal)).results;
}

/**
 * Add corrected trees to those that the server keeps.
 * @param {string[]} trees in brackets
 */
export function askToKeep(trees) {
  return ask("api/corrections", { trees });
}

/**
 * @param {string} path
 * @param {object} [body]
 * @param {AbortSignal} [signal]
 */
async function ask(path, body, signal) {
  /** @type {Record<string, string>} */
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  if (body) headers["content-type"] = "application/json";
  const method = body ? "POST" : "GET";
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AskError("", 0, 1);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const wait = Number(response.headers.get("retry-after")) || 1;
  throw new AskError(answer.error ?? response.statusText, response.status, wait);
}
