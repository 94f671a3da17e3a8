/// <reference lib="dom" />

/**
 * The page's element with this id.
 *
 * Throws `ReferenceError` when the page has none of this type: page and script belong together.
 */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new ReferenceError(`Cannot start: the page has no ${type.name} with id "${id}"`);
}

/** A new element with these properties and children; strings become text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A name, path or address as children of an element, which breaks lines after `/`, `_` and `?` where it has to. */
export function breakable(text: string): (Node | string)[] {
  return text.split(/(?<=[^/:][/_?])(?=[^/_?])/).flatMap((part, i) => i === 0 ? [part] : [make("wbr", {}), part]);
}

/** Shows a text in an element, and hides the element while there is none. */
export function showText(element: HTMLElement, text: string | undefined): void {
  element.hidden = !text;
  if (element.textContent !== (text ?? "")) element.textContent = text ?? "";
}
