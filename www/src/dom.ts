/** The element with this id; its absence is a mistake in index.html, told at once. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id ${id}`);
  return found;
}

/** An element with attributes and children. Text is only ever text: nothing here parses HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export type IconName = "check" | "cross" | "clock" | "alert" | "arrow" | "back";

const SVG = "http://www.w3.org/2000/svg";

/** One of the pictures in index.html; it says nothing that the words beside it do not. */
export function icon(name: IconName): SVGSVGElement {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

/** Says something to screen readers; the same words again are said again. */
export function announce(words: string): void {
  const announcer = byId("announcer", HTMLParagraphElement);
  announcer.textContent = "";
  requestAnimationFrame(() => {
    announcer.textContent = words;
  });
}
