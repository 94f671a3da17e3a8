import type { Host, StopSignal } from "./host.ts";

/**
 * One Ctrl-C comes twice where a task runner passes on what the terminal has sent to both; what comes within this time,
 * in milliseconds, is the same wish.
 */
const SAME_WISH_MS = 500;

/** Exit codes of a process that a signal ended, as shells know them. */
const SIGNAL_EXIT: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Waits for the first signal to stop; another one, given later, ends the process at once. */
export class StopSignals implements Disposable {
  readonly #first = Promise.withResolvers<void>();
  readonly #listeners: readonly Disposable[];
  #firstAt?: number;

  constructor(host: Host) {
    this.#listeners = (["SIGINT", "SIGTERM"] as const).map((signal) =>
      host.onSignal(signal, () => {
        const now = host.clock.now();
        this.#firstAt ??= now;
        if (now - this.#firstAt >= SAME_WISH_MS) host.exit(SIGNAL_EXIT[signal]);
        this.#first.resolve();
      })
    );
  }

  /** Settles with the first of them. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
  }
}
