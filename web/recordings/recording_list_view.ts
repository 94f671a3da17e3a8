/// <reference lib="dom" />
import { breakable, make, showText } from "../shared/dom.ts";
import { duration } from "../shared/facts.ts";
import { bytesText, momentText } from "../shared/units.ts";
import { type Recording, timeOf } from "./recording.ts";

/** When a recording began, as people write it where the page is read. */
export function timeText(recording: Recording): string {
  return momentText(timeOf(recording));
}

/** Shows recordings as links that choose one. */
export class RecordingListView {
  readonly #list: HTMLElement;
  readonly #lengthOf: (recording: Recording) => number | undefined;
  readonly #links = new Map<string, HTMLAnchorElement>();

  /** `onChoose` gets the path of the recording that is clicked. */
  constructor(
    list: HTMLElement,
    lengthOf: (recording: Recording) => number | undefined,
    onChoose: (path: string) => void,
  ) {
    this.#list = list;
    this.#lengthOf = lengthOf;
    list.addEventListener("click", (event) => {
      const link = (event.target as Element).closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(link.dataset.path!);
    });
  }

  /** Shows these recordings in this order, `current` as the chosen one; links that stay keep the keyboard's focus. */
  show(recordings: readonly Recording[], current: string | undefined): void {
    for (const [path, link] of this.#links) {
      if (recordings.some((recording) => recording.path === path)) continue;
      link.parentElement?.remove();
      this.#links.delete(path);
    }
    for (const [i, recording] of recordings.entries()) this.#showRecording(recording, i, current);
  }

  #showRecording(recording: Recording, place: number, current: string | undefined): void {
    const link = this.#links.get(recording.path) ?? this.#add(recording);
    const item = link.parentElement!;
    if (this.#list.children[place] !== item) this.#list.insertBefore(item, this.#list.children[place] ?? null);
    showText(link.lastElementChild as HTMLElement, this.#summary(recording));
    if (recording.path === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }

  #add(recording: Recording): HTMLAnchorElement {
    const title = make("strong", {}, ...breakable(recording.stream));
    const time = make("span", { className: "when", textContent: timeText(recording) });
    const link = make("a", { href: `?file=${encodeURI(recording.path)}` }, title, time, make("small", {}));
    link.dataset.path = recording.path;
    make("li", {}, link);
    this.#links.set(recording.path, link);
    return link;
  }

  /** `0:06 · 1.2 MB`. */
  #summary(recording: Recording): string {
    const seconds = this.#lengthOf(recording);
    const length = recording.isWritten ? "being recorded" : seconds === undefined ? "–:––" : duration(seconds * 1000);
    return `${length} · ${bytesText(recording.bytes)}`;
  }
}
