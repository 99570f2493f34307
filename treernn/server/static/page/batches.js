/** Scores many texts in batches that the server takes. */

import { AskError, askScores } from "./api.js";

/** @import { Reader, Served } from "./api.js" */

const BATCH = 50;
const BATCH_CHARACTERS = 200_000;
const TRIES = 100;

/**
 * The results of all texts, in order, batch by batch.
 * @param {string[]} texts
 * @param {Reader} reader
 * @param {Served["limits"]} limits of the server.
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<any[]>} of a batch; `{error}` for a text that cannot be scored.
 */
export async function* scoreAll(texts, reader, limits, signal) {
  // A character is at most six bytes of JSON.
  const characters = Math.min(BATCH_CHARACTERS, limits.body_bytes / 8);
  let most = Math.min(BATCH, limits.texts);
  let tries = 0;
  for (let at = 0; at < texts.length; ) {
    const batch = batchFrom(texts, at, most, characters);
    try {
      const answers = await askScores(batch, reader, signal);
      signal.throwIfAborted();
      yield answers;
      at += batch.length;
      tries = 0;
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      const busy = error.status === 429 || error.status === 503;
      if (error.status === 413 && batch.length === 1) {
        yield [{ error: error.message }];
        at++;
      } else if ((!busy && error.status !== 413) || ++tries > TRIES) throw error;
      most = Math.max(1, Math.floor(batch.length / 2));
      if (busy) await new Promise((resolve) => setTimeout(resolve, 1000 * error.wait));
      signal.throwIfAborted();
    }
  }
}

/**
 * @param {string[]} texts
 * @param {number} at
 * @param {number} most texts.
 * @param {number} characters of all, unless the first has more.
 */
function batchFrom(texts, at, most, characters) {
  let sum = 0;
  let end = at;
  while (end < texts.length && end - at < most) {
    sum += texts[end].length;
    if (sum > characters && end > at) break;
    end++;
  }
  return texts.slice(at, end);
}
