/** The element with this id; its absence is a mistake in the page, told at once. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with the id ${id}`);
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

export type IconName = "check" | "cross" | "clock" | "alert" | "arrow";

const SVG = "http://www.w3.org/2000/svg";

/** One of the pictures in the page; it says nothing that the words beside it do not. */
export function icon(name: IconName): SVGSVGElement {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

/** Writes a text, unless it is there already: what is announced when it changes would be announced again. */
export function write(element: Element, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

/** Whether a click on a link is for this page, and not for another tab or window. */
export const isPlain = ({ metaKey, ctrlKey, shiftKey }: MouseEvent): boolean =>
  !(metaKey || ctrlKey || shiftKey);

/** Says something to screen readers; the same words again are said again. */
export function announce(words: string): void {
  const announcer = byId("announcer", HTMLParagraphElement);
  announcer.textContent = "";
  requestAnimationFrame(() => {
    announcer.textContent = words;
  });
}
