/// <reference lib="dom" />
import { byId, showText } from "../../shared/dom.ts";

/** What is said where a page shows its picture, while there is none. */
export class StageNotice {
  readonly #notice = byId("notice", HTMLElement);

  /** `onAction` is called when the person takes up what the notice offers. */
  constructor(onAction: () => void) {
    byId("notice-action", HTMLButtonElement).addEventListener("click", onAction);
  }

  show(title: string, detail: string, action?: string): void {
    showText(byId("notice-title", HTMLElement), title);
    showText(byId("notice-detail", HTMLElement), detail);
    if (action) showText(byId("notice-action", HTMLElement), action);
    this.#notice.hidden = false;
  }

  /** Says what makes this page of no use here; there is nothing to be done. */
  showObstacle({ title, detail }: { readonly title: string; readonly detail: string }): void {
    this.show(title, detail);
    byId("notice-action", HTMLElement).hidden = true;
  }

  hide(): void {
    this.#notice.hidden = true;
  }
}
