import type { Clock } from "../../kernel/clock.ts";
import type { Grant, Verdict } from "../../kernel/plugin/hooks.ts";
import { type Posted } from "./post.ts";

/** Asks a backend; rejects when there is no answer. */
export type Ask = (url: string, body: string, signal: AbortSignal) => Promise<Posted>;

/** How answers are understood: what a good one means, or why it is none. */
export type Understand = (posted: Posted) => Verdict;

/** What a {@linkcode Decider} works with. */
export interface DeciderOptions {
  readonly ask: Ask;
  readonly understand: Understand;
  readonly clock: Clock;
  /** Whether no answer means yes. */
  readonly failOpen: boolean;
  /** For so long an answer counts for the same question, in milliseconds; 0 for no memory. */
  readonly cacheMs: number;
  /** Hears what went wrong with an answer. */
  readonly onFailure: (url: string, error: unknown) => void;
}

/** Questions at once to one backend: more would only wait there. */
const MAX_AT_ONCE = 64;

/** Questions that wait for their turn; what is beyond is told that the server is busy. */
const MAX_WAITING = 10_000;

/** Answers that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Has backends decide: each of them in turn must say yes. */
export class Decider {
  readonly #options: DeciderOptions;
  readonly #waiting: (() => void)[] = [];
  readonly #remembered = new Map<string, { readonly verdict: Verdict; readonly at: number }>();
  #running = 0;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  /** `topic` tells questions from each other that may have the same answer. */
  async decide(urls: readonly string[], topic: string, body: string, signal: AbortSignal): Promise<Verdict> {
    const known = this.#recall(topic);
    if (known) return known.verdict;
    let grant: Grant | undefined;
    for (const url of urls) {
      const verdict = await this.#ask(url, body, signal);
      if (verdict && "deny" in verdict) return this.#remember(topic, verdict);
      grant = { ...grant, ...verdict };
    }
    return this.#remember(topic, grant);
  }

  async #ask(url: string, body: string, signal: AbortSignal): Promise<Verdict> {
    const { ask, understand, failOpen, onFailure } = this.#options;
    try {
      using _turn = await this.#turn();
      return understand(await ask(url, body, signal));
    } catch (error) {
      onFailure(url, error);
      return failOpen ? undefined : { deny: "The server could not ask whether this is allowed" };
    }
  }

  async #turn(): Promise<Disposable> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw new Error("too many questions wait for an answer");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    return {
      [Symbol.dispose]: () => {
        const next = this.#waiting.shift();
        if (next) next();
        else this.#running--;
      },
    };
  }

  #recall(topic: string): { verdict: Verdict } | undefined {
    const known = this.#remembered.get(topic);
    if (known && this.#options.clock.now() - known.at < this.#options.cacheMs) return known;
  }

  #remember(topic: string, verdict: Verdict): Verdict {
    if (this.#options.cacheMs > 0) {
      this.#remembered.delete(topic);
      this.#remembered.set(topic, { verdict, at: this.#options.clock.now() });
      if (this.#remembered.size > MAX_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
    }
    return verdict;
  }
}
