/// <reference lib="dom" />
import { playAddresses } from "../shared/addresses.ts";
import { addressItems } from "../shared/address_items.ts";
import { byId, showText } from "../shared/dom.ts";
import type { Words } from "../shared/words.ts";
import { keepField } from "./keep_field.ts";
import { pathFault, publishAddress } from "./upload/publish_address.ts";
import { keepAwake } from "./wake_lock.ts";

/** What a page publishes under, as its form says it. */
export interface PublishTarget {
  /** `app/name`. */
  readonly path: string;
  readonly key: string;
}

/** The part that all publishing pages have: the stream's name and key, the button, the badge, and where to watch. */
export class PublicationView {
  readonly #form = byId("publish-form", HTMLFormElement);
  readonly #path = byId("publish-path", HTMLInputElement);
  readonly #key = byId("publish-key", HTMLInputElement);
  readonly #fault = byId("publish-fault", HTMLElement);
  readonly #button = byId("go-live", HTMLButtonElement);
  readonly #badge = byId("badge", HTMLElement);
  readonly #status = byId("status", HTMLElement);
  readonly #watchCard = byId("watch-card", HTMLElement);
  readonly #watchLink = byId("watch-link", HTMLAnchorElement);
  readonly #title = document.title;
  #isOn = false;
  #awake?: Disposable;

  /** `page` names the page among what the browser keeps; `onToggle` is called when the person goes live or ends it. */
  constructor(page: string, onToggle: () => void) {
    keepField(this.#path, `${page}:path`);
    keepField(this.#key, "publish-key");
    const wanted = new URLSearchParams(location.search).get("stream");
    if (wanted) this.#path.value = wanted;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onToggle();
    });
    this.#path.addEventListener("input", () => this.#showFault(undefined));
    // Phones have no room for all tabs.
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** What the form says; undefined, and the person is told why, when it is no name for a stream. */
  read(): PublishTarget | undefined {
    const path = this.#path.value.trim();
    const fault = pathFault(path);
    this.#showFault(fault);
    if (fault) {
      this.#path.focus();
      return undefined;
    }
    return { path, key: this.#key.value };
  }

  /** Shows whether it is on: then the name and the key cannot be changed, and the device stays awake. */
  setOn(isOn: boolean): void {
    this.#isOn = isOn;
    this.#awake?.[Symbol.dispose]();
    this.#awake = isOn ? keepAwake() : undefined;
    this.#button.textContent = isOn ? "End stream" : "Go live";
    this.#button.classList.toggle("ending", isOn);
    this.#path.readOnly = isOn;
    this.#key.readOnly = isOn;
  }

  setEnabled(isEnabled: boolean): void {
    this.#button.disabled = !isEnabled;
  }

  show(words: Words): void {
    showText(this.#badge, words.label);
    this.#badge.dataset.tone = words.tone;
    showText(this.#status, words.title);
    this.#status.dataset.tone = words.tone;
    document.title = this.#isOn ? `${words.label} · ${this.#title}` : this.#title;
  }

  /** Shows where these streams can be watched. */
  showAddresses(paths: readonly string[], rtmpPort: number | null): void {
    const shown = `${paths} ${rtmpPort}`;
    this.#watchCard.hidden = paths.length === 0;
    if (this.#watchCard.dataset.shown === shown || paths.length === 0) return;
    this.#watchCard.dataset.shown = shown;
    this.#watchLink.href = `/index.html?stream=${paths[0]}`;
    const addresses = paths.flatMap((path) => playAddresses(path, { page: location, rtmpPort }));
    byId("watch-addresses", HTMLElement).replaceChildren(...addressItems(addresses));
  }

  #showFault(fault: string | undefined): void {
    showText(this.#fault, fault);
    if (fault) this.#path.setAttribute("aria-invalid", "true");
    else this.#path.removeAttribute("aria-invalid");
  }
}

/** The WebSocket address of a stream on the server that this page came from. */
export function addressOf({ path, key }: PublishTarget): string {
  return publishAddress(location, path, key);
}
