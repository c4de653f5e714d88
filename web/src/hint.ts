// One tooltip for the page: whatever carries data-hint shows it on hover and on keyboard focus.

import { h } from "./dom";

export function installHints(): void {
  const box = h("div.hint", { role: "tooltip", hidden: true });
  document.body.append(box);

  const show = (target: Element, x: number, y: number) => {
    const text = target.getAttribute("data-hint") ?? "";
    box.replaceChildren(...text.split("\n").map((line) => h("div", {}, line)));
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect();
    const left = Math.min(Math.max(8, x + 12), window.innerWidth - width - 8);
    const below = y + 18 + height < window.innerHeight;
    box.style.left = `${left}px`;
    box.style.top = `${below ? y + 18 : Math.max(8, y - height - 10)}px`;
  };
  const hide = () => {
    box.hidden = true;
  };
  const hinted = (event: Event) =>
    event.target instanceof Element ? event.target.closest("[data-hint]") : null;

  document.addEventListener("pointermove", (event) => {
    const target = hinted(event);
    if (target) show(target, event.clientX, event.clientY);
    else hide();
  });
  document.addEventListener("pointerleave", hide);
  document.addEventListener("scroll", hide, { passive: true, capture: true });
  document.addEventListener("focusin", (event) => {
    const target = hinted(event);
    if (!target || !target.matches(":focus-visible")) return;
    const place = target.getBoundingClientRect();
    show(target, place.left, place.bottom - 8);
  });
  document.addEventListener("focusout", hide);
}
