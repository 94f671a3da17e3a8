/// <reference lib="dom" />
import type { LiveAnswer } from "./live_stream.ts";

/** How often the server is asked what is live, in milliseconds. */
const POLL_MS = 2000;

/** Keeps asking the server what is live, except while the page is hidden. */
export class LiveList {
  readonly #onAnswer: (answer: LiveAnswer | undefined) => void;
  #timer?: number;
  #asking?: AbortController;

  /** `onAnswer` gets each answer; undefined when the server could not be asked. */
  constructor(onAnswer: (answer: LiveAnswer | undefined) => void) {
    this.#onAnswer = onAnswer;
    document.addEventListener("visibilitychange", () => this.refresh());
    this.refresh();
  }

  /** Asks at once. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (!document.hidden) this.#ask();
  }

  async #ask(): Promise<void> {
    const asking = this.#asking = new AbortController();
    const answer = await fetchLive(asking.signal);
    if (asking.signal.aborted) return;
    this.#onAnswer(answer);
    this.#timer = globalThis.setTimeout(() => this.refresh(), POLL_MS) as unknown as number;
  }
}

async function fetchLive(signal: AbortSignal): Promise<LiveAnswer | undefined> {
  try {
    const response = await fetch("/api/v1/live", { signal, cache: "no-store" });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
