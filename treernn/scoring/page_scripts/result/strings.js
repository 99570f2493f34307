/** The languages of the page. */

import { english } from "../strings/en.js";
import { traditionalChinese } from "../strings/zh-hant.js";

/** @import { Strings } from "../strings/en.js" */

/** @type {Strings[]} */
export const LANGUAGES = [english, traditionalChinese];

/**
 * The first that is spoken; English if there is none.
 * @param {readonly string[]} codes for example of `navigator.languages`.
 * @returns {Strings}
 */
export function stringsFor(codes) {
  for (const code of codes) {
    if (/^zh/i.test(code)) return traditionalChinese;
    if (/^en/i.test(code)) return english;
  }
  return english;
}
