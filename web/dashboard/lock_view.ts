/// <reference lib="dom" />
import { byId, showText } from "../shared/dom.ts";

/** Asks for the token, which is never shown. */
export class LockView {
  readonly #card = byId("lock", HTMLElement);
  readonly #field = byId("token", HTMLInputElement);
  readonly #fault = byId("lock-fault", HTMLElement);

  /** `onToken` gets what was typed. */
  constructor(onToken: (token: string) => void) {
    byId("lock-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.#field.value.trim();
      this.#field.value = "";
      showText(this.#fault, undefined);
      if (token) onToken(token);
    });
  }

  /** Asks; `why` is what the server says, when a token was refused. That stays until another one is given. */
  ask(why: string | undefined): void {
    const wasHidden = this.#card.hidden;
    this.#card.hidden = false;
    if (why !== undefined) showText(this.#fault, why);
    if (wasHidden || why) this.#field.focus();
  }

  hide(): void {
    this.#card.hidden = true;
    showText(this.#fault, undefined);
  }
}
