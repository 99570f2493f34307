/** Moving and zooming a window on a large picture. */

/**
 * Drag with a mouse; fingers scroll anyway.
 * @param {HTMLElement} scroller
 */
export function dragToScroll(scroller) {
  /** @type {{x: number, y: number, left: number, top: number} | null} */
  let from = null;
  let moved = false;
  scroller.addEventListener("pointerdown", (event) => {
    moved = false;
    if (event.pointerType !== "mouse" || event.button) return;
    from = {
      ...{ x: event.clientX, y: event.clientY },
      ...{ left: scroller.scrollLeft, top: scroller.scrollTop },
    };
  });
  scroller.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!moved && Math.hypot(dx, dy) < 5) return;
    if (!moved) scroller.setPointerCapture(event.pointerId);
    moved = true;
    scroller.classList.add("dragged");
    scroller.scrollTo(from.left - dx, from.top - dy);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    scroller.addEventListener(name, () => {
      from = null;
      scroller.classList.remove("dragged");
    });
  }
  // The end of a drag is no click.
  const swallow = (/** @type {Event} */ event) => {
    if (moved) event.stopPropagation();
    moved = false;
  };
  scroller.addEventListener("click", swallow, { capture: true });
}

/**
 * Zoom with the wheel and Ctrl, which is also what two fingers on a touch pad send.
 * @param {HTMLElement} scroller
 * @param {(factor: number, x: number, y: number) => void} zoom
 */
export function wheelToZoom(scroller, zoom) {
  const onWheel = (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { left, top } = scroller.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
  };
  scroller.addEventListener("wheel", onWheel, { passive: false });
}
