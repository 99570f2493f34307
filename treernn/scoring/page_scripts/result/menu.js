/** A menu that copies a tree, or saves it as a file. */

import { toBrackets } from "./brackets.js";
import { button, el, saveFile } from "./dom.js";
import { pngFile, svgFile } from "./draw.js";

/** @import { TreeView } from "./tree.js" */

/**
 * @param {TreeView} tree
 * @param {() => object} json what JSON there is of it.
 * @returns {HTMLElement}
 */
export function saveMenu(tree, json) {
  const { strings } = tree;
  const layout = () => /** @type {import("./layout.js").Layout} */ (tree.layout);
  const text = (/** @type {string} */ content, /** @type {string} */ type) =>
    new Blob([content], { type });
  /** @type {[string, string, () => Blob | Promise<Blob>][]} */
  const formats = [
    [strings.asPng, "tree.png", () => pngFile(layout(), tree.lookOf)],
    [strings.asSvg, "tree.svg", () => text(svgFile(layout(), tree.lookOf), "image/svg+xml")],
    [strings.asJson, "tree.json", () => text(JSON.stringify(json(), null, 1), "application/json")],
    [
      strings.asBrackets,
      "tree.txt",
      () => text(`${toBrackets(tree.sentence.nodes, tree.options.corrections)}\n`, "text/plain"),
    ],
  ];
  const menu = el("details.menu", {}, el("summary", {}, strings.save));
  const rows = formats.map(([name, file, make]) => {
    const copied = async (/** @type {Event} */ event) => {
      const pressed = /** @type {HTMLElement} */ (event.currentTarget);
      const made = await make();
      try {
        await copyBlob(made);
      } catch {
        return saveFile(file, made); // a browser may forbid its clipboard
      }
      pressed.textContent = strings.copied;
      setTimeout(() => (pressed.textContent = strings.copy), 1500);
    };
    const saved = async () => saveFile(file, await make());
    return el(
      "div.row",
      {},
      el("span", {}, name),
      // A page that was not loaded safely has no clipboard.
      navigator.clipboard && button(strings.copy, copied, { "aria-label": `${strings.copy}: ${name}` }),
      button(strings.download, saved, { "aria-label": `${strings.download}: ${name}` }),
    );
  });
  menu.append(el("div.choices", {}, ...rows));
  menu.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") menu.open = false;
  });
  const leave = (/** @type {Event} */ event) => {
    if (menu.contains(/** @type {Node} */ (event.target))) return;
    menu.open = false;
  };
  menu.addEventListener("toggle", () => {
    const change = menu.open ? "addEventListener" : "removeEventListener";
    for (const name of ["pointerdown", "focusin"]) document[change](name, leave);
  });
  return menu;
}

/**
 * Pictures are copied as pictures, all else as text.
 * @param {Blob} blob
 */
async function copyBlob(blob) {
  if (blob.type !== "image/png") return navigator.clipboard.writeText(await blob.text());
  return navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]);
}
