/** Draws a tree that has been laid out: as SVG, as a file of SVG, and on a canvas. */

import { svgEl } from "./dom.js";
import { LOOKS } from "./palette.js";

/** @import { Layout, Place } from "./layout.js" */

/**
 * How a node looks.
 * @typedef {object} Look
 * @property {number} label its class, 0 to 4.
 * @property {boolean} folded whether phrases below it are not seen.
 * @property {boolean} corrected whether a reader has set its class.
 * @property {boolean} [differs] whether another reader gives it another class.
 */

const RADIUS = 13;
const NEUTRAL_RADIUS = 7;
const FILE_INK = "#1f2328";
const FILE_LINE = "#9aa3af";
const FILE_FONT = "14px system-ui, sans-serif";

/**
 * The circle, the sign and the words of a node, around its place.
 * @param {Place} place
 * @param {Look} look
 * @returns {SVGElement[]}
 */
export function drawNode(place, look) {
  const { paper, ink, sign } = LOOKS[look.label];
  const radius = paper ? RADIUS : NEUTRAL_RADIUS;
  const shapes = [svgEl("circle.touch", { r: 20, fill: "transparent" })];
  if (look.folded) shapes.push(svgEl("circle.fold", { r: radius + 4 }));
  if (look.differs) shapes.push(svgEl("circle.differs", { r: radius + 6 }));
  const color = paper ? { fill: paper } : {};
  shapes.push(svgEl(paper ? "circle.dot" : "circle.dot.neutral", { r: radius, ...color }));
  if (paper) shapes.push(svgEl("text.sign", { y: 5, fill: ink }, sign));
  if (look.corrected) {
    shapes.push(svgEl("circle.corrected", { cx: radius - 2, cy: 2 - radius, r: 5 }));
  }
  if (place.words) shapes.push(svgEl("text.words", { y: 34, dir: "auto" }, place.words));
  return shapes;
}

/**
 * A picture that any program can open: black on white.
 * @param {Layout} layout
 * @param {(node: number) => Look} lookOf
 * @returns {string} a file of SVG.
 */
export function svgFile(layout, lookOf) {
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  const picture = svgEl("svg", {
    ...{ width, height, viewBox: `0 0 ${width} ${height}`, "text-anchor": "middle" },
    // No style: the policy of the page forbids it even here.
    ...{ "font-family": "system-ui, sans-serif", "font-size": 14 },
  });
  picture.append(
    svgEl("rect", { width, height, fill: "#ffffff" }),
    svgEl("path", { d: layout.edges.join(""), fill: "none", stroke: FILE_LINE }),
  );
  for (const place of layout.places) {
    const group = svgEl("g", { transform: `translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})` });
    group.append(...drawNode(place, lookOf(place.node)));
    for (const shape of group.querySelectorAll(".touch")) shape.remove();
    for (const [name, fill, stroke] of FILE_PAINTS) {
      for (const shape of group.querySelectorAll(name)) {
        shape.setAttribute("fill", fill);
        if (stroke) shape.setAttribute("stroke", stroke);
      }
    }
    picture.append(group);
  }
  for (const shape of picture.querySelectorAll("[class]")) shape.removeAttribute("class");
  return new XMLSerializer().serializeToString(picture);
}

const FILE_PAINTS = [
  [".words", FILE_INK, ""],
  [".dot.neutral", "#ffffff", FILE_LINE],
  [".fold", "none", FILE_LINE],
  [".differs", "none", "#b45309"],
  [".corrected", "#f5b301", "#ffffff"],
];

/**
 * The same picture in pixels.
 * @param {Layout} layout
 * @param {(node: number) => Look} lookOf
 * @returns {Promise<Blob>} a file of PNG.
 */
export function pngFile(layout, lookOf) {
  const canvas = document.createElement("canvas");
  // Browsers limit the sides of a canvas.
  const scale = Math.min(2, 16_000 / layout.width, 16_000 / layout.height);
  canvas.width = Math.ceil(layout.width * scale);
  canvas.height = Math.ceil(layout.height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(scale, scale);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, layout.width, layout.height);
  context.strokeStyle = FILE_LINE;
  context.stroke(new Path2D(layout.edges.join("")));
  context.font = FILE_FONT;
  context.textAlign = "center";
  for (const place of layout.places) paintNode(context, place, lookOf(place.node));
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Place} place
 * @param {Look} look
 */
function paintNode(context, { x, y, words }, look) {
  const { paper, ink, sign } = LOOKS[look.label];
  const radius = paper ? RADIUS : NEUTRAL_RADIUS;
  const circle = (
    /** @type {[number, number, number]} */ [cx, cy, r],
    /** @type {string} */ fill,
    /** @type {string} */ stroke,
  ) => {
    context.beginPath();
    context.arc(cx, cy, r, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.strokeStyle = stroke;
    if (fill) context.fill();
    if (stroke) context.stroke();
  };
  if (look.folded) circle([x, y, radius + 4], "", FILE_LINE);
  if (look.differs) circle([x, y, radius + 6], "", "#b45309");
  circle([x, y, radius], paper || "#ffffff", paper ? "" : FILE_LINE);
  context.fillStyle = ink || FILE_INK;
  if (paper) context.fillText(sign, x, y + 5);
  context.fillStyle = FILE_INK;
  if (words) context.fillText(words, x, y + 34);
  if (look.corrected) circle([x + radius - 2, y + 2 - radius, 5], "#f5b301", "#ffffff");
}
