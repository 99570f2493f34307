/**
 * Makes elements. A text is only ever set as text, so it cannot become markup.
 *
 * All modules of this folder are also put into one script (see `treernn/scoring/script.py`), so a
 * name at the top of a module is used by no other module, and imports and exports stay plain.
 */

/** @typedef {Record<string, string | number | boolean | ((event: any) => void) | undefined>} Attributes */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An HTML element.
 * @param {string} name of the element, with classes after points: `"div.card"`.
 * @param {Attributes} [attributes] functions are listeners; `undefined` and `false` are left out.
 * @param {...Child} children strings become text.
 * @returns {any} the element.
 */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  return fill(element, attributes, children);
}

/**
 * An SVG element.
 * @param {string} name of the element, with classes after points.
 * @param {Attributes} [attributes] as for `el`.
 * @param {...Child} children strings become text.
 * @returns {any} the element.
 */
export function svgEl(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  return fill(element, attributes, children);
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child || child === "").map(asNode));
  return element;
}

/** @param {any} child */
function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/**
 * A button.
 * @param {string} text
 * @param {(event: any) => void} act on a click.
 * @param {Attributes} [attributes]
 * @returns {HTMLButtonElement}
 */
export function button(text, act, attributes = {}) {
  return el("button", { type: "button", click: act, ...attributes }, text);
}

/**
 * Let the browser save a file.
 * @param {string} name of the file.
 * @param {Blob} blob its content.
 */
export function saveFile(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
