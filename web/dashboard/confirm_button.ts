/// <reference lib="dom" />
import { make } from "../shared/dom.ts";

/** For so long a button waits for the second press, in milliseconds. */
const CONFIRM_MS = 4000;

/** Why a button cannot be used that changes something. */
export const READ_ONLY = "Needs a token that may change things";

/** A button for what cannot be undone: the second press counts. */
export function confirmButton(text: string, name: string, act: () => void): HTMLButtonElement {
  const button = make("button", { type: "button", className: "secondary danger", textContent: text });
  button.setAttribute("aria-label", name);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const calm = () => {
    clearTimeout(timer);
    timer = undefined;
    button.textContent = text;
    button.setAttribute("aria-label", name);
  };
  button.addEventListener("click", () => {
    if (timer !== undefined) {
      calm();
      act();
      return;
    }
    button.textContent = "Really?";
    button.setAttribute("aria-label", `${name}: press again to do it`);
    timer = setTimeout(calm, CONFIRM_MS);
  });
  button.addEventListener("blur", calm);
  return button;
}

/** Lets a button be used, or says why it cannot be. */
export function permit(button: HTMLButtonElement, mayWrite: boolean): void {
  button.disabled = !mayWrite;
  button.title = mayWrite ? "" : READ_ONLY;
}
