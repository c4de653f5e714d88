// Making elements. Text always goes in as text nodes: nothing from the data is ever parsed as HTML.

type Child = Node | string | number | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | EventListener>;

const SVG = "http://www.w3.org/2000/svg";

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

// h("td.num.bad", {title: "…"}, "text", node): an HTML element with classes.
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K];
export function h(tag: string, attributes?: Attributes, ...children: Child[]): HTMLElement;
export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name ?? "div");
  if (classes.length > 0) element.className = classes.join(" ");
  fill(element, attributes, children);
  return element;
}

// The same for SVG.
export function s(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const [name, ...classes] = tag.split(".");
  const element = document.createElementNS(SVG, name ?? "g");
  if (classes.length > 0) element.setAttribute("class", classes.join(" "));
  fill(element, attributes, children);
  return element;
}

// A picture with a text alternative.
export function picture(width: number, height: number, label: string, name: string): SVGElement {
  return s(`svg.${name}`, {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": label,
  });
}

export function tip(text: string): SVGElement {
  return s("title", {}, text);
}

// One of several choices, as a row of buttons.
export function choice<T extends string>(
  label: string,
  options: readonly (readonly [T, string])[],
  value: T,
  onChange: (value: T) => void,
): HTMLElement {
  const group = h("div.choice", { role: "group", "aria-label": label });
  const buttons = options.map(([key, text]) => {
    const button = h("button", { type: "button", "aria-pressed": String(key === value) }, text);
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      onChange(key);
    });
    return button;
  });
  group.append(...buttons);
  return group;
}
