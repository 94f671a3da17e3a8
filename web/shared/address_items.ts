/// <reference lib="dom" />
import type { Address } from "./addresses.ts";
import { breakable, make } from "./dom.ts";

/** How long a button says that it has copied, in milliseconds. */
const CONFIRM_MS = 1600;

/** List items that show addresses, each with a button that copies it. */
export function addressItems(addresses: readonly Address[]): HTMLLIElement[] {
  return addresses.map(({ label, text }) => {
    const code = make("code", {}, ...breakable(text));
    const button = make("button", { type: "button", className: "secondary", textContent: "Copy" });
    button.setAttribute("aria-label", `Copy ${label}`);
    button.addEventListener("click", () => confirmCopy(button, code));
    return make("li", {}, make("span", { textContent: label }), code, button);
  });
}

async function confirmCopy(button: HTMLButtonElement, code: HTMLElement): Promise<void> {
  button.textContent = await copy(code) ? "Copied" : "Selected";
  setTimeout(() => button.textContent = "Copy", CONFIRM_MS);
}

/** Copies an element's text; where the page may not (plain http), leaves it selected and asks the browser the old way. */
async function copy(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return document.execCommand("copy");
  }
}
